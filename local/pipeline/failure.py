"""What `make run` shows when a DAG run has failed: the task that failed, and the end of its log."""

from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from rich.console import Console
from rich.markup import escape

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.following import RunView, state_of
from local.stack.settings import Settings

LINES_OF_LOG = 25


def show_failure(console: Console, api: AirflowApi, settings: Settings, runs: list[RunView]) -> None:
    """Print the task that caused the failure: the first that failed in the run that was triggered last."""
    failed = [(run, task) for run in reversed(runs) for task in _failed_tasks(api, run)]
    if not failed:
        bad = next(run for run in runs if run.state != "success")
        console.print(f"[bold red]{bad.dag_id} is {bad.state}[/], although none of its tasks failed.")
        return
    run, task = failed[0]
    which = (
        task.task_id
        if task.map_index < 0
        else f"{task.task_id} [{task.rendered_map_index or task.map_index}]"
    )
    console.print(
        f"\n[bold red]{run.dag_id}: task {escape(which)} failed[/] after {task.try_number} "
        f"{'try' if task.try_number == 1 else 'tries'}; the end of its log:\n"
    )
    log = api.log(run.dag_id, str(run.run_id), task.task_id, task.try_number, task.map_index)
    for line in _without_folding_marks(log)[-LINES_OF_LOG:]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    mapped = "" if task.map_index < 0 else f"/mapped/{task.map_index}"
    address = f"{settings.airflow_url}/dags/{run.dag_id}/runs/{run.run_id}/tasks/{task.task_id}{mapped}"
    console.print(f"\nFull log: {address}", soft_wrap=True)


def _failed_tasks(api: AirflowApi, run: RunView) -> list[TaskInstanceResponse]:
    """Return the failed task instances of a run, the earliest failure first."""
    instances = api.task_instances(run.dag_id, run.run_id)
    failed = [instance for instance in instances if state_of(instance) == "failed"]
    return sorted(failed, key=lambda instance: str(instance.end_date))


def _without_folding_marks(log: list[str]) -> list[str]:
    """Return a log without empty lines and the marks by which Airflow's user interface folds it."""
    return [line for line in log if line.strip() and not line.startswith(("::group::", "::endgroup::"))]
