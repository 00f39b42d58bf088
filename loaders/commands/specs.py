"""`odis specs`: which specifications there are, what each asks for, and a draft of a new one."""

from collections.abc import Mapping
from pathlib import Path

import click

from loaders.commands.options import config_options, data_folder
from ontology.errors import ReleaseError, SourceError


class _Specs(click.Group):
    """`odis specs NAME` is short for `odis specs show NAME`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["show", *args])


@click.group(
    cls=_Specs,
    invoke_without_command=True,
    subcommand_metavar="[NAME | COMMAND ...]",
    epilog="Examples: odis specs | odis specs bathing-places | odis specs new bicycle-pumps --from pumps.csv",
)
@config_options
@click.pass_context
def specs(ctx: click.Context, config_file: Path | None, sample: bool, data: Path | None) -> None:
    """List the specifications of datasets, show one, or draft a new one from a table.

    Beside each stand the sources and rows that the served release has by it, if there is one.
    """
    if ctx.invoked_subcommand is None:
        _list(data_folder(config_file, sample, data))


def _list(data: Path) -> None:
    from loaders.tables.csvw import specification_names
    from loaders.tables.describe import describe, named
    from loaders.terminal import show_table

    used = _used(data)
    names = [*specification_names(), *sorted(set(used) - set(specification_names()))]
    rows = []
    for name in names:
        sources, kept = used.get(name, (0, 0))
        known = describe(named(name)) if name in specification_names() else None
        title, columns = (known.title["sv"], str(len(known.columns))) if known else ("", "")
        rows.append((name, title, columns, str(sources), f"{kept:,}"))
    show_table(("specification", "title"), ("columns", "sources", "rows"), rows)


def _used(data: Path) -> Mapping[str, tuple[int, int]]:
    from loaders.releases.release import current
    from loaders.releases.tables import rows_by_specification

    try:
        return rows_by_specification(current(data).reports)
    except ReleaseError:
        return {}  # nothing built yet: the specifications are the same


@specs.command()
@click.argument("name")
@click.option(
    "--lang", type=click.Choice(["sv", "en"]), default="sv", show_default=True, help="Of the texts."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(name: str, lang: str, as_json: bool) -> None:
    """Show the columns of a specification, by name or path: titles, types, codes, what is required."""
    from loaders.tables.describe import as_json as written
    from loaders.tables.describe import describe, named
    from loaders.terminal import show_table

    found = describe(named(name))
    if as_json:
        click.echo(written(found))
        return
    click.echo(f"{found.title.get(lang, found.name)}: {found.notes.get(lang, '')}")
    for address in found.addresses:
        click.echo(f"  {address}")
    rows = [
        (c.title, "required" if c.required else "", c.type, c.label.get(lang, ""), ", ".join(c.aliases))
        for c in found.columns
    ]
    show_table(("column", "", "type", "label", "also written"), (), rows)


@specs.command()
@click.argument("name")
@click.option(
    "--from",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A table of such rows; required.",
)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path(), help="Where the folder goes."
)
@click.option("--base", default="https://odis.example/", show_default=True, help="Own terms lie under it.")
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
def new(name: str, file: Path, folder: Path, base: str, dry_run: bool) -> None:
    """Draft a specification from a table: metadata.json (CSVW), shape.ttl (SHACL) and a query."""
    from loaders.tables.draft import draft

    made = draft(name, file, base)
    target = folder / name
    if dry_run:
        for title, text in made.files.items():
            click.echo(f"# {target / title}\n{text}")
    else:
        _write(target, made.files)
    click.echo("Next, by hand:", err=True)
    for line in made.next:
        click.echo(f"  {line}", err=True)
    click.echo(f'Use it in odis.toml: specification = "{target}"', err=True)


def _write(target: Path, files: Mapping[str, str]) -> None:
    if target.exists():
        raise SourceError(f"{target}: it is there already; choose another name, or --to another folder")
    target.mkdir(parents=True)
    for title, text in files.items():
        (target / title).write_text(text, encoding="utf-8")
        click.echo(target / title)
