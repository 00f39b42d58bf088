"""Clocks that jump: what was made later counts as later, and no deadline hangs on the time of day."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from loaders.releases import release
from loaders.releases.release import Release, releases
from loaders.views.index import FILE
from tests.conftest import odis
from tests.faults.conftest import change, running
from tests.loaders.quiet import built

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
WILD = "import random, time\ntime.time = lambda: random.uniform(0, 4e9)\n"


def put_back(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Have releases believe that it is earlier."""

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Earlier":
            return cls.fromtimestamp(datetime.now(UTC).timestamp() - by.total_seconds(), UTC)

    monkeypatch.setattr(release, "datetime", Earlier)


def stamps(made: Release) -> list[str]:
    """When the records of a release became what they are."""
    with closing(sqlite3.connect(made.views / FILE)) as index:
        return sorted(stamp for (stamp,) in index.execute("SELECT stamp FROM records"))


def test_releases_keep_their_order(region: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the clock was put back a week the new release is the newest, for us and for harvesters."""
    before = release.current(region / "var")
    put_back(monkeypatch, timedelta(days=7))
    change(region, "a3")
    made = built(region / "odis.toml").release
    assert releases(region / "var")[0] == made
    assert release.previous(region / "var") == before
    assert stamps(made)[-1] > stamps(before)[-1]
    change(region, "a4")
    again = built(region / "odis.toml").release
    assert releases(region / "var")[:2] == [again, made]
    odis(region, "rollback")
    assert release.current(region / "var") == made


def test_a_server_with_a_wild_clock(region: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of day jumps with every look at it, by decades: answers and deadlines are as always."""
    (tmp_path / "sitecustomize.py").write_text(WILD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running(region, "--deadline", "2") as server:
        assert [server.ask().status_code for _ in range(20)] == [200] * 20
        began = time.monotonic()
        late = server.ask(SLOW)
        assert late.status_code in (503, 504)
        assert 1.5 < time.monotonic() - began < 10
        server.process.terminate()
        assert server.process.wait(30) == 0
        assert not server.said("Traceback")
