"""Creates a conda channel of the running Python and of packages from PyPI."""

import asyncio
import importlib.metadata
import io
import json
import sys
import sysconfig
import tarfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import Subdir
from rattler.index import index_fs

VERSION = "{}.{}.{}".format(*sys.version_info)
LIBRARY = f"lib/python{VERSION.rpartition('.')[0]}"
# Parts of the standard library that no test needs, and what stops pip from using Debian's Python.
LEFT_OUT = {
    "__pycache__",
    "EXTERNALLY-MANAGED",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "site-packages",
    "test",
    "tkinter",
}
# Of the services that boto3 describes, only the one that Metaflow uses: the others are most of its size.
SERVICES, KEPT = ("botocore", "data"), {"s3"}


def make_channel(folder, installations):
    """Create a channel in a folder; return its subfolder for this platform.

    Args:
        folder: The folder.
        installations: Directories of packages, as `pip install --target` creates them. A package may be in
            several of them, in different versions.
    """
    subfolder = folder / str(Subdir.current())
    subfolder.mkdir(parents=True)
    (folder / "noarch").mkdir()
    # Debian's Python looks for packages in dist-packages, and not where conda installs them.
    (path_file := folder / "conda.pth").write_text(f"../../../{LIBRARY}/site-packages\n")
    debian = ("lib/python3/dist-packages/conda.pth", path_file)
    write_package(subfolder, "python", VERSION, [], [*python_files(), debian])
    for installation in installations:
        for package in importlib.metadata.distributions(path=[str(installation)]):
            name = canonicalize_name(package.name)
            write_package(subfolder, name, package.version, depends(package), files(package))
    asyncio.run(index_fs(folder, write_zst=False, write_shards=False))
    return subfolder


def python_files():
    """Yield the files of this Python: their path in an environment, and their path on this machine."""
    yield "bin/python", Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*")):
        inside = path.relative_to(library)
        skipped = LEFT_OUT.intersection(inside.parts) or inside.parts[0].startswith("config-")
        if path.is_file() and not skipped:
            yield f"{LIBRARY}/{inside}", path


def files(package):
    for file in package.files or []:
        path = Path(package.locate_file(file)).resolve()
        unused = file.parts[:2] == SERVICES and len(file.parts) > 3 and file.parts[2] not in KEPT
        if path.is_file() and not unused and "__pycache__" not in file.parts:
            if (
                file.parts[0] == "bin"
            ):  # a script, whose first line names the Python that it was installed for
                path.write_bytes(b"#!/usr/bin/env python\n" + path.read_bytes().partition(b"\n")[2])
                yield str(file), path
            else:
                yield f"{LIBRARY}/site-packages/{file}", path


def depends(package):
    """Return a package's requirements in conda's notation."""
    found = [Requirement(text) for text in package.requires or []]
    needed = [each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]
    return ["python", *(f"{canonicalize_name(each.name)} {each.specifier}".strip() for each in needed)]


def write_package(folder, name, version, requirements, content):
    """Write a package in the format .tar.bz2 (conda-build's documentation, "Package specification")."""
    if (archive := folder / f"{name}-{version}-0.tar.bz2").exists():
        return
    members = sorted(dict(content).items())
    index = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": requirements}
    index |= {"subdir": folder.name, "arch": "x86_64", "platform": "linux"}
    paths = [
        {"_path": inside, "path_type": "hardlink", "size_in_bytes": path.stat().st_size}
        for inside, path in members
    ]
    with tarfile.open(archive, "w:bz2", compresslevel=1) as tar:
        for inside, text in (("index.json", index), ("paths.json", {"paths": paths, "paths_version": 1})):
            data = json.dumps(text).encode()
            member = tarfile.TarInfo(f"info/{inside}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for inside, path in members:
            tar.add(path.resolve(), inside)  # Debian's Python has symbolic links in its library
