"""
### ExitHooksFlow

Fail in the step that the parameter names.

start -+- slow ----------------------+-> join -> end
       +- numbers[] -> number -> sum +

Compiled from `exit_hooks.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python exit_hooks.py airflow create exit_hooks.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import ExitHookOperator, Flow, Foreach, StepOperator

FLOW = Flow(
    name="ExitHooksFlow",
    file="exit_hooks.py",
    package="ExitHooksFlow/data/48/483a9a4e9f613b01871564262cc2bcf117367615",
    production_token="exithooksflow-0-73b1",
)


@dag(
    dag_id="ExitHooksFlow",
    params={"failing": Param("nowhere", type="string")},
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def exit_hooks_flow():
    start = StepOperator(task_id="start")
    slow = StepOperator(task_id="slow", inputs=[start])
    numbers = StepOperator(task_id="numbers", inputs=[start], foreach=True)

    with Foreach("each_number", over=numbers):
        number = StepOperator(task_id="number", inputs=[numbers])

    sum_ = StepOperator(task_id="sum", inputs=[number])
    join = StepOperator(task_id="join", inputs=[slow, sum_])
    end = StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.ExitHooksFlow.end")])
    ExitHookOperator(
        task_id="exit_hook",
        inputs=[number, slow, sum_, end],
        on_success=["say_success", "say_anyway"],
        on_error=["fail", "say_error"],
    )


exit_hooks_flow()
