"""The versions of Airflow that the engine supports, and the packages that each is tested with.

`python airflow_versions.py UV` (`make constraints`) pins those packages anew, in `pins/`.
"""

import subprocess
import sys
from pathlib import Path

# Each version with the day after its release. Its environment gets the packages of that day, as with the
# constraints that Airflow publishes for each version.
AIRFLOWS = {
    "3.1.8": "2026-03-12",
    "3.2.2": "2026-05-30",
    "3.3.2": "2026-09-18",
    "3.4.0b2": "2026-10-21",
}
METAFLOW = "metaflow=2026-09-03"  # 2.19.39, the oldest that the engine supports
ENGINE = Path(__file__).parents[2]
PINS = Path(__file__).parent / "pins"


def pins_of(airflow: str) -> Path:
    """Return the file that pins the packages of an Airflow version."""
    return PINS / f"airflow-{airflow}.txt"


def pin(uv: str, airflow: str) -> None:
    """Resolve the packages of an Airflow version, the engine's included, and write them to its file."""
    # A pre-release is only accepted for packages that are named here.
    requirements = [f"apache-airflow=={airflow}", f"apache-airflow-core=={airflow}"]
    task_sdk = airflow.replace("3.", "1.", 1)  # numbered along with Airflow: 1.4.0b2 belongs to 3.4.0b2
    command = [uv, "pip", "compile", "-", str(ENGINE / "pyproject.toml"), "--all-extras", "--universal"]
    command += ["--python-version", "3.11", "--exclude-newer", AIRFLOWS[airflow]]
    command += ["--exclude-newer-package", METAFLOW, "--output-file", str(pins_of(airflow))]
    command += ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    text = "\n".join([*requirements, f"apache-airflow-task-sdk=={task_sdk}"])
    subprocess.run(command, input=text, text=True, check=True)


if __name__ == "__main__":
    for each in AIRFLOWS:
        pin(sys.argv[1], each)
