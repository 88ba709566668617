"""The command with which a pod fetches the flow's code and becomes the process that runs the step."""

import json
import re
import shlex
from pathlib import Path, PurePosixPath

from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_extensions.metaflow_airflow.plugins.airflow_task import reach
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import LAUNCHER

from metaflow_airflow.runners.results import DO_NOT_RETRY

ARCHIVE = "job.tar"  # Metaflow's name for the package it downloads
FORMAT = json.dumps({"version": 0, "archive_format": "tgz", "mfcontent_version": 1})
PLAIN_URL = re.compile(r"[a-z0-9]+://[\w./+=@-]+/[0-9a-f]{40}", re.ASCII)
# Metaflow's own command for it, with what follows the script as `$2`, `$3` and `$4`.
INSTALL_PACKAGES = (
    "mflog 'Installing the packages of the step.'",
    # As Metaflow does: what its tracing imports is in the environment that is yet to be made.
    'DISABLE_TRACING=True python -m metaflow.plugins.pypi.bootstrap \\"$2\\" \\"$3\\" \\"$4\\"',
)
# In the directory of the machine's kind, such as `linux-64`, which only Metaflow knows.
PYTHON_WITH_PACKAGES = './*/\\"$3\\"/bin/python -s'


def pod_command(
    package_url: str, datastore: str, flow: str = "", virtual_environment: str | None = None
) -> list[str]:
    """Return the command: Metaflow's own for fetching a package, and the comparison with its SHA-1.

    Before it, a look whether the datastore can be reached: Metaflow's command takes minutes to find out.
    After it, if the step of the `flow` has packages of its own, their installation; `virtual_environment` is
    Metaflow's id of them.
    `package_url` ends with that SHA-1; `datastore` is Metaflow's type (`s3`, `azure`, `gs`). Nothing else is
    ever written into the command; what a step is to do, it finds in its environment.
    Raises AirflowFailException when the address could mean something to a shell.
    """
    from metaflow.metaflow_environment import MetaflowEnvironment
    from metaflow.package import MetaflowPackage

    if not PLAIN_URL.fullmatch(package_url):
        raise AirflowFailException(
            f"The code package's address {package_url!r} has characters that a shell could misread: "
            "choose a datastore root of letters, digits and './+=@_-' only."
        )
    fetch = MetaflowEnvironment(None).get_package_commands(package_url, datastore, FORMAT)
    # The task saves its own log at its end, so saving these few lines before it begins is wasted time.
    fetch.remove("flush_mflogs")
    unpack = MetaflowPackage.get_extract_commands(FORMAT, ARCHIVE)
    fetch.insert(fetch.index(unpack[0]), _comparison(PurePosixPath(package_url).name))
    start, arguments = [f"exec python -m {LAUNCHER}"], []
    if virtual_environment is not None:
        start = [*INSTALL_PACKAGES, f"exec {PYTHON_WITH_PACKAGES} -m {LAUNCHER}"]
        arguments = [flow, virtual_environment, datastore]
    # In the shell's place, because Kubernetes tells its end to the first process only.
    script = " && ".join(['python -c \\"$1\\" || exit', *fetch, *start])
    # As Metaflow itself does: its commands are escaped for this. After the script, its `$0`, `$1` …
    return [*shlex.split(f'bash -c "{script}" bash'), Path(reach.__file__).read_text(), *arguments]


def _comparison(sha1: str) -> str:
    complaint = "The code package was changed after it was compiled: compile the flow again."
    return f"if ! sha1sum {ARCHIVE} | grep -q ^{sha1}; then mflog '{complaint}'; exit {DO_NOT_RETRY}; fi"
