"""DAGs are served and run, and their results are read, through the REST API."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.running_stack import RunningStack

SUM = """
from airflow.sdk import dag, task


@dag(schedule=None)
def sum_of_squares():
    @task
    def numbers():
        return [1, 2, 3]

    @task
    def square(n):
        print("squaring", n)
        return n * n

    @task
    def total(squares):
        return sum(squares)

    total(square.expand(n=numbers()))


sum_of_squares()
"""


EMPTY = """
from airflow.sdk import DAG

empty = DAG("empty", schedule=None)
"""


def test_a_dag_runs_and_its_results_and_logs_are_read_back(stack: RunningStack) -> None:
    (stack.dags_folder / "sum_of_squares.py").write_text(SUM)
    stack.wait_for_dag("sum_of_squares")

    run = stack.rest.run("sum_of_squares", timeout=120)

    assert run.state == "success"
    assert stack.rest.xcom("sum_of_squares", run.dag_run_id, "total") == 14
    tasks = stack.rest.task_instances("sum_of_squares", run.dag_run_id)
    assert sorted((task.task_id, task.map_index) for task in tasks) == [
        ("numbers", -1),
        ("square", 0),
        ("square", 1),
        ("square", 2),
        ("total", -1),
    ]
    log = stack.rest.log("sum_of_squares", run.dag_run_id, "square", try_number=1, map_index=2)
    assert any("squaring 3" in line for line in log)


def test_runs_triggered_at_once_do_not_wait_for_the_locks_of_each_other(stack: RunningStack) -> None:
    (stack.dags_folder / "empty.py").write_text(EMPTY)
    stack.wait_for_dag("empty")
    with ThreadPoolExecutor(12) as clients:
        runs = list(clients.map(lambda _: stack.rest.trigger("empty"), range(24)))
    assert len(set(runs)) == 24
