"""Compares how long Airflow takes to parse compiled DAG files and files of KubernetesPodOperators."""

import argparse
import os
import statistics
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

COMPILED = Path(__file__).parents[1] / "tests/golden/nested_foreach.py"
TASKS = 11  # the number of tasks in the compiled file
HEAVY = ("metaflow", "kubernetes", "airflow.providers.cncf.kubernetes.operators.pod")
PODS = """
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import chain, dag


@dag(dag_id="{dag_id}")
def pods():
    chain(*[
        KubernetesPodOperator(task_id=f"step_{{n}}", image="python", cmds=["python", "-c", "pass"])
        for n in range({tasks})
    ])


pods()
"""


def main() -> int:
    """Print the median time for both kinds of file and their ratio; return 1 if a heavy module is loaded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100, help="compiled files to parse")
    parser.add_argument("--pod-files", type=int, default=5, help="KubernetesPodOperator files to parse")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"AIRFLOW_HOME": name, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
        compiled = [compiled_file(folder, number) for number in range(options.files)]
        pods = [pod_file(folder, number) for number in range(options.pod_files)]
        # As in Airflow's DAG processor, Airflow is loaded once and each file is parsed in a fork.
        import airflow.dag_processing.dagbag  # noqa: F401

        with get_context("fork").Pool(1, maxtasksperchild=1) as forks:
            ours, theirs = forks.map(parse, compiled, chunksize=1), forks.map(parse, pods, chunksize=1)
    loaded = sorted({module for _, modules in ours for module in modules})
    median, other = (statistics.median(seconds for seconds, _ in kind) for kind in (ours, theirs))
    print(f"{len(ours)} compiled files of {TASKS} tasks: {median:.3f} s each; heavy modules loaded: {loaded}")
    print(f"{len(theirs)} files of {TASKS} KubernetesPodOperators: {other:.3f} s each")
    print(f"ratio: a compiled file takes {median / other:.3f} of the time")
    return 1 if loaded else 0


def compiled_file(folder: Path, number: int) -> Path:
    """Write a compiled file with a unique DAG id."""
    file = folder / f"compiled_{number}.py"
    file.write_text(COMPILED.read_text().replace('dag_id="NestedForeachFlow"', f'dag_id="Nested{number}"'))
    return file


def pod_file(folder: Path, number: int) -> Path:
    """Write a file of KubernetesPodOperators with a unique DAG id."""
    file = folder / f"pods_{number}.py"
    file.write_text(PODS.format(dag_id=f"pods_{number}", tasks=TASKS))
    return file


def parse(file: Path) -> tuple[float, list[str]]:
    """Return how many seconds Airflow takes to parse a file, and the heavy modules loaded afterwards."""
    from airflow.dag_processing.dagbag import DagBag

    started = time.perf_counter()
    bag = DagBag(str(file))
    seconds = time.perf_counter() - started
    if bag.import_errors or not bag.dags:
        raise SystemExit(f"{file.name} does not parse: {bag.import_errors}")
    return seconds, [name for name in HEAVY if name in sys.modules]


if __name__ == "__main__":
    raise SystemExit(main())
