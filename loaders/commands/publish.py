"""`odis publish`."""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from loaders.commands.options import config_options, data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 5
"""Statements an engine refused that are printed."""


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--engine` and `--engine-user`, as arguments `engine` and `engine_user`."""
    user = click.option(
        "--engine-user",
        envvar="ODIS_ENGINE_USER",
        default="",
        help="Its user; the password is read from ODIS_ENGINE_PASSWORD.",
    )
    return user(command)


@click.command(
    epilog="Example: odis publish --engine http://localhost:7878/query --graph-store http://localhost:7878/store"
)
@config_options
@click.option("--engine", envvar="ODIS_ENGINE", default="", metavar="URL", help="Its SPARQL endpoint.")
@click.option(
    "--graph-store",
    envvar="ODIS_ENGINE_GRAPH_STORE",
    default="",
    metavar="URL",
    help="Its address for the SPARQL Graph Store Protocol.",
)
@engine_options
@click.option(
    "--keep", default=2, show_default=True, type=click.IntRange(1), help="Releases that stay there."
)
@click.option(
    "--bulk",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write N-Quads for the engine's own bulk loader into this file instead; -: standard output.",
)
@click.option("--hide-wkt", is_flag=True, help="With --bulk, for Virtuoso, which changes such literals.")
@click.option("--dry-run", is_flag=True, help="Only say what is there and what would be sent.")
def publish(
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    engine: str,
    graph_store: str,
    engine_user: str,
    keep: int,
    bulk: str | None,
    hide_wkt: bool,
    dry_run: bool,
) -> None:
    """Send the current release to a SPARQL engine; servers that read there go over when it is whole."""
    from loaders.engines.client import Engine
    from loaders.engines.publish import publish as send
    from loaders.engines.publish import ready, write_bulk
    from loaders.releases.release import current

    release = current(data_folder(config_file, sample, data))
    if bulk and not dry_run:
        with _opened(bulk) as target:
            written = write_bulk(release, target, hide_wkt=hide_wkt)
        click.echo(f"{release.id}: {written:,} statements are in {bulk}", err=True)
        return
    if bulk:
        click.echo(f"to be written to {bulk}: {release.id}")
        return
    if not (engine and graph_store):
        raise click.UsageError("say with --engine and --graph-store where to send it, or with --bulk")
    there = Engine(engine, graph_store, engine_user)
    if dry_run:
        with there.client(10.0) as client:
            known = ready(client, there, release.manifest.base)
        click.echo(f"{engine} has {', '.join(known) or 'no release'}; to be sent: {release.id}")
        return
    with _progress() as told:
        done = send(release, there, keep=keep, told=told)
    click.echo(
        f"{release.id}: {done.held:,} of {done.sent:,} statements in {done.graphs} graphs are in {engine}"
    )
    for statement in done.refused[:_SHOWN]:
        click.echo(f"  refused: {statement[:200]}", err=True)
    if len(done.refused) > _SHOWN:
        click.echo(f"  … and {len(done.refused) - _SHOWN} more", err=True)
    if done.removed:
        click.echo(f"taken away: {', '.join(done.removed)}")
    if done.refused:
        raise click.exceptions.Exit(1)


@contextmanager
def _opened(bulk: str) -> "Iterator[IO[bytes]]":
    """The file to write to, which has its name when it is whole; `-` is standard output."""
    from loaders.whole import whole

    if bulk == "-":
        yield sys.stdout.buffer
        return
    with whole(Path(bulk)) as part, part.open("wb") as target:
        yield target


@contextmanager
def _progress() -> "Iterator[Callable[[str, int, int], None]]":
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("statements", total=None)
        yield lambda graph, sent, total: bars.update(bar, completed=sent, total=total)
