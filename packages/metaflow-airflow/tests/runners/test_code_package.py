"""A code package is unpacked afresh for each step, and never writes outside its own directory."""

import io
import tarfile

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_airflow.runners.code_package import unpack


def package(*members, content=b"code"):
    """Return an archive of regular files by name, or of given members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for member in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(content) if info.isfile() else 0
            archive.addfile(info, io.BytesIO(content) if info.isfile() else None)
    return stream.getvalue()


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_a_code_package_is_unpacked(tmp_path):
    unpack(package("folder/flow.py", "INFO"), tmp_path / "work")
    assert (tmp_path / "work/folder/flow.py").read_bytes() == b"code"
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["INFO", "folder"]


def test_programs_in_a_code_package_stay_executable_and_no_other_user_may_write_to_them(tmp_path):
    program = tarfile.TarInfo("run.sh")
    program.mode = 0o6777
    unpack(package(program), tmp_path / "work")
    assert (tmp_path / "work/run.sh").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize(
    "member",
    [
        "../outside",
        "folder/../../outside",
        "/tmp/outside",
        link("away", "/etc"),
        link("away", "../outside"),
        link("away", "/etc/passwd", tarfile.LNKTYPE),
        link("pipe", "", tarfile.FIFOTYPE),
        link("device", "", tarfile.CHRTYPE),
    ],
    ids=lambda member: member if isinstance(member, str) else f"{member.name} -> {member.linkname}",
)
def test_an_archive_that_leaves_its_directory_is_refused(member, tmp_path):
    with pytest.raises(AirflowFailException, match="which is not a file below the package's directory"):
        unpack(package("flow.py", member), tmp_path / "work")
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
