"""The shapes that also run in pods, and how each of them is started."""

import json
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine_support import FLOWS, PARAMETERS, SHAPES, compile_flow, run_plainly, start_run

# Not all of them: each pod costs a small node seconds of its processors.
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
# What one flow asks for is all of a small node, whose other pods it would wait for.
LARGE, SMALL = "@resources(cpu=2, memory=8192)", "@resources(cpu=0.1, memory=256)"
HOSTILE = 'it\'s "quoted" $(id) `id` $(AWS_SECRET_ACCESS_KEY) ${HOME} $$\nline {{ 1+1 }} %s ünïcödé 🚕 \\'
PARAMETERS = {
    "foreach": {"count": 2, "label": HOSTILE},
    "parameters": PARAMETERS["parameters"],
}


@dataclass(frozen=True)
class StartedShapes:
    """By shape: what will be the id of its DAG run, and what its run by Metaflow alone will hold."""

    ids: dict[str, "Future[str]"]
    plain: dict[str, "Future[dict[str, Any]]"]


def start_shape(stack: Any, shape: str, folder: Path) -> str:
    """Compile a shape, start a run of it in pods, and return the run's id; `folder` is for a copy of it."""
    flow = FLOWS / f"{shape}.py"
    if LARGE in flow.read_text():
        flow = folder / flow.name
        flow.write_text((FLOWS / flow.name).read_text().replace(LARGE, SMALL))
    compile_flow(stack.env, flow, stack.dags_folder / flow.name, "--tag", "it's a tag")
    return start_run(stack, SHAPES[shape], PARAMETERS.get(shape))


def run_shape_plainly(stack: Any, shape: str) -> dict[str, Any]:
    """Run a shape with Metaflow's own scheduler and the same parameters; return what its run holds."""
    values = PARAMETERS.get(shape, {})
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return run_plainly(
        stack.env, FLOWS / f"{shape}.py", *(f"--{name}={text}" for name, text in texts.items())
    )
