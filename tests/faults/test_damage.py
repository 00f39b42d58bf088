"""A release whose bytes have changed since it was made: it is refused, and the last good one is served."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.releases.release import Release, current, releases
from tests.conftest import odis
from tests.faults.conftest import ALL, Running, change, running


def a_changed_byte(release: Release) -> None:
    """The size is as it was."""
    content = bytearray(release.graph.read_bytes())
    content[len(content) // 2] ^= 1
    release.graph.write_bytes(content)


def a_file_of_the_store_is_gone(release: Release) -> None:
    """As after a copy that was broken off."""
    next(release.store.glob("*.sst")).unlink()


def a_cut_manifest(release: Release) -> None:
    """As after a power cut on a disk that lies about flushing."""
    path = release.path / "release.json"
    path.write_bytes(path.read_bytes()[:100])


DAMAGES = [a_changed_byte, a_file_of_the_store_is_gone, a_cut_manifest]


def served(server: Running, release: Release) -> None:
    """Wait until a server answers from a release."""
    end = time.monotonic() + 30
    while (got := server.ask(ALL)).headers["ODIS-Release"] != release.id:
        assert got.status_code == 200
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_at_the_start(region: Path, damage: Callable[[Release], None]) -> None:
    """The one before it is served, one line says why, and the next build mends it."""
    bad, good = releases(region / "var")
    damage(bad)
    with running(region) as server:
        served(server, good)
        assert server.said(f"{bad.id} is damaged")
        assert server.metric("release_verified") == 1
        change(region, "a3")
        odis(region, "build")
        served(server, current(region / "var"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_release_comes(region: Path, damage: Callable[[Release], None]) -> None:
    """What is served stays."""
    bad, good = releases(region / "var")
    odis(region, "rollback")
    with running(region) as server:
        served(server, good)
        damage(bad)
        link = region / "var" / "next"
        link.symlink_to(Path("releases") / bad.id)
        link.replace(region / "var" / "current")
        end = time.monotonic() + 30
        while not server.said(f"{bad.id} cannot be served, {good.id} stays"):
            assert server.ask(ALL).headers["ODIS-Release"] == good.id
            assert time.monotonic() < end
        assert server.ask(ALL).headers["ODIS-Release"] == good.id


def test_no_other_release_is_whole(region: Path) -> None:
    """Better what there is than nothing, but the log and a metric say it."""
    bad, good = releases(region / "var")
    for release in (bad, good):
        a_changed_byte(release)
    with running(region) as server:
        end = time.monotonic() + 30
        while not server.said(f"no other release is whole: {bad.id} is served as it is"):
            assert time.monotonic() < end
        assert server.metric("release_verified") == 0
        assert server.ask(ALL).status_code == 200
