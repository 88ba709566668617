"""Save the code package: Metaflow's own, with the same bytes on every machine, so the compiled DAG is too."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from metaflow.package import MetaflowPackage

from metaflow_airflow.compiler.compiled_file import read_compiled

# What Metaflow's INFO file says about the code; the rest is about the machine, the user and the git checkout.
ABOUT_THE_CODE = ("environment_type", "ext_info", "metaflow_version", "script", "use_r")


class ReproduciblePackage(MetaflowPackage):
    """A code package that depends on nothing but the code in it."""

    def _make(self) -> bytes:
        members = {arcname: content for content, arcname in self._mfcontent.contents()}
        # Without the compiled files beside the flow: they name the package, so they would change it.
        members |= {
            arcname: path for path, arcname in self._cached_user_members if not read_compiled(Path(path))
        }
        buffer = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=3) as compressed,
            tarfile.open(fileobj=compressed, mode="w") as archive,
        ):
            for name, content in sorted(members.items()):
                data = self._stable_bytes(name, content)
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        return buffer.getvalue()

    def _stable_bytes(self, name: str, content: str | bytes) -> bytes:
        data = Path(content).read_bytes() if isinstance(content, str) else content
        match Path(name).name:
            case "INFO":
                return _only(json.loads(data), ABOUT_THE_CODE)
            case "conda.manifest":  # lists every environment that the flow ever had on this machine
                return _only(json.loads(data), self._virtual_environments())
        return data

    def _virtual_environments(self) -> set[str]:
        """Return Metaflow's ids of the packages that the steps request with `@conda` and `@pypi`."""
        return {self._environment.get_environment(step).get("id_") for step in self._flow} - {None}


def save_package(state: Any, *, upload: bool = True) -> str:
    """Make the code package of a flow and upload it; return its path below the datastore root.

    Args:
        state: The object of Metaflow's command line.
        upload: Without it nothing is uploaded; the path is the same.
    """
    state.package = ReproduciblePackage(
        state.flow,
        state.environment,
        state.echo,
        suffixes=state.package_suffixes,
        flow_datastore=state.flow_datastore if upload else None,
    )
    if not upload:
        sha = hashlib.sha1(state.package.blob, usedforsecurity=False).hexdigest()  # Metaflow's name for it
        return f"{state.flow.name}/data/{sha[:2]}/{sha}"
    url: str = state.package.package_url()
    return url.removeprefix(state.flow_datastore.datastore_root).lstrip("/")


def _only(content: dict[str, Any], names: Collection[str]) -> bytes:
    """Return these entries of a JSON file, sorted by name."""
    return json.dumps({name: content[name] for name in sorted(names) if name in content}).encode()
