"""`odis build --watch`: a real process that builds by the clock."""

import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
import yaml
from filelock import FileLock

from loaders.releases.release import current
from odis import main
from tests.conftest import COMMAND, ROOT, odis
from tests.loaders.region import CATALOGUE, write_region
from tests.loaders.site import Answer, Asked, Site


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """A folder in which source a is due every other second, and all others once a year."""
    config = write_region(tmp_path)
    often = config.read_text().replace('id = "a"', 'id = "a"\nschedule = "*/2 * * * * *"')
    config.write_text(f'[odis]\nschedule = "0 0 1 1 *"\n\n{often}')
    return tmp_path


@contextmanager
def watching(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", IO[str]]]:
    """`odis build --watch` in a folder, and what it says on standard error."""
    command = [*COMMAND, "build", "--watch"]
    with subprocess.Popen(command, cwd=folder, stdout=-1, stderr=-1, text=True) as process:
        assert process.stderr
        try:
            yield process, process.stderr
        finally:
            process.kill()


def heard(said: IO[str], wanted: str) -> str:
    """The next line that holds some words."""
    for line in said:
        assert "Traceback" not in line
        if wanted in line:
            return line
    raise AssertionError(f"it ended without saying {wanted!r}")


def ended(process: "subprocess.Popen[str]", said: IO[str]) -> tuple[str, int]:
    """The last line of a process that was told to stop, and its exit code."""
    last = said.read().splitlines()[-1]
    return last, process.wait(10)


STOPPED = ("odis: stopped; nothing that is served was changed", 130)


def test_each_source_is_harvested_by_its_own_schedule(region: Path) -> None:
    """All at first, then each when it is due; a build that fails does not end it, Ctrl-C does."""
    with watching(region) as (process, said):
        told = heard(said, "next build")
        assert re.search(r"next build \d{4}-\d\d-\d\d \d\d:\d\d CES?T: a$", told)
        first = current(region / "var")
        for name in "ab":
            (region / f"{name}.ttl").write_text(CATALOGUE.format(f"{name}2"))
        while (second := current(region / "var")).id == first.id:
            heard(said, "next build")
        states = [source.state for source in second.manifest.sources]
        assert states == ["new", "unchanged", "unchanged"]
        with FileLock(region / "var" / "lock"):
            heard(said, "another build is running")
        heard(said, "next build")
        process.send_signal(signal.SIGINT)
        assert ended(process, said) == STOPPED


def test_a_build_that_waits_for_a_server_can_be_stopped(region: Path, server: Site) -> None:
    """A service that is told to stop does so at once, whatever a server keeps back."""
    asked, over = threading.Event(), threading.Event()

    def late(request: Asked) -> Answer:
        asked.set()
        over.wait()
        return Answer(404)

    server.answers["/late"] = late
    with (region / "odis.toml").open("a") as config:
        config.write('[[source]]\nid = "z"\nkind = "dcat"\ntitle = "z"\nprivate = true\n')
        config.write(f'location = "{server.address}/late"\n')
    try:
        with watching(region) as (process, said):
            assert asked.wait(60)
            process.send_signal(signal.SIGTERM)
            assert ended(process, said) == STOPPED
    finally:
        over.set()
    assert not (region / "var" / "current").exists()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            'schedule = "every day"',
            "[odis]: schedule: 'every day': expected a cron expression, such as \"15 3",
        ),
        ('schedule = "0 0 30 2 *"', "[odis]: schedule: '0 0 30 2 *': expected a cron expression"),
        ('timezone = "Europe/Solna"', "[odis]: timezone: 'Europe/Solna' is not known here"),
    ],
)
def test_a_schedule_that_means_nothing_is_told(region: Path, setting: str, told: str) -> None:
    """One line with the key and what was expected."""
    config = region / "odis.toml"
    config.write_text(config.read_text().replace('schedule = "0 0 1 1 *"', setting))
    assert told in odis(region, "build", "--watch", code=2).stderr


def test_what_is_meant_for_one_build_is_refused(region: Path) -> None:
    """Losses are accepted once, not every night."""
    assert "for one build" in odis(region, "build", "--watch", "--accept", "a", code=2).stderr


def _deployed() -> Iterator[list[str]]:
    """The commands of the units and containers in docs/deploy."""
    folder = ROOT / "docs" / "deploy"
    for unit in sorted(folder.glob("*.service")):
        yield unit.read_text("utf-8").partition("ExecStart=/opt/odis/bin/odis ")[2].splitlines()[0].split()
    services = yaml.safe_load((folder / "compose.yaml").read_bytes())["services"]
    yield from (services[name]["command"] for name in sorted(services))


def test_units_and_containers_run_what_there_is() -> None:
    """Their commands and options are those of the command line."""
    commands = list(_deployed())
    assert [command[0] for command in commands] == ["build", "serve"] * 2
    for name, *options in commands:
        found = main.commands[name].make_context(name, options).params
        assert str(found["data"]) == "/srv/odis/var"
