"""`odis datasets`: what the harvested catalogues offer that can become rows of the graph."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loaders.commands.options import config_options, configuration
from ontology.errors import ConfigError

if TYPE_CHECKING:
    from loaders.config import Config
    from loaders.discovery.offers import Offer


@click.group()
def datasets() -> None:
    """From catalogue to data: find what follows a specification.

    \b
    odis datasets discover          what the catalogues of the last build offer
    odis datasets discover --toml   the same as tables for odis.toml
    """


@datasets.command(
    epilog="Examples: odis datasets discover | odis datasets discover --headers --toml >> odis.toml"
)
@config_options
@click.option("--headers", is_flag=True, help="Fetch what names no specification, and look at its header.")
@click.option("--toml", "as_toml", is_flag=True, help="Print [[source]] tables for what is not configured.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def discover(
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    headers: bool,
    as_toml: bool,
    as_json: bool,
) -> None:
    """List distributions of harvested catalogues that follow a specification of ODIS.

    With `discover = true` in [odis] or in a source a build takes up by itself those that say so.
    """
    from loaders.discovery.sources import new, toml

    config = configuration(config_file, sample, data)
    found = _found(config, headers)
    waiting = new(config, found)
    if as_toml:
        click.echo("\n".join(map(toml, waiting)), nl=False)
    elif as_json:
        rows = [{**asdict(offer), "id": offer.id, "configured": offer not in waiting} for offer in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _show(found, waiting)


def _found(config: "Config", headers: bool) -> list["Offer"]:
    from loaders.discovery.headers import by_header
    from loaders.discovery.offers import offers, unstated
    from loaders.discovery.sources import catalogues

    known = catalogues(config, config.sources)
    if not known:
        raise ConfigError("no catalogue was harvested yet; harvest them with: odis build")
    found = offers(known)
    if headers:
        private = {source.id: source.private for source in config.sources}
        for offer, why in by_header(unstated(known), private, config.odis.contact):
            if why:
                click.echo(f"odis: {offer.title}: {why}", err=True)
            else:
                found.append(offer)
    return found


def _show(found: list["Offer"], waiting: list["Offer"]) -> None:
    from loaders.terminal import show_table

    rows = [
        (
            offer.title,
            offer.source,
            offer.specification,
            offer.why,
            offer.format,
            "" if offer in waiting else "yes",
            offer.address,
        )
        for offer in found
    ]
    show_table(("dataset", "catalogue", "specification", "why", "format", "configured", "address"), (), rows)
