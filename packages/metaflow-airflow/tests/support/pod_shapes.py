"""The graph shapes that run in pods as well, and how to start them."""

import json
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine_support import FLOWS, PARAMETERS, SHAPES, compile_flow, content_without_airflow, start_run

# Not all shapes: each pod takes seconds of CPU time on a small node.
IN_PODS = (
    "linear",
    "split",
    "foreach",
    "nested_foreach",
    "conditions",
    "failures",
    "parameters",
    "configured",
    "exit_hooks",
)
# One flow requests a whole small node and would have to wait for all other pods.
LARGE, SMALL = "@resources(cpu=2, memory=8192)", "@resources(cpu=0.1, memory=256)"
HOSTILE = 'it\'s "quoted" $(id) `id` $(AWS_SECRET_ACCESS_KEY) ${HOME} $$\nline {{ 1+1 }} %s ünïcödé 🚕 \\'
PARAMETERS = {
    "foreach": {"count": 2, "label": HOSTILE},
    "parameters": PARAMETERS["parameters"],
}
# In the configuration of the same runs: options of the command that starts a Metaflow run, but no parameters.
FORGED = {"run-id": "airflow-0123456789abcdef", "tag": "user:eve"}


@dataclass(frozen=True)
class StartedShapes:
    """By shape, the future id of its DAG run, and the future content of its run with Metaflow alone."""

    ids: dict[str, "Future[str]"]
    plain: dict[str, "Future[dict[str, Any]]"]


def start_shape(stack: Any, shape: str, folder: Path) -> str:
    """Compile a shape, start a run of it in pods, and return the run's id; `folder` holds a copy of it."""
    flow = FLOWS / f"{shape}.py"
    if LARGE in flow.read_text():
        flow = folder / flow.name
        flow.write_text((FLOWS / flow.name).read_text().replace(LARGE, SMALL))
    compile_flow(stack.env, flow, stack.dags_folder / flow.name, "--tag", "it's a tag")
    conf = PARAMETERS[shape] | FORGED if shape in PARAMETERS else None
    return start_run(stack, SHAPES[shape], conf)


def shape_without_airflow(stack: Any, shape: str) -> dict[str, Any]:
    """Run a shape with Metaflow's own scheduler and the same parameters; return the content of its run."""
    values = PARAMETERS.get(shape, {})
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return content_without_airflow(
        stack.env, FLOWS / f"{shape}.py", *(f"--{name}={text}" for name, text in texts.items())
    )
