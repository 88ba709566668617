"""Production tokens: the first follows from the name, later ones protect the DAG file, none is random."""

import pytest
from engine_support import FLOWS, run_flow, without_airflow
from metaflow.exception import MetaflowException
from metaflow_airflow.commands.tokens import (
    IncorrectProductionToken,
    choose_token,
    next_token,
    remember,
    require_authority,
)
from metaflow_airflow.compiler.compiled_file import read_compiled

FIRST = next_token("linearflow", None)
SECOND = next_token("linearflow", FIRST)


def test_the_first_token_is_the_same_for_everybody():
    assert FIRST == "linearflow-0-95f9"


def test_tokens_are_counted():
    assert SECOND.startswith("linearflow-1-")
    assert next_token("linearflow", SECOND).startswith("linearflow-2-")


@pytest.mark.parametrize("token", ["mine", "linearflow-0-0000", "otherflow-0-95f9", "linearflow-x-y", ""])
def test_no_token_follows_one_that_a_user_chose(token):
    with pytest.raises(MetaflowException, match="--new-token"):
        next_token("linearflow", token)


@pytest.mark.parametrize(
    ("deployed", "given", "generate", "expected"),
    [
        (None, None, False, FIRST),
        (None, None, True, FIRST),
        (FIRST, None, False, FIRST),
        (FIRST, None, True, SECOND),
        (SECOND, None, False, SECOND),
        (SECOND, "mine", False, "mine"),
        (None, "production:mine", False, "mine"),
    ],
)
def test_the_token_to_deploy_with(deployed, given, generate, expected):
    assert choose_token("linearflow", deployed, given, generate, is_project=False) == expected


def test_a_project_cannot_be_given_a_token():
    with pytest.raises(MetaflowException, match="not supported for @projects"):
        choose_token("mfprj-x", None, "mine", False, is_project=True)


@pytest.mark.parametrize(
    ("deployed", "given", "known"),
    [
        (None, None, None),
        (FIRST, None, None),
        (SECOND, SECOND, None),
        (SECOND, f"production:{SECOND}", None),
        (SECOND, None, SECOND),
    ],
)
def test_who_may_deploy(deployed, given, known, tmp_path, monkeypatch):
    monkeypatch.setenv("METAFLOW_TOKEN_HOME", str(tmp_path))
    if known:
        remember("linearflow", known)
    require_authority("linearflow", deployed, given, "This")


@pytest.mark.parametrize(("given", "known"), [(None, None), ("wrong", SECOND), (FIRST, None), (None, FIRST)])
def test_who_may_not_deploy(given, known, tmp_path, monkeypatch):
    monkeypatch.setenv("METAFLOW_TOKEN_HOME", str(tmp_path))
    if known:
        remember("linearflow", known)
    with pytest.raises(IncorrectProductionToken, match="This needs its production token"):
        require_authority("linearflow", SECOND, given, "This")


@pytest.fixture
def create(s3, tmp_path):
    """`create(user, *options)` compiles a flow as that user, who has a Metaflow home of their own."""

    def create(user, *options):
        env = without_airflow(s3.env) | {"METAFLOW_HOME": str(tmp_path / user), "METAFLOW_USER": user}
        target = tmp_path / "linear.py"
        done = run_flow(env, FLOWS / "linear.py", "airflow", "create", str(target), *options)
        assert "Traceback" not in done.stderr
        compiled = read_compiled(target)
        return done.returncode, done.stdout + done.stderr, compiled and compiled.production_token

    return create


def test_a_generated_token_protects_the_file_from_other_users(create):
    assert create("ann")[::2] == (0, FIRST)
    assert create("bob")[::2] == (0, FIRST)
    assert create("ann", "--generate-new-token")[::2] == (0, SECOND)
    code, output, token = create("bob")
    assert (code, token) == (1, SECOND)
    assert "A new version of LinearFlow needs its production token" in output
    assert create("bob", "--authorize", SECOND)[::2] == (0, SECOND)
    assert create("bob")[::2] == (0, SECOND)
    assert create("ann", "--new-token", "production:taxis")[::2] == (0, "taxis")
    assert create("ann", "--generate-new-token")[0] == 1


def test_check_compares_with_the_token_in_the_file(create):
    create("ann", "--generate-new-token")
    create("ann", "--generate-new-token")
    assert create("bob", "--check")[::2] == (0, SECOND)
