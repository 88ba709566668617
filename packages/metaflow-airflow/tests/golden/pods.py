"""
### PodsFlow

Each step has other settings.

start -> large -> placed -> end

Compiled from `pods.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python pods.py airflow create pods.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import duration

FLOW = Flow(
    name="PodsFlow",
    file="pods.py",
    package="PodsFlow/data/5e/5ec72a01796365ad0f0083cc78dc4a975b87d78e",
    production_token="podsflow-0-cc13",
)


@dag(
    dag_id="PodsFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def pods_flow():
    start = StepOperator(task_id="start")
    large = StepOperator(
        task_id="large",
        inputs=[start],
        compute={"cpu": 3, "gpu": 1, "memory": "8192M", "disk": "20480M", "shared_memory": "64Mi"},
        pod={"gpu_vendor": "amd", "qos": "Guaranteed", "tmpfs_size": 4096},
    )
    placed = StepOperator(
        task_id="placed",
        inputs=[large],
        retries=4,
        user_code_retries=1,
        retry_delay=duration(seconds=0),
        pod={
            "image": "registry.example.com/team/trainer:1.2",
            "image_pull_policy": "Always",
            "image_pull_secrets": ["registry"],
            "service_account": "trainer",
            "secrets": ["warehouse"],
            "node_selector": {"disk": "ssd", "zone": "a"},
            "namespace": "training",
            "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
            "labels": {"team": "ml"},
            "annotations": {"note": 'it\'s "quoted" $(id) `id`\n{{ 1+1 }} %s ünïcödé 🚕'},
            "persistent_volume_claims": {"models": "/models"},
            "port": 8080,
            "extended_resources": {"example.com/dongle": "1"},
            "security_context": {"run_as_user": 1000, "run_as_non_root": True},
            "tmpfs_size": 256,
            "tmpfs_path": "/scratch",
            "tmpfs_tempdir": False,
        },
    )
    StepOperator(task_id="end", inputs=[placed], outlets=[Asset("metaflow.PodsFlow.end")])


pods_flow()
