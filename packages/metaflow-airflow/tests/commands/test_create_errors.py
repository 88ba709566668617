"""A mistake in `airflow create` gets one message, without a traceback; nothing is written."""

import time

import pytest
from engine_support import FLOWS, run_flow

# Servers that refuse connections, or do not exist.
REFUSING, UNKNOWN = "http://127.0.0.1:9", "http://no-such-host.invalid:9"
LONGEST_SECONDS = 15


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


def server_at(url):
    return {"METAFLOW_S3_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_S3": url}


@pytest.mark.parametrize("url", [REFUSING, UNKNOWN])
def test_a_server_that_does_not_answer_is_named_within_seconds(url, s3, tmp_path):
    env, begin = s3.env | server_at(url), time.monotonic()
    error = error_of(env, FLOWS / "linear.py", "airflow", "create", str(tmp_path / "d.py"))
    assert time.monotonic() - begin < LONGEST_SECONDS
    assert f"{s3.env['METAFLOW_DATASTORE_SYSROOT_S3']} cannot be reached (" in error
    assert url in error
    assert "or set METAFLOW_DATASTORE_SYSROOT_S3" in error
    assert not list(tmp_path.iterdir())


def test_a_bucket_that_does_not_exist_is_named(s3, tmp_path):
    env = s3.env | {"METAFLOW_DATASTORE_SYSROOT_S3": "s3://no-such-bucket/root"}
    error = error_of(env, FLOWS / "linear.py", "airflow", "create", str(tmp_path / "d.py"))
    assert "There is no bucket for s3://no-such-bucket/root: create it" in error


def test_a_file_for_a_run_is_not_uploaded_for_minutes(s3, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    begin = time.monotonic()
    arguments = ["airflow", "trigger", "--notes", str(tmp_path / "notes.txt")]
    assert "cannot be reached" in error_of(s3.env | server_at(REFUSING), FLOWS / "included.py", *arguments)
    assert time.monotonic() - begin < LONGEST_SECONDS
