"""The packages of `@conda` and `@pypi` on a worker: installed once per set of packages."""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from metaflow_airflow.runners.code_cache import configured_cache, default_cache, own_cache
from metaflow_airflow.runners.code_package import CODE_DIRECTORY, UnpackedPackage
from metaflow_airflow.runners.request import StepRequest
from metaflow_airflow.runners.worker_environment import inherited_variables

MANIFEST = "conda.manifest"  # Metaflow's list of the packages in each of a flow's environments
# Metaflow writes the paths of its environments into shell commands as they are.
PLAIN_PATH = re.compile(r"[\w./+@-]+", re.ASCII)
INSTALLED = "installed"  # a file that marks a complete environment


def python_with_packages(request: StepRequest, code: UnpackedPackage) -> Path:
    """Return the Python of a step's virtual environment, installed unless this machine already has it.

    Raises:
        AirflowFailException: If the code package does not list the step's packages.
        AirflowException: If the packages cannot be installed.
    """
    manifest = next(code.directory.rglob(MANIFEST), None)
    environments = json.loads(manifest.read_text()) if manifest else {}
    packages = environments.get(request.virtual_environment)
    if packages is None:
        raise AirflowFailException(
            f"The code package does not list the packages of step {request.task.step!r}: "
            "compile the flow again."
        )
    # Metaflow's id stands for what was requested; compiling again may resolve it to other packages.
    content = json.dumps([request.virtual_environment, packages], sort_keys=True)
    name = hashlib.sha256(content.encode()).hexdigest()[:20]
    # The last part is the same as in a pod: Metaflow recognizes its environments by it in the Python's path.
    directory = _all_environments() / name / "metaflow"
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / INSTALLED).exists():
            _install(request, code, directory, lock.fileno())
    return next(directory.glob(f"*/{request.virtual_environment}/bin/python"))


def _all_environments() -> Path:
    """Return the directory of all virtual environments, after a check that only this user can write to it."""
    cache = configured_cache()
    if not PLAIN_PATH.fullmatch(str(cache)):
        cache = default_cache()
    with own_cache(cache):
        return cache / "environments"


def _install(request: StepRequest, code: UnpackedPackage, directory: Path, lock: int) -> None:
    """Install the packages as Metaflow does in a pod, in their final place.

    The process inherits the `lock`, so that nobody interferes with it if it outlives this worker.
    """
    from metaflow.metaflow_config import DEFAULT_DATASTORE

    shutil.rmtree(directory, ignore_errors=True)
    # A copy of the code package, because Metaflow moves the list of packages out of it.
    shutil.copytree(code.directory, directory)
    inherited = inherited_variables()
    environment = inherited | UnpackedPackage(directory).environment(inherited)
    arguments = [request.task.flow, str(request.virtual_environment), DEFAULT_DATASTORE]
    done = subprocess.run(  # noqa: S603  (Metaflow's own module, no shell)
        [sys.executable, "-m", "metaflow.plugins.pypi.bootstrap", *arguments],
        cwd=directory,
        env=environment,
        pass_fds=[lock],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AirflowException(
            f"The packages of step {request.task.step!r} cannot be installed on this worker: "
            f"{(done.stdout + done.stderr).strip() or done.returncode}"
        )
    for unneeded in (CODE_DIRECTORY, ".pkgs"):
        shutil.rmtree(directory / unneeded, ignore_errors=True)
    (directory / INSTALLED).touch()
