"""`odis links`: whether the addresses of distributions answer."""

import json
from datetime import timedelta
from pathlib import Path

import click

from loaders.commands.options import config_options, configuration


@click.command(epilog="Examples: odis links | odis links --limit 500 --seconds 600 | odis links --list")
@config_options
@click.option("--limit", default=10_000, show_default=True, help="Addresses to call at most.")
@click.option("--seconds", default=3600.0, show_default=True, help="Time to take at most.")
@click.option(
    "--days", default=7.0, show_default=True, help="Answers that are newer are not asked for again."
)
@click.option("--pause", default=1.0, show_default=True, help="Seconds between two requests to one host.")
@click.option("--private", is_flag=True, help="Call addresses in private networks too.")
@click.option("--list", "listing", is_flag=True, help="Call nothing; print what is known, as lines of JSON.")
def links(
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    limit: int,
    seconds: float,
    days: float,
    pause: float,
    private: bool,
    listing: bool,
) -> None:
    """Call the addresses of distributions in the served release, and keep what they answer.

    One request at a time for each host, HEAD first. A check that is stopped goes on where it was. The next
    build gives points by the answers.
    """
    from loaders.quality.calling import Manners, addresses, check_links, due
    from loaders.quality.links import Answer, read_answers
    from loaders.releases.release import current

    config = configuration(config_file, sample, data)
    if listing:
        for answer in read_answers(config.data):
            click.echo(json.dumps(answer._asdict(), ensure_ascii=False))
        return
    wanted = due(config.data, addresses(current(config.data).graph), timedelta(days=days), limit)
    found: list[Answer] = []
    check_links(
        config.data,
        wanted,
        Manners(config.odis.contact, pause=pause, seconds=seconds, private=private),
        found.append,
    )
    well, dead = sum(answer.well for answer in found), sum(not answer.status for answer in found)
    click.echo(
        f"{len(found)} of {len(wanted)} addresses called: {well} answer, "
        f"{len(found) - well - dead} say that something is wrong, {dead} do not answer"
    )
