"""A step's copy of a module gets the installed bytecode only if that stands for the same source."""

import importlib.util
import py_compile
import subprocess
import sys
from pathlib import Path

import metaflow
import pytest
from metaflow_airflow.runners.installed_bytecode import reuse_bytecode

MODULE = "metaflow/metaflow_version.py"
INSTALLED = Path(metaflow.__file__).parent / "metaflow_version.py"


@pytest.mark.parametrize(
    ("change", "reused"), [("", True), ("# changed", False)], ids=["same source", "another source"]
)
def test_bytecode_is_reused_for_the_same_source(change, reused, tmp_path):
    py_compile.compile(str(INSTALLED))
    copy = tmp_path / MODULE
    copy.parent.mkdir()
    copy.write_text(INSTALLED.read_text() + change)
    reuse_bytecode(str(copy), MODULE, copy.read_bytes())
    done = subprocess.run(
        [sys.executable, "-v", "-B", "-c", "import metaflow_version"],
        env={"PYTHONPATH": str(copy.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    bytecode = importlib.util.cache_from_source(str(copy))
    assert (f"{bytecode} matches {copy}" in done.stderr) == reused
    assert Path(bytecode).exists() == reused


@pytest.mark.parametrize("module", ["__mp_main__.py", "this.py", "__main__/module.py", "no.such/module.py"])
def test_what_is_in_no_installed_package_has_none_and_is_not_imported(module, tmp_path):
    loaded = set(sys.modules)
    reuse_bytecode(str(tmp_path / "copy.py"), module, b"")
    assert list(tmp_path.iterdir()) == []
    assert "this" not in set(sys.modules) - loaded
