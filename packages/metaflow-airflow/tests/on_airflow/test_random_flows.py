"""Flows of random shape produce the same Metaflow run on Airflow as with Metaflow's own scheduler."""

import os
from concurrent.futures import ThreadPoolExecutor

from engine_support import comparable, compile_flow, content_without_airflow, finish_run, start_run
from hypothesis import HealthCheck, Phase, given, note, settings
from random_flows import flow_sources

EXAMPLES = int(os.environ.get("RANDOM_FLOWS", "3"))


# Without shrinking: a run takes half a minute, and the flows are small.
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(flow=flow_sources())
def test_both_runs_of_a_random_flow_have_the_same_content(flow, stack, tmp_path_factory):
    name, source = flow
    note(source)
    file = tmp_path_factory.mktemp(name) / "flow.py"
    file.write_text(source)
    with ThreadPoolExecutor(1) as pool:
        plain = pool.submit(content_without_airflow, stack.env, file, name=name)
        compile_flow(stack.env, file, stack.dags_folder / f"{name}.py")
        _, by_airflow = finish_run(stack, name, start_run(stack, name))
        assert comparable(by_airflow) == comparable(plain.result())
