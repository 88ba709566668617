"""Each flow compiles to its file in golden/: the same bytes wherever and by whomever it is compiled."""

import shutil
from pathlib import Path

import pytest
from engine_support import (
    FLOWS,
    GOLDEN,
    SHAPES,
    changes_by_formatter,
    compile_flow,
    run_flow,
    without_package,
)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_flow_compiles_to_its_golden_file(shape, stack, tmp_path):
    (tmp_path / "dags").mkdir()
    text = compile_flow(stack.env, FLOWS / f"{shape}.py", tmp_path / "dags" / f"{shape}.py")
    golden = GOLDEN / f"{shape}.py"
    hint = f"if the new text is what you want: cp {tmp_path}/dags/{shape}.py {golden}"
    assert without_package(text) == without_package(golden.read_text()), hint


def test_golden_files_are_formatted():
    assert changes_by_formatter(GOLDEN) == ""


def test_another_checkout_user_and_directory_give_the_same_bytes(stack, tmp_path):
    texts = set()
    for number, user in enumerate(("ann", "bob")):
        project = tmp_path / f"checkout {number}"
        shutil.copytree(FLOWS, project / "flows", copy_function=shutil.copyfile)
        (project / "dags").mkdir()
        env = stack.env | {"METAFLOW_USER": user, "HOME": str(tmp_path / user)}
        workdir = [project, tmp_path][number]
        texts.add(compile_flow(env, project / "flows/foreach.py", project / "dags/foreach.py", cwd=workdir))
    assert len(texts) == 1
    assert "`python flows/foreach.py airflow create dags/foreach.py`" in texts.pop()


def test_recompiling_an_unchanged_flow_does_not_touch_the_file(stack, tmp_path):
    target = tmp_path / "linear.py"
    compile_flow(stack.env, FLOWS / "linear.py", target)
    before = target.stat().st_mtime_ns
    compile_flow(stack.env, FLOWS / "linear.py", target)
    assert target.stat().st_mtime_ns == before


def test_a_compiled_file_holds_nothing_of_the_machine_or_its_secrets(stack, tmp_path):
    text = compile_flow(stack.env, FLOWS / "foreach.py", tmp_path / "foreach.py")
    private = ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "STACK_DIR", "AWS_ENDPOINT_URL_S3"]
    for value in [stack.env[name] for name in private] + [str(FLOWS), str(Path.home()), "s3://"]:
        assert value not in text


def test_options_of_the_command_line(stack, tmp_path):
    options = ["--tag", "team:ml", "--tag", "--evil=1", "--max-workers", "5", "--worker-pool", "big"]
    done = run_flow(
        stack.env,
        FLOWS / "linear.py",
        *[
            "--with",
            "retry:times=4",
            "airflow",
            "--name",
            "my.dag",
            "create",
            str(tmp_path / "d.py"),
            *options,
        ],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "d.py").read_text()
    for expected in (
        'dag_id="my.dag"',
        '"pool": "big"',
        "retries=4",
        'tags=("team:ml", "--evil=1")',
        "max_active_tasks=5",
    ):
        assert expected in text


UNSUPPORTED = {
    "many_problems": ["@batch", "'needed'", "'included'", "no/such/file"],
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_all_that_cannot_be_compiled_is_told_and_nothing_is_written(name, stack, tmp_path):
    flow, target = FLOWS / "unsupported" / f"{name}.py", tmp_path / "dag.py"
    done = run_flow(stack.env, flow, "airflow", "create", str(target))
    assert done.returncode != 0
    assert not target.exists()
    for expected in UNSUPPORTED[name]:
        assert expected in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["airflow", "--name", "no spaces", "create", "d.py"], "not a DAG id"),
        (["airflow", "create", "no/such/directory/d.py"], "There is no directory"),
        (["--datastore", "local", "airflow", "create", "d.py"], "datastore 'local'"),
        (["airflow", "create"], "There is no directory"),
    ],
)
def test_a_wrong_command_gets_one_sentence(arguments, message, stack, tmp_path):
    env = stack.env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(tmp_path / "none")}
    done = run_flow(env, FLOWS / "linear.py", *arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_without_an_s3_server_the_message_names_it(stack, tmp_path):
    env = stack.env | {
        "METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    }
    env |= {"METAFLOW_S3_RETRY_COUNT": "0", "METAFLOW_S3_TRANSIENT_RETRY_COUNT": "0", "AWS_MAX_ATTEMPTS": "1"}
    done = run_flow(env, FLOWS / "linear.py", "airflow", "create", str(tmp_path / "d.py"))
    assert done.returncode != 0
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
