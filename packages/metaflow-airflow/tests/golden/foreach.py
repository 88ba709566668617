"""
### ForeachFlow

Square some numbers, one task each.

start -> square[] -> halve[] -> join -> end

Compiled from `foreach.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python foreach.py airflow create foreach.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator
from pendulum import duration

FLOW = Flow(
    name="ForeachFlow",
    file="foreach.py",
    package="ForeachFlow/data/3b/3b81369d9f9c603b1e9ed9cc258e0e8ebe41dee5",
    production_token="foreachflow-0-bd0a",
)


@dag(
    dag_id="ForeachFlow",
    params={
        "count": Param(3, type="integer", description="How many numbers."),
        "label": Param("plain", type="string", description='A "label" for the result.'),
    },
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def foreach_flow():
    start = StepOperator(task_id="start", foreach=True, doc_md="List the numbers.")

    with Foreach("each_square", over=start):
        square = StepOperator(
            task_id="square",
            inputs=[start],
            retries=2,
            retry_delay=duration(seconds=0),
            execution_timeout=duration(minutes=6),
            compute={"cpu": 2, "memory": "8192M"},
            doc_md="Square one number.",
        )
        halve = StepOperator(
            task_id="halve",
            inputs=[square],
            env={"HALVES": "2"},
            doc_md="""
                Halve it.

                In floating point.
            """,
        )

    join = StepOperator(task_id="join", inputs=[halve], doc_md="Add up all results.")
    StepOperator(
        task_id="end",
        inputs=[join],
        outlets=[Asset("metaflow.ForeachFlow.end")],
        doc_md="Print the total.",
    )


foreach_flow()
