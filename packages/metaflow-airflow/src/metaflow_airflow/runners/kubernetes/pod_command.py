"""The command with which a pod downloads the flow's code and becomes the process that runs the step."""

import json
import re
import shlex
from pathlib import Path, PurePosixPath

from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_extensions.metaflow_airflow.plugins.airflow_task import reach
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import LAUNCHER

from metaflow_airflow.runners.results import DO_NOT_RETRY

ARCHIVE = "job.tar"  # Metaflow's name for the downloaded package
FORMAT = json.dumps({"version": 0, "archive_format": "tgz", "mfcontent_version": 1})
PLAIN_URL = re.compile(r"[a-z0-9]+://[\w./+=@-]+/[0-9a-f]{40}", re.ASCII)
# An image made for root may not let the pod's user write anywhere but in /tmp, or know its name.
ADAPT_TO_USER = (
    '[ -w . ] || cd \\"$(mktemp -d)\\"',
    '[ -w \\"$HOME\\" ] || export HOME=\\"$(mktemp -d)\\"',
    "id -un >/dev/null 2>&1 || export USER=metaflow",
)
# Metaflow's own command for it; its arguments follow the script as `$2`, `$3` and `$4`.
INSTALL_PACKAGES = (
    "mflog 'Installing the packages of the step.'",
    # As Metaflow does: the modules that tracing imports are in the environment that is about to be created.
    'DISABLE_TRACING=True python -m metaflow.plugins.pypi.bootstrap \\"$2\\" \\"$3\\" \\"$4\\"',
)
# In a directory named after the platform, such as `linux-64`, which only Metaflow knows.
PYTHON_WITH_PACKAGES = './*/\\"$3\\"/bin/python -s'


def pod_command(
    package_url: str, datastore: str, flow: str = "", virtual_environment: str | None = None
) -> list[str]:
    """Return the command of a pod.

    It checks that the datastore can be reached, because Metaflow's own command takes minutes to find out;
    downloads the code package with Metaflow's command; compares the package's SHA-1; and installs the step's
    own packages if it has any. Nothing else is ever written into the command: what a step has to do is in its
    environment variables.

    Args:
        package_url: The URL of the code package, which ends with the package's SHA-1.
        datastore: Metaflow's type of the datastore (`s3`, `azure`, `gs`).
        flow: The flow's name.
        virtual_environment: Metaflow's id of the environment with the step's own packages.

    Raises:
        AirflowFailException: If the URL contains characters that a shell could interpret.
    """
    from metaflow.metaflow_environment import MetaflowEnvironment
    from metaflow.package import MetaflowPackage

    if not PLAIN_URL.fullmatch(package_url):
        raise AirflowFailException(
            f"The code package's URL {package_url!r} contains characters that a shell could interpret: "
            "choose a datastore root that consists of letters, digits and './+=@_-' only."
        )
    fetch = MetaflowEnvironment(None).get_package_commands(package_url, datastore, FORMAT)
    # The task saves its own log when it ends; saving these few lines before it starts would waste time.
    fetch.remove("flush_mflogs")
    unpack = MetaflowPackage.get_extract_commands(FORMAT, ARCHIVE)
    fetch.insert(fetch.index(unpack[0]), _verification(PurePosixPath(package_url).name))
    start, arguments = [f"exec python -m {LAUNCHER}"], []
    if virtual_environment is not None:
        start = [*INSTALL_PACKAGES, f"exec {PYTHON_WITH_PACKAGES} -m {LAUNCHER}"]
        arguments = [flow, virtual_environment, datastore]
    # `exec` replaces the shell, because Kubernetes sends its signals to a pod's first process only.
    script = " && ".join(['python -c \\"$1\\" || exit', *ADAPT_TO_USER, *fetch, *start])
    # shlex undoes the escaping of Metaflow's commands, as Metaflow does; `$0`, `$1` … follow the script.
    return [*shlex.split(f'bash -c "{script}" bash'), Path(reach.__file__).read_text(), *arguments]


def _verification(sha1: str) -> str:
    message = "The code package was changed after the flow was compiled: compile the flow again."
    return f"if ! sha1sum {ARCHIVE} | grep -q ^{sha1}; then mflog '{message}'; exit {DO_NOT_RETRY}; fi"
