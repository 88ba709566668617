"""Replaces micromamba, which is not on PyPI: does what Metaflow asks of it with rattler.

Rattler is another solver and installer of conda packages. A script named `micromamba` calls this module.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlretrieve

import rattler
from rattler.exceptions import SolverError

PLATFORM = str(rattler.Subdir.current())
HOME = Path(os.environ["MAMBA_ROOT_PREFIX"])
ENVIRONMENTS, PACKAGES = HOME / "envs", HOME / "pkgs"


def main(words):
    """Run a command line; return its output, to be printed as JSON, and its exit code."""
    match words:
        case ["config", "list", *_]:
            channels = os.environ["CONDA_CHANNELS"].split(",")
            places = {"envs_dirs": [str(ENVIRONMENTS)], "pkgs_dirs": [str(PACKAGES)]}
            return {"channels": channels, "platform": PLATFORM, **places}, 0
        case ["env", "list"]:
            return {"envs": [str(path.parent) for path in ENVIRONMENTS.glob("*/*/*/conda-meta")]}, 0
        case ["list", "--prefix", prefix, "--json"]:
            records = [json.loads(path.read_text()) for path in Path(prefix).glob("conda-meta/*.json")]
            return [{"name": record["name"], "version": record["version"]} for record in records], 0
        case ["run", "--prefix", prefix, *command]:
            path = os.pathsep.join([f"{prefix}/bin", os.environ["PATH"]])
            return None, subprocess.run(command, env=os.environ | {"PATH": path}).returncode
        case ["create", *options]:
            return create(options)
    raise SystemExit(f"no such command: {words}")


def create(words):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--prefix", type=Path)
    parser.add_argument("--channel", action="append")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--download-only", action="store_true")
    parser.add_argument("--file", type=Path)
    options, rest = parser.parse_known_args(words)
    wanted = [word for word in rest if not word.startswith("--")]
    if options.dry_run:
        return solve(options.channel, wanted)
    if options.file:
        wanted = [line for line in options.file.read_text().split() if line != "@EXPLICIT"]
    files = [fetched(each) for each in wanted]
    if not options.download_only:
        asyncio.run(install(files, options.prefix))
    return {}, 0


def solve(channels, wanted):
    with tempfile.TemporaryDirectory() as cache:  # several of these processes may run at once
        how = {
            "gateway": rattler.Gateway(cache_dir=cache),
            "platforms": [PLATFORM, "noarch"],
            "virtual_packages": rattler.VirtualPackage.detect(),
            "add_pip_as_python_dependency": True,
        }
        try:
            found = asyncio.run(rattler.solve(channels, wanted, **how))
        except SolverError as error:
            return {"solver_problems": [str(error)]}, 1
    return {"actions": {"LINK": [{"url": record.url} for record in found]}}, 0


def fetched(package):
    """Return the file of a package, given its URL or its path."""
    if not urlsplit(package).scheme:
        return Path(package)
    file = PACKAGES / package.rpartition("/")[2]
    if not file.exists():
        PACKAGES.mkdir(parents=True, exist_ok=True)
        partial, _ = urlretrieve(package, file.with_suffix(f".{os.getpid()}"))
        Path(partial).rename(file)
    return file


async def install(files, prefix):
    records = [await rattler.RepoDataRecord.from_package_archive(file) for file in files]
    await rattler.install(records, prefix, cache_dir=HOME / "cache", show_progress=False)


if __name__ == "__main__":
    answer, code = main(sys.argv[1:])
    if answer is not None and "MAMBA_JSON" in os.environ:
        print(json.dumps(answer))
    sys.stdout.flush()
    os._exit(code)  # rattler's threads sometimes crash an interpreter that exits normally
