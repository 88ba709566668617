"""A mistake in `airflow create` gets one message, without a traceback; nothing is written."""

import pytest
from engine_support import FLOWS, run_flow

NO_SERVER = {
    "METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "METAFLOW_S3_RETRY_COUNT": "0",
    "METAFLOW_S3_TRANSIENT_RETRY_COUNT": "0",
    "METAFLOW_S3_CLIENT_RETRY_CONFIG": '{"max_attempts": 1}',
}


def error_of(env, flow, *arguments, code=1, **options):
    """Return the error message of a command that fails."""
    done = run_flow(env, flow, *arguments, **options)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


def test_everything_that_cannot_be_compiled_is_reported_at_once(s3, tmp_path):
    target = tmp_path / "dag.py"
    error = error_of(s3.env, FLOWS / "unsupported/many_problems.py", "airflow", "create", str(target))
    for expected in ("@batch", "'needed'", "'included'", "no/such/file"):
        assert expected in error
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["airflow", "--name", "no spaces", "create", "d.py"], "not a DAG id"),
        (["airflow", "create", "no/such/directory/d.py"], "There is no directory"),
        (["--datastore", "local", "airflow", "create", "d.py"], "datastore 'local'"),
        (["airflow", "create"], "There is no directory"),
    ],
)
def test_a_wrong_command_gets_one_message(arguments, message, s3, tmp_path):
    env = s3.env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(tmp_path / "none")}
    assert message in error_of(env, FLOWS / "linear.py", *arguments, cwd=tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--task-group"], "Name the FILE of the task group"),
        (["--task-group", "group.py", "--max-workers", "3"], "set them in the DAG around the task group"),
        (["dag.py", "--max-workers", "0"], "0 is less than 1"),
    ],
)
def test_options_that_do_not_apply_get_one_message(options, message, s3, tmp_path):
    error = error_of(s3.env, FLOWS / "linear.py", "airflow", "create", *options, code=2, cwd=tmp_path)
    assert message in error
    assert not list(tmp_path.glob("*.py"))


def test_a_server_that_does_not_answer_is_named(s3, tmp_path):
    error = error_of(s3.env | NO_SERVER, FLOWS / "linear.py", "airflow", "create", str(tmp_path / "d.py"))
    assert "127.0.0.1:9" in error
