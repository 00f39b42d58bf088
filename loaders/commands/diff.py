"""`odis diff`: what is different between two releases."""

from pathlib import Path

import click

from loaders.commands.options import config_options, data_folder


@click.command(epilog="Examples: odis diff | odis diff --format json 20261124T081500Z-1f3a9c02")
@config_options
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "turtle"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as Activity Streams in RDF.",
)
def diff(
    config_file: Path | None, sample: bool, data: Path | None, old: str | None, new: str | None, form: str
) -> None:
    """Say which datasets came, went and changed from release OLD to NEW, source by source.

    Without NEW it is the current release, without OLD the one before that.
    """
    from loaders.history.compare import compare
    from loaders.history.telling import WRITERS
    from loaders.releases.release import current, named, previous

    folder = data_folder(config_file, sample, data)
    after = named(folder, new) if new else current(folder)
    before = named(folder, old) if old else previous(folder)
    click.echo(WRITERS[form](compare(before, after)), nl=False)
