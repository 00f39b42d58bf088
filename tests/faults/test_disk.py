"""A disk without room, and one that cannot be written: what is served stays, and one line says why."""

import time
from pathlib import Path

import pytest

from loaders.releases.release import current, verify
from tests.conftest import odis
from tests.faults.conftest import ALL, Disk, change, copy, running


@pytest.mark.parametrize("room", [0, 300, 1200, 3000])
def test_a_build_on_a_full_disk(built_region: Path, disk: Disk, tmp_path: Path, room: int) -> None:
    """Wherever in the build the room ends: the same release answers, and with room again the next is made."""
    folder = copy(built_region, disk.seen / "region")
    before = current(folder / "var")
    with running(tmp_path, enter=disk.enter) as server:
        answer = server.ask(ALL).text
        change(folder, "a3")
        fill(disk, room)
        done = odis(tmp_path, "build", code=2, enter=disk.enter)
        assert "No space left on device" in done.stderr.splitlines()[-1]
        assert "what is served was not changed" in done.stderr.splitlines()[-1]
        assert current(folder / "var") == before
        verify(before)
        assert server.ask(ALL).text == answer
        (disk.seen / "filler").unlink()
        odis(tmp_path, "build", enter=disk.enter)
        assert current(folder / "var") != before


def fill(disk: Disk, room: int) -> None:
    """Fill a disk but for some kilobytes."""
    disk.say("cat /dev/zero > filler 2>/dev/null")
    disk.say(f"truncate -s -{room}K filler")


def test_a_server_whose_log_has_no_room(built_region: Path, disk: Disk, tmp_path: Path) -> None:
    """Requests are answered, and it ends in good order."""
    copy(built_region, disk.seen / "region")
    with running(tmp_path, enter=disk.enter, log=disk.seen / "log") as server:
        fill(disk, 0)
        answers = [server.ask(f"SELECT ({number} AS ?n) {{}}") for number in range(50)]
        assert {answer.status_code for answer in answers} == {200}
        assert [int(answer.text.split()[1]) for answer in answers] == list(range(50))
        (disk.seen / "filler").unlink()
        server.ask()
        end = time.monotonic() + 30
        while not server.said('"route": "sparql"'):  # the line follows the answer
            assert time.monotonic() < end
            time.sleep(0.05)
        server.process.terminate()
        assert server.process.wait(30) == 0


def test_a_disk_that_cannot_be_written(built_region: Path, disk: Disk, tmp_path: Path) -> None:
    """The release on it is served, the use of it is not counted, and a build says what is wrong."""
    copy(built_region, disk.seen / "region")
    disk.say("mount -o remount,ro .")
    done = odis(tmp_path, "build", code=2, enter=disk.enter)
    assert "Read-only file system" in done.stderr.splitlines()[-1]
    with running(tmp_path, enter=disk.enter) as server:
        assert server.ask(ALL).status_code == 200
        server.process.terminate()
        assert server.process.wait(30) == 0
        assert len(server.said("the use of the data is not counted")) == 1
