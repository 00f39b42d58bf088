"""`odis table`: what is wrong with one table, for its steward, without a build."""

import json
from pathlib import Path

import click


@click.command(
    epilog="Examples: odis table badplatser.csv | odis table gym.xlsx -s outdoor-gyms --marked gym-svar.xlsx"
)
@click.argument("location", metavar="FILE|URL")
@click.option(
    "--specification", "-s", help="A name (odis specs) or a path; told from the header if left out."
)
@click.option(
    "--marked",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a copy with the findings beside rows and cells: OUT.xlsx or OUT.csv.",
)
@click.option(
    "--lang", type=click.Choice(["sv", "en"]), default="sv", show_default=True, help="Of the texts."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def table(
    ctx: click.Context,
    location: str,
    specification: str | None,
    marked: Path | None,
    lang: str,
    as_json: bool,
) -> None:
    """Read a table by a specification and say, row by row, what is wrong and what was done.

    Exit code 1 when a row had to be left out, or something must be mended.
    """
    from loaders.tables.describe import named
    from loaders.tables.inspection import inspect_table
    from loaders.tables.telling import tell

    found = inspect_table(location, named(specification) if specification else None, marked, lang)
    if as_json:
        shacl = json.loads(found.shacl.to_json())
        click.echo(json.dumps({**found.table, "shacl": shacl}, ensure_ascii=False, indent=1))
    else:
        for line in tell(found.table, found.shacl, lang):
            click.echo(line)
    if marked:
        click.echo(f"odis: {marked} has the rows with what was found in them", err=True)
    wrong = any(count["severity"] == "Violation" for count in found.table["counts"])
    ctx.exit(bool(wrong or found.table["refused"] or found.shacl.counts.violations))
