"""The wheel and the source distribution that `make package` built hold the package and nothing else."""

import email.parser
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from local.bootstrap import REPOSITORY, UV, uv_environment

ENGINE = REPOSITORY / "packages" / "metaflow-airflow"
BUILT = REPOSITORY / ".local" / "dist"
IMPORT = "import metaflow_airflow; print(metaflow_airflow.__version__, metaflow_airflow.__file__)"


@pytest.fixture(scope="module")
def wheel():
    (wheel,) = BUILT.glob("metaflow_airflow-*.whl")
    return wheel


@pytest.fixture(scope="module")
def sdist():
    (sdist,) = BUILT.glob("metaflow_airflow-*.tar.gz")
    return sdist


@pytest.fixture(scope="module")
def clean_environment(wheel, tmp_path_factory):
    """The programs of an environment that has the wheel and what it depends on, without its extras."""
    folder = tmp_path_factory.mktemp("clean")
    constraints = str(REPOSITORY / "constraints.txt")
    for arguments in (
        ["venv", str(folder)],
        ["pip", "install", "--python", str(folder), "--constraint", constraints, str(wheel)],
    ):
        done = subprocess.run(
            [str(UV), *arguments], env=uv_environment(), capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
    return folder / "bin"


def tracked(*folders):
    """Return the files that git tracks below folders of the engine."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ENGINE, capture_output=True, text=True)
    return set(listed.stdout.splitlines())


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


def run(program, *arguments, home):
    env = {"PATH": os.defpath, "HOME": str(home), "USER": "tester"}
    return subprocess.run(
        [str(program), *arguments], env=env, cwd=home, capture_output=True, text=True, timeout=120
    )


def test_the_wheel_holds_the_tracked_files_of_src(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    information = {name for name in names if ".dist-info/" in name}
    assert names - information == {name.removeprefix("src/") for name in tracked("src")}
    assert {name.partition("/")[2] for name in information} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
    }


def test_the_source_distribution_holds_what_a_build_needs(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    names.discard(".gitignore")  # hatchling always adds it, as builds from the source distribution read it
    assert names == tracked("src") | {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}


def test_the_wheel_is_typed_and_says_which_pythons_and_airflows_it_supports(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert "metaflow_airflow/py.typed" in archive.namelist()
    described = metadata(wheel)
    assert described["Requires-Python"] == ">=3.11"
    assert set(described.get_all("Provides-Extra")) == {"airflow", "client", "kubernetes"}


def test_the_changelog_has_the_version(wheel):
    version = metadata(wheel)["Version"]
    assert version in (ENGINE / "CHANGELOG.md").read_text()


def test_the_wheel_imports_in_a_clean_environment(wheel, clean_environment, tmp_path):
    done = run(clean_environment / "python", "-c", IMPORT, home=tmp_path)
    version, _, place = done.stdout.strip().partition(" ")
    assert version == metadata(wheel)["Version"], done.stderr
    assert Path(place).is_relative_to(clean_environment.parent)


def test_the_wheel_replaces_the_airflow_command_of_metaflow(clean_environment, tmp_path):
    flow = ENGINE / "tests" / "flows" / "linear.py"
    done = run(clean_environment / "python", flow, "--no-pylint", "airflow", "--help", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "trigger" in done.stdout  # which Metaflow's own command does not have


def test_a_missing_extra_is_named(clean_environment, tmp_path):
    flow = ENGINE / "tests" / "flows" / "linear.py"
    variables = ["--no-pylint", "--datastore", "local", "airflow", "list-runs"]
    done = run(clean_environment / "python", flow, *variables, home=tmp_path)
    assert done.returncode == 1
    assert "REST client is not installed" in done.stderr
    assert "Traceback" not in done.stderr
