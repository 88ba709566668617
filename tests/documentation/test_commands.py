"""The commands that the documents show exist, with the options that they show."""

import re
import shlex
import tomllib

import pytest
from metaflow_extensions.metaflow_airflow.plugins.airflow_cli import airflow

from local.stack.settings import REPOSITORY
from tests.support.documents import DOCUMENTS, ENGINE, code_of, commands_of, make_targets, name_of

RELEASING = ENGINE / "RELEASING.md"  # says how the engine is installed once its name is registered on PyPI
MAKE = re.compile(r"\bmake ((?:[a-z][a-z-]*)|[A-Z]\w+=)")
AIRFLOW = re.compile(r"\bpython \S+_?flow\S*\.py\b(?P<before>.*) airflow (?P<arguments>.+)")
INSTALL = re.compile(r"pip install (?:-e )?(\"[^\"]+\"|'[^']+'|\S+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_make_targets_exist(document):
    commands = [word for command in commands_of(document) for word in MAKE.findall(command)]
    assert {word for word in commands if "=" not in word} - make_targets() == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_of_the_engine_and_their_options_exist(document):
    wrong = []
    for line in commands_of(document):
        for words in re.split(r"&&|\|\||;", line):
            if found := AIRFLOW.search(words):
                wrong += unknown_words(shlex.split(found["arguments"]))
    assert wrong == []


def unknown_words(words):
    """Return what is no command or option of `python flow.py airflow`."""
    group = {option for each in airflow.params for option in each.opts}
    position = 0
    while words[position].startswith("-"):
        if words[position].split("=")[0] not in group:
            return [words[position]]
        position += 1 if "=" in words[position] else 2
    command = airflow.commands.get(words[position].replace("_", "-"))
    if command is None:
        return [words[position]]
    known = {option for each in command.params for option in each.opts}
    given = [word.split("=")[0].strip("[]") for word in words[position + 1 :]]
    return [word for word in given if word.startswith("--") and word not in known]


def test_unknown_options_are_found():
    assert unknown_words(shlex.split("create --check dags/a.py")) == []
    assert unknown_words(shlex.split("--name a create --tags b")) == ["--tags"]
    assert unknown_words(shlex.split("compile dags/a.py")) == ["compile"]


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each != RELEASING], ids=name_of)
def test_what_pip_installs_is_in_this_repository(document):
    extras = tomllib.loads((ENGINE / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for requirement in INSTALL.findall(code_of(document)):
        wanted = re.search(r"\[([\w,]+)\]", requirement)
        assert set(wanted[1].split(",") if wanted else []) <= set(extras), requirement
        path = re.search(r"subdirectory=([\w/-]+)", requirement) or re.match(
            r"[\"']?(\./[\w/-]+)", requirement
        )
        assert path, requirement
        assert (REPOSITORY / path[1] / "pyproject.toml").is_file(), requirement
