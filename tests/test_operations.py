"""Looking after an installation: the doctor, a backup and its return, with the real command."""

import json
import shutil
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock

from loaders.config import SAMPLE, load_config
from loaders.releases.release import current
from server.doctor import examine
from tests.conftest import odis, serving


@pytest.fixture
def region(sample_region: Path, tmp_path: Path) -> Path:
    """A copy of the sample region that a test may damage."""
    shutil.copytree(sample_region / "var", tmp_path / "var", symlinks=True)
    return tmp_path


def test_a_healthy_installation_is_told_so(region: Path) -> None:
    """Nothing is wrong: exit code 0, and the release and the room on the disk are named."""
    said = odis(region, "doctor", "--sample", "--full").stdout
    assert "every checksum is right" in said and "MB are free" in said
    assert f"pyoxigraph {version('pyoxigraph')}, " in said and "its store was made by pyoxigraph" in said
    assert "fault" not in said


def test_a_library_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch, region: Path) -> None:
    """With what to do; a store of another engine is worth a note."""
    monkeypatch.setattr("server.doctor.version", lambda name: "0.5.9" if name == "pyoxigraph" else "99")
    found = list(examine(load_config(SAMPLE, data=region / "var"), full=False, sources=False))
    old = next(finding for finding in found if "pyoxigraph 0.5.9, where" in finding.what)
    assert (old.level, "constraints.txt" in old.advice) == ("fault", True)
    assert any(finding.level == "note" and "this is pyoxigraph 0.5.9" in finding.what for finding in found)


def test_a_changed_byte_is_found(region: Path) -> None:
    """A file of the same size with other bytes is found by --full alone, and what to do is said."""
    graph = current(region / "var").graph
    content = bytearray(graph.read_bytes())
    content[100] ^= 1
    graph.unlink()  # the sources may share it
    graph.write_bytes(content)
    assert "fault" not in odis(region, "doctor", "--sample").stdout
    said = odis(region, "doctor", "--sample", "--full", code=1).stdout
    assert "graph.nq has changed" in said and "odis rollback" in said


def test_a_missing_release_is_told(tmp_path: Path) -> None:
    """Before the first build the doctor says to build."""
    (tmp_path / "var").mkdir()
    assert "odis build" in odis(tmp_path, "doctor", "--sample", code=1).stdout


def test_a_backup_comes_back_and_is_served(region: Path) -> None:
    """All is as it was: the same release answers, and the next build finds every source unchanged."""
    odis(region, "backup", "copy.tar.gz", "--data", "var")
    shutil.rmtree(region / "var")
    odis(region, "restore", "copy.tar.gz", "--data", "var")
    with serving(region, "--data", "var") as address:
        assert address
    assert odis(region, "build", "--sample", "--json").stdout.count('"state": "unchanged"') == 11
    assert [path.name for path in region.iterdir() if path.name.endswith(".part")] == []


def test_an_archive_that_was_cut_off_is_refused(region: Path) -> None:
    """Half an archive restores nothing and leaves nothing behind."""
    odis(region, "backup", "copy.tar.gz", "--data", "var")
    whole = (region / "copy.tar.gz").read_bytes()
    (region / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert "cannot be restored" in odis(region, "restore", "half.tar.gz", "--data", "new", code=2).stderr
    assert sorted(path.name for path in region.iterdir()) == ["copy.tar.gz", "half.tar.gz", "var"]


def test_an_archive_of_somebody_else_cannot_leave_its_folder(tmp_path: Path) -> None:
    """A path that leads out of the folder is refused, as is a tar without a release."""
    (tmp_path / "x").write_text("x")
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "x", arcname="../outside")
    assert "cannot be restored" in odis(tmp_path, "restore", "evil.tar.gz", "--data", "new", code=2).stderr
    assert not (tmp_path.parent / "outside").exists()


def test_nothing_is_overwritten(region: Path) -> None:
    """Neither an archive nor a folder that is there already."""
    (region / "copy.tar.gz").write_bytes(b"mine")
    assert "exists already" in odis(region, "backup", "copy.tar.gz", "--data", "var", code=2).stderr
    assert "exists already" in odis(region, "restore", "copy.tar.gz", "--data", "var", code=2).stderr
    assert (region / "copy.tar.gz").read_bytes() == b"mine"


def test_no_backup_while_a_build_runs(region: Path) -> None:
    """What is being changed is not copied."""
    with FileLock(region / "var" / "lock"):
        assert (
            "another build is running" in odis(region, "backup", "b.tar.gz", "--data", "var", code=2).stderr
        )


def test_a_release_of_another_format_is_refused_until_the_next_build(region: Path) -> None:
    """One line with both versions and what to do; the next build needs nothing of the old release."""
    manifest = region / "var" / "current" / "release.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"format": 7}), encoding="utf-8")
    told = "has format 7, this version of ODIS reads 1; build again"
    for words in (["serve", "--port", "0"], ["query", "ASK {}"], ["backup", "copy.tar.gz"]):
        (line,) = odis(region, *words, "--data", "var", code=2).stderr.splitlines()
        assert line.startswith("odis: release 2") and line.endswith(told)
    assert told in odis(region, "doctor", "--sample", code=1).stdout
    odis(region, "build", "--sample")
    assert json.loads((region / "var/current/release.json").read_bytes())["format"] == 1
    assert odis(region, "query", "ASK {}", "--data", "var").stdout == "yes\n"
