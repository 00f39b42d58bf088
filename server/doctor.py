"""Looks over an installation and says what is wrong, and what to do about it; nothing is changed."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import requires, version
from pathlib import Path
from typing import Final, Literal

from loaders.config import Config
from loaders.harvest.fetcher import Bounds, Fetcher
from loaders.releases.release import Release, current, faults, verify
from ontology.errors import OdisError, SourceError

OLD: Final = timedelta(days=8)
"""A release that is older has missed a weekly build."""
ROOM: Final = 3
"""Times the size of a release that should be free: a build holds the new one and sorts beside it."""
MEGABYTE: Final = 1_000_000
_NEEDS: Final = re.compile(r"([\w.-]+)[^;]*>=([\d.]+)[^;]*$")
"""A library that is needed on every system, and the least version of it."""
_SHOWN: Final = ("Python", "pyoxigraph", "rdflib", "pyshacl", "shacl")
_EDITOR = Path(__file__).parent / "static" / "editor" / "editor.js"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` is empty when it is well."""

    level: Literal["well", "note", "fault"]
    what: str
    advice: str = ""


def examine(config: Config, *, full: bool, sources: bool) -> Iterator[Finding]:
    """Look at everything, one finding after the other.

    `full` reads every file of the served release and compares checksums; `sources` fetches each source that
    is somewhere else, as a build would.
    """
    yield _versions()
    yield _walls()
    yield from _folder(config.data)
    yield from _release(config.data, full=full)
    yield _editor()
    if sources:
        yield from _sources(config)


def _versions() -> Finding:
    """The versions in use; what is older than this ODIS needs is a fault."""
    told, wanting = [f"Python {sys.version.split()[0]}"], []
    for wanted in requires("odis") or ():
        if found := _NEEDS.match(wanted):
            name, least = found[1], found[2]
            told.append(f"{name} {(there := version(name))}")
            if _number(there) < _number(least):
                wanting.append(f"{name} {there}, where {least} is needed")
    if wanting:
        return Finding(
            "fault", "; ".join(wanting), "install with: pip install --constraint constraints.txt ."
        )
    shown = [one for one in told if one.split()[0] in _SHOWN]
    return Finding("well", f"ODIS {version('odis')}, {', '.join(shown)}, and {len(told) - len(shown)} more")


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _walls() -> Finding:
    program = "from server.workers.sandbox import lock_down; print(lock_down(1 << 30, network=False).kernel)"
    home = str(Path(__file__).parent.parent)
    done = subprocess.run(  # noqa: S603 -- our own program, no shell
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": home},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout.strip() == "True":
        return Finding("well", "queries run behind a kernel filter")
    return Finding(
        "note", "this system has no filter for system calls", "read what that means in docs/security.md"
    )


def _folder(data: Path) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=data):
            yield Finding("well", f"{data} can be written")
    except OSError as error:
        advice = "build once, or give the folder to the user that runs ODIS"
        yield Finding("fault", f"{data} cannot be written: {error.strerror}", advice)


def _release(data: Path, *, full: bool) -> Iterator[Finding]:
    for name, fault in faults(data).items():
        yield Finding("fault", fault, f"remove {data / 'releases' / name} when another one is served")
    try:
        release = current(data)
        if full:
            verify(release)
    except OdisError as error:
        yield Finding("fault", str(error), "build again, or go back with: odis rollback")
        return
    checked = "every checksum is right" if full else "every file has its size"
    yield Finding("well", f"release {release.id} is whole: {checked}")
    yield _engine(release)
    yield _age(release)
    yield _room(data, release)
    for source in release.manifest.sources:
        if source.state not in ("new", "unchanged"):
            yield Finding("note", f"{source.id}: {source.state}: {source.message}", "mend the source")


def _engine(release: Release) -> Finding:
    """Whether the store was made by the engine that reads it."""
    here, made = f"pyoxigraph {version('pyoxigraph')}", release.manifest.engine
    if made and made != here:
        return Finding("note", f"its store was made by {made}, this is {here}", "build again to be sure")
    return Finding("well", f"its store was made by {made or 'an engine that left no name'}")


def _age(release: Release) -> Finding:
    age = datetime.now(UTC) - datetime.fromisoformat(release.manifest.created)
    if age > OLD:
        return Finding("note", f"the release is {age.days} days old", "see why no build has run since")
    return Finding("well", f"the release is {age.days} days old")


def _room(data: Path, release: Release) -> Finding:
    size = sum(file.bytes for file in release.manifest.files.values())
    free = shutil.disk_usage(data).free
    told = f"{free // MEGABYTE:,} MB are free, a release takes {size // MEGABYTE:,} MB"
    if free < ROOM * size:
        return Finding("fault", told, "free some, or keep fewer releases (keep_releases in odis.toml)")
    return Finding("well", told)


def _editor() -> Finding:
    if _EDITOR.is_file():
        return Finding("well", "the query editor is built")
    return Finding("note", "the query editor is not built; the plain form is shown", "run make where npm is")


def _sources(config: Config) -> Iterator[Finding]:
    settings = config.odis
    with Fetcher(settings.contact) as fetcher, tempfile.TemporaryDirectory() as folder:
        for source in config.sources:
            if not source.location.remote:
                continue
            bounds = Bounds(settings.max_mb * MEGABYTE, settings.download_seconds, source.private)
            try:
                fetcher.fetch(source.location.text, Path(folder) / source.id, bounds)
            except SourceError as error:
                yield Finding("fault", f"{source.id}: {error}", "tell its publisher, or mend its address")
            else:
                yield Finding("well", f"{source.id}: answers at {source.location.text}")
