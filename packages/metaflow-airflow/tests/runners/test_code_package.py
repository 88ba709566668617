"""Code packages are unpacked by every Python that the engine supports."""

import io
import tarfile

import pytest
from metaflow_airflow.runners import code_package


@pytest.mark.parametrize("has_filters", [True, False], ids=["filters", "none, as in 3.11.2"])
def test_a_code_package_is_unpacked(has_filters, monkeypatch, tmp_path):
    if not has_filters:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    package = io.BytesIO()
    with tarfile.open(fileobj=package, mode="w:gz") as archive:
        member = tarfile.TarInfo("folder/flow.py")
        member.size = len(b"code")
        archive.addfile(member, io.BytesIO(b"code"))
    code_package._unpack(package.getvalue(), tmp_path / "unpacked")
    assert (tmp_path / "unpacked/folder/flow.py").read_bytes() == b"code"
    assert [path.name for path in tmp_path.iterdir()] == ["unpacked"]
