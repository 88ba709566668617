"""Each flow compiles to its file in golden/, with the same bytes on every machine and for every user."""

import shutil
from pathlib import Path

import pytest
from engine_support import (
    COMPILED,
    FLOWS,
    GOLDEN,
    changes_by_formatter,
    compile_flow,
    without_package,
)


@pytest.mark.parametrize("shape", COMPILED)
def test_a_flow_compiles_to_its_golden_file(shape, s3, tmp_path):
    (tmp_path / "dags").mkdir()
    text = compile_flow(s3.env, FLOWS / f"{shape}.py", tmp_path / "dags" / f"{shape}.py")
    golden = GOLDEN / f"{shape}.py"
    hint = f"if the new text is what you want: cp {tmp_path}/dags/{shape}.py {golden}"
    assert without_package(text) == without_package(golden.read_text()), hint


def test_golden_files_are_formatted():
    assert changes_by_formatter(GOLDEN) == ""


def test_another_checkout_user_and_directory_give_the_same_bytes(s3, tmp_path):
    texts = set()
    for number, user in enumerate(("ann", "bob")):
        project = tmp_path / f"checkout {number}"
        shutil.copytree(FLOWS, project / "flows", copy_function=shutil.copyfile)
        (project / "dags").mkdir()
        env = s3.env | {"METAFLOW_USER": user, "HOME": str(tmp_path / user)}
        workdir = [project, tmp_path][number]
        texts.add(compile_flow(env, project / "flows/foreach.py", project / "dags/foreach.py", cwd=workdir))
    assert len(texts) == 1
    assert "`python flows/foreach.py airflow create dags/foreach.py`" in texts.pop()


def test_recompiling_an_unchanged_flow_does_not_touch_the_file(s3, tmp_path):
    target = tmp_path / "linear.py"
    compile_flow(s3.env, FLOWS / "linear.py", target)
    before = target.stat().st_mtime_ns
    compile_flow(s3.env, FLOWS / "linear.py", target)
    assert target.stat().st_mtime_ns == before


def test_a_compiled_file_contains_no_paths_or_secrets_of_the_machine(s3, tmp_path):
    text = compile_flow(s3.env, FLOWS / "foreach.py", tmp_path / "foreach.py")
    private = ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "STACK_DIR", "AWS_ENDPOINT_URL_S3"]
    for value in [s3.env[name] for name in private] + [str(FLOWS), str(Path.home()), "s3://"]:
        assert value not in text
