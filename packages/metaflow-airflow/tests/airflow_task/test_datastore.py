"""Steps save files in S3 completely, a few small ones without starting processes."""

import json
import subprocess
import sys

import pytest

SAVE = """
import json, resource, sys
from io import BytesIO
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import StepS3Storage
files = {path: text.encode() for path, text in json.load(sys.stdin).items()}
storage = StepS3Storage(StepS3Storage.get_datastore_root_from_config(print) + "/test_datastore")
contents = ((path, (BytesIO(data), {"path": path})) for path, data in files.items())
storage.save_bytes(contents, overwrite=True, len_hint=20)
processes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > 0
with storage.load_bytes(list(files)) as loaded:
    whole = {key: (open(file, "rb").read(), about) for key, file, about in loaded}
assert whole == {path: (data, {"path": path}) for path, data in files.items()}
print(processes)
"""
SMALL = {f"small/{number}": f"text {number}" for number in range(30)}
LARGE = {"large/0": "x" * (17 << 20), **SMALL}


def first(number, files):
    return dict(list(files.items())[:number])


@pytest.mark.parametrize(
    ("files", "in_parallel"),
    [
        ({}, False),
        (first(1, SMALL), False),
        (first(10, SMALL), False),
        (first(11, SMALL), True),
        (SMALL, True),
        (first(3, LARGE), True),
    ],
    ids=["none", "one", "ten", "eleven", "thirty", "large"],
)
def test_files_are_saved_completely(files, in_parallel, s3):
    done = subprocess.run(
        [sys.executable, "-c", SAVE],
        env=s3.env,
        input=json.dumps(files),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(in_parallel)
