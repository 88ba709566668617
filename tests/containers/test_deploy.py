"""`make deploy-check`: the image for Astro, with the flows compiled for the storage of the deployment."""

import hashlib
import json
import re
import subprocess

import pytest

from local.stack.settings import REPOSITORY
from tests.containers.project import run

IMAGE = "airflow-metaflow-taxi:test"


def compiled():
    """Return the compiled files by their path in the project."""
    files = sorted((REPOSITORY / "dags/compiled").glob("*.py"))
    assert files
    return {file.relative_to(REPOSITORY).as_posix(): file.read_bytes() for file in files}


def deploy_check(*variables):
    command = ["make", "deploy-check", f"DEPLOY_IMAGE={IMAGE}", *variables]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def keys(project):
    """The keys of the project's S3 server, which takes the place of the deployment's."""
    return json.loads(project.inside("scheduler", "cat", "/settings/keys.json"))


@pytest.fixture(scope="module")
def checked(project, keys, tmp_path_factory):
    """The compiled files from `astro dev start`, and the finished `make deploy-check`."""
    settings = {name.upper(): key for name, key in keys.items()} | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DATASTORE_SYSROOT_S3": "s3://metaflow/metaflow",
        "METAFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{project.port('seaweedfs', 8333)}",
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": f"http://127.0.0.1:{project.port('metadata', 8080)}",
    }
    file = tmp_path_factory.mktemp("deployment") / "deployment.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    before = compiled()
    yield before, deploy_check(f"DEPLOY_ENV={file}", "DEPLOY_OPTIONS=--network=host")
    subprocess.run(["docker", "rmi", "--force", IMAGE], capture_output=True)


def test_the_image_passes_the_tests_of_its_dags(checked):
    _, done = checked
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_files_compiled_for_the_deployment_equal_those_of_the_laptop(checked):
    before, _ = checked
    assert compiled() == before


def test_the_compiled_flows_are_in_the_image_and_no_key_is(checked, keys):
    printed = run("docker", "run", "--rm", IMAGE, "sha256sum", *compiled()).split()[::2]
    assert printed == [hashlib.sha256(content).hexdigest() for content in compiled().values()]
    pattern = "|".join(keys.values())
    found = run(
        "docker", "run", "--rm", IMAGE, "sh", "-c", f"grep -rElE '{pattern}' /usr/local/airflow || true"
    )
    assert found == ""
    described = run("docker", "inspect", IMAGE) + run("docker", "history", "--no-trunc", IMAGE)
    assert not [key for key in keys.values() if key in described]


def packages_of(image):
    lines = run("docker", "run", "--rm", image, "uv", "pip", "freeze", "--system").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_packages_that_the_base_image_lacks_have_the_versions_in_constraints_txt(checked):
    (base,) = re.findall(r"^FROM (\S+)$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    own = packages_of(IMAGE).items() - packages_of(base).items()
    pins = re.findall(r"^([^=\s]+)==([^;\s]+)", (REPOSITORY / "constraints.txt").read_text(), re.MULTILINE)
    assert {name for name, _ in own} >= {"dbt-duckdb", "metaflow", "scikit-learn"}
    assert own <= set(pins)


def test_the_project_is_a_small_layer_of_its_own(checked):
    sizes = run("docker", "history", "--human=false", "--format", "{{.Size}}", IMAGE).split()
    assert 0 < int(sizes[0]) < 5_000_000


def test_missing_settings_are_reported_with_the_remedy():
    done = deploy_check("DEPLOY_ENV=nowhere.env")
    assert done.returncode != 0
    assert "There is no nowhere.env: copy .env.example to it" in done.stderr
