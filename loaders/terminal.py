"""Draws a build and its outcome on a terminal."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loaders.build import STEPS, BuildResult
from loaders.releases.rehearsal import read_rehearsal
from loaders.releases.release import SourceState, current, faults, releases
from loaders.releases.same import read_same
from loaders.releases.since import read_since
from loaders.work import SourceOutcome
from ontology.errors import ReleaseError

_COLOURS: Final = {"new": "green", "unchanged": "dim", "last good": "yellow", "left out": "red"}


class Drawing:
    """Tells how a build goes on: a line for each source and one for the release."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def source(self, id: str, step: str) -> None:
        """A source has come to a step."""
        self._bars.update(self._task(id), step=step)

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """A source has ended."""
        entry = outcome.entry
        told = f"{entry.state}: {entry.triples:,} triples, {entry.violations:,} violations"
        self._bars.update(self._task(id), step=told, completed=1)

    def step(self, name: str, done: int, total: int) -> None:
        """The release has come to a step."""
        self._bars.update(self._task("release", total=total), step=name, completed=done + (name == STEPS[-1]))

    def _task(self, name: str, total: int = 1) -> TaskID:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, step="")
        return self._tasks[name]


class Lines:
    """Tells how a build goes on where nobody watches: a line when a source ends."""

    def source(self, id: str, step: str) -> None:
        """Steps are not told."""

    def done(self, id: str, outcome: SourceOutcome) -> None:
        """A source has ended; only what did not go well is told."""
        if not outcome.well:
            print(f"odis: {id}: {outcome.entry.state}: {outcome.entry.message}", file=sys.stderr)

    def step(self, name: str, done: int, total: int) -> None:
        """Steps are not told."""


@contextmanager
def drawn(*, quiet: bool) -> Iterator[Drawing | Lines]:
    """A drawing of a build on standard error, or with `quiet` only lines about what failed."""
    if quiet:
        yield Lines()
        return
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[step]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield Drawing(bars)


def show(result: BuildResult) -> None:
    """Print the outcome of a build as a table, and what did not go well in whole sentences."""
    console, manifest = _console(), result.release.manifest
    console.print(_table(f"release {manifest.id}", result.sources))
    console.print(f"{manifest.triples:,} triples in the default graph, {manifest.quads:,} quads in all")
    for line in (
        read_rehearsal(result.release.reports).summary(),
        read_same(result.release.reports).summary(),
        read_since(result.release.reports).summary(),
    ):
        if line:
            console.print(Text(line), soft_wrap=True)
    _tell(console, result.sources)


def show_parts(outcomes: Sequence[SourceOutcome]) -> None:
    """Print how sources ended of which no release was made."""
    console = _console()
    console.print(_table("no release; kept for another build", outcomes))
    _tell(console, outcomes)


def _table(title: str, outcomes: Sequence[SourceOutcome]) -> Table:
    table = Table("source", "kind", "state", title=title, title_justify="left")
    for name in ("triples", "repairs", "violations", "warnings", "seconds"):
        table.add_column(name, justify="right")
    for outcome in outcomes:
        table.add_row(*_row(outcome.entry), f"{outcome.seconds:.1f}")
    return table


def _tell(console: Console, outcomes: Sequence[SourceOutcome]) -> None:
    for entry in (outcome.entry for outcome in outcomes if outcome.entry.message):
        told = f"{entry.id}: {entry.state}: {entry.message}"
        console.print(Text(told, style=_COLOURS[entry.state]), soft_wrap=True)


def _row(entry: SourceState) -> tuple[str | Text, ...]:
    numbers = (entry.triples, entry.repairs, entry.violations, entry.warnings)
    return (
        entry.id,
        entry.kind,
        Text(entry.state, style=_COLOURS[entry.state]),
        *(f"{n:,}" for n in numbers),
    )


def show_table(texts: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a head of texts, then numbers."""
    table = Table(*texts)
    for name in numbers:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*map(Text, row))
    _console().print(table)


def show_releases(data: Path, as_json: bool) -> None:
    """Print all releases, newest first; damaged ones are told on standard error."""
    found, served = releases(data), _served(data)
    if as_json:
        rows = [asdict(release.manifest) | {"current": release.id == served} for release in found]
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        _show_table(data, served)
    for fault in faults(data).values():
        print(f"odis: {fault}", file=sys.stderr)


def _show_table(data: Path, served: str) -> None:
    table = Table("release", "created (UTC)", "sources", "not new", "triples", "served")
    for release in releases(data):
        manifest = release.manifest
        other = sum(source.state in ("last good", "left out") for source in manifest.sources)
        numbers = (str(len(manifest.sources)), str(other), f"{manifest.triples:,}")
        table.add_row(release.id, manifest.created[:19], *numbers, "yes" if release.id == served else "")
    _console().print(table if table.row_count else f"{data} has no release; build one with: odis build")


def _served(data: Path) -> str:
    try:
        return current(data).id
    except ReleaseError:
        return ""


def _console() -> Console:
    """The standard output; a pipe gets lines as long as they need to be."""
    return Console(width=None if sys.stdout.isatty() else 1000)
