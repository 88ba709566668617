"""`docker-compose.override.yml`, merged with a compose file like that of the Astro CLI."""

import json
import re
import subprocess

import pytest

from local.stack.settings import REPOSITORY

OVERRIDE = REPOSITORY / "docker-compose.override.yml"
ASTRO_SERVICES = ("postgres", "db-migration", "scheduler", "dag-processor", "api-server", "triggerer")


@pytest.fixture(scope="module")
def merged(tmp_path_factory):
    """The merged file and the warnings of `docker compose config`."""
    services = {name: {"image": "project:latest", "networks": ["airflow"]} for name in ASTRO_SERVICES}
    base = tmp_path_factory.mktemp("compose") / "docker-compose.json"
    base.write_text(json.dumps({"services": services, "networks": {"airflow": {}}}))
    command = ["docker", "compose", "--file", str(base), "--file", str(OVERRIDE)]
    command += ["--project-directory", str(REPOSITORY), "config", "--format", "json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def own(merged):
    """The services that the project adds, by name."""
    return {name: each for name, each in merged[0]["services"].items() if name not in ASTRO_SERVICES}


def test_compose_accepts_the_file_without_a_warning(merged):
    assert merged[1] == ""


def test_every_image_is_pinned_to_a_version(own):
    images = {each["image"] for each in own.values()}
    assert [image for image in images if not re.search(r":\D*\d[^:/]*$", image)] == []


def test_every_service_that_keeps_running_has_a_health_check(own):
    assert {name for name, each in own.items() if "restart" in each} == {
        name for name, each in own.items() if "healthcheck" in each
    }


def test_services_wait_until_those_that_they_depend_on_are_ready(merged):
    conditions = {
        (name, needed): how["condition"]
        for name, each in merged[0]["services"].items()
        for needed, how in each.get("depends_on", {}).items()
    }
    assert set(conditions.values()) == {"service_healthy", "service_completed_successfully"}
    airflow = ("scheduler", "dag-processor", "api-server", "triggerer")
    assert {(name, "k3s") for name in airflow} | {(name, "flows") for name in airflow} <= set(conditions)


def test_data_is_in_named_volumes(merged, own):
    volumes = [each for service in own.values() for each in service.get("volumes", [])]
    assert {each["source"] for each in volumes if each["type"] == "volume"} == set(merged[0]["volumes"])
