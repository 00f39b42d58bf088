"""The command line: the whole flow of ODIS on one page.

Answers go to standard output, progress and problems to standard error.
Exit codes: 0 all well; 1 something was left out, or a check found what it should not; 2 could not run.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from loaders.commands.datasets import datasets
from loaders.commands.diff import diff
from loaders.commands.links import links
from loaders.commands.operations import backup, restore
from loaders.commands.options import config_options, configuration, data_folder, served
from loaders.commands.publish import engine_options, publish
from loaders.commands.shapes import shapes
from loaders.commands.specs import specs
from loaders.commands.table import table
from ontology.errors import CheckError, ConfigError, OdisError

if TYPE_CHECKING:
    from loaders.build import BuildResult
    from loaders.config import Config
    from loaders.inspection import Inspection
    from loaders.serving import Serving
    from shapes.present import View

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Examples(click.Group):
    """A group that turns ODIS's own errors, and Ctrl-C, into one line and a stable exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OdisError as error:
            click.echo(f"odis: {error}", err=True)
        except BrokenPipeError:
            raise  # whoever reads has enough, as `head` does: click ends without a word
        except OSError as error:
            click.echo(f"odis: {error.filename or 'system'}: {error.strerror or error}", err=True)
        except KeyboardInterrupt:
            click.echo("odis: stopped; nothing that is served was changed", err=True)
            sys.stdout.flush()
            os._exit(130)  # threads that wait for a slow server are not waited for
        ctx.exit(2)


@click.group(cls=_Examples, context_settings=CONTEXT)
@click.version_option(package_name="odis", prog_name="odis")
def main() -> None:
    """ODIS: the open data of a region as one graph, checked with SHACL and served with SPARQL.

    \b
    odis up                            build the region and serve it
    odis query --saved NAME key=value  ask a saved query
    odis check catalogue.rdf           what is wrong with a catalogue, and how to mend it
    """


# ---------------------------------------------------------------------------------------------- build


@main.command(epilog="Examples: odis build | odis build -c region.toml --only nacka --json")
@config_options
@click.option(
    "--only", multiple=True, metavar="SOURCE", help="Harvest only these; the others stay as they are."
)
@click.option(
    "--accept", multiple=True, metavar="SOURCE", help="Let these lose datasets, however many, this once."
)
@click.option(
    "--no-release", is_flag=True, help="Only keep the sources, for a build elsewhere that takes them."
)
@click.option(
    "--take",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Harvest nothing: take what --no-release kept in this data folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON instead of a table.")
@click.option("--dry-run", is_flag=True, help="Say what would be harvested, and stop.")
@click.option("--watch", is_flag=True, help="Build now, and then each source by its schedule, until Ctrl-C.")
@click.pass_context
def build(
    ctx: click.Context,
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    only: tuple[str, ...],
    accept: tuple[str, ...],
    no_release: bool,
    take: tuple[Path, ...],
    as_json: bool,
    dry_run: bool,
    watch: bool,
) -> None:
    """Harvest all sources, convert, check and load them into a new release.

    The release that is served changes at the very end, at once, and only if the new one is whole.
    A source that fails is replaced by its last good version.
    """
    config = configuration(config_file, sample, data)
    if dry_run:
        _plan(config, only)
        return
    if watch + no_release + bool(take) > 1:
        raise ConfigError("--watch, --no-release and --take exclude each other")
    if watch:
        _watch(config, only, accept, as_json)
    if no_release:
        ctx.exit(_parts(config, only, accept, as_json))
    result = _build(config, only, accept, as_json, take)
    ctx.exit(result.exit_code)


def _plan(config: "Config", only: tuple[str, ...]) -> None:
    for source in config.sources:
        if not only or source.id in only:
            click.echo(f"{source.id}\t{source.kind}\t{source.location.text}")


def _watch(config: "Config", only: tuple[str, ...], accept: tuple[str, ...], as_json: bool) -> NoReturn:
    from loaders.schedule import watch

    if only or accept:
        raise ConfigError("--only and --accept are for one build, which may run beside --watch")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is stopped as with Ctrl-C
    watch(config, lambda due: _build(config, tuple(due), as_json=as_json), partial(click.echo, err=True))


def _parts(config: "Config", only: tuple[str, ...], accept: tuple[str, ...], as_json: bool) -> int:
    """Work on sources without a release; gives the exit code."""
    from loaders.build import build_parts
    from loaders.terminal import drawn, show_parts

    with drawn(quiet=as_json or not sys.stderr.isatty()) as progress:
        outcomes = build_parts(config, progress, only, accept)
    if as_json:
        told = {"sources": [asdict(outcome.entry) for outcome in outcomes]}
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        show_parts(outcomes)
    return 0 if all(outcome.well for outcome in outcomes) else 1


def _build(
    config: "Config",
    only: tuple[str, ...] = (),
    accept: tuple[str, ...] = (),
    as_json: bool = False,
    take: tuple[Path, ...] = (),
) -> "BuildResult":
    from loaders.build import build as build_release
    from loaders.terminal import drawn, show

    with drawn(quiet=as_json or not sys.stderr.isatty()) as progress:
        result = build_release(config, progress, only, accept, take)
    if as_json:
        outcome = asdict(result.release.manifest)
        outcome["sources"] = [asdict(source.entry) for source in result.sources]  # as they are in this build
        click.echo(json.dumps(outcome, indent=1, ensure_ascii=False))
    else:
        show(result)
    return result


# ---------------------------------------------------------------------------------------------- serve


def _serve_flag(key: str, kind: type, told: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag that goes before a key of the table `[serve]`, as its variable of the environment does."""
    from server.settings import default_of

    name, default = key.removesuffix("_mib"), default_of(key)
    return click.option(
        f"--{name.replace('_', '-')}",
        key,
        type=kind,
        envvar=f"ODIS_{name.upper()}",
        help=told if default in ("", None) else f"{told}  [default: {default}]",
    )


def _serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        _serve_flag("host", str, "Where to listen; 0.0.0.0: everywhere."),
        _serve_flag("port", int, "0 takes any free port."),
        _serve_flag("workers", int, "Queries at a time."),
        _serve_flag("deadline", float, "Seconds per query."),
        _serve_flag("row_cap", int, "The longest answer, in rows; none by default."),
        _serve_flag("rate", float, "Requests a second of each client, in the long run."),
        _serve_flag("memory_mib", int, "MiB for one query."),
        _serve_flag("in_memory_limit_mib", int, "MiB to hold the release in memory; 0 stays on disk."),
        engine_options,
        _serve_flag(
            "engine", str, "Ask this SPARQL endpoint, which `odis publish` filled, not the own store."
        ),
        click.option("--service-host", "service_hosts", multiple=True, help="A host that SERVICE may ask."),
        _serve_flag("contact", str, "The e-mail told to harvesters."),
        click.option(
            "--admin-token", envvar="ODIS_ADMIN_TOKEN", default="", help="Opens /admin to its bearer."
        ),
    ):
        command = option(command)
    return command


def _serve(
    serving: "Serving", data: Path, queries: Path | None, *, admin_token: str = "", **flags: Any
) -> None:
    from loaders.config import with_flags
    from server.serve import serve as run
    from server.settings import settings_of

    run(settings_of(with_flags(serving, flags), data, queries, admin_token=admin_token))


@main.command(epilog="Examples: odis serve | odis serve --port 80 --host 0.0.0.0 --deadline 10")
@config_options
@_serve_options
@click.option(
    "--queries",
    type=click.Path(path_type=Path),
    help="A folder of saved queries, served beside those of ODIS.",
)
def serve(
    config_file: Path | None, sample: bool, data: Path | None, queries: Path | None, **options: Any
) -> None:
    """Serve the current release; a newer one is taken up as soon as it is built."""
    folder, own, serving = served(config_file, sample, data)
    _serve(serving, folder, queries or own, **options)


@main.command(epilog="Example: odis up --sample --port 8080")
@config_options
@_serve_options
def up(config_file: Path | None, sample: bool, data: Path | None, **options: Any) -> None:
    """Build the region, then serve it."""
    config = configuration(config_file, sample, data)
    _build(config)
    _serve(config.serve, config.data, config.odis.queries, **options)


@main.command(
    epilog='Example, in an agent\'s settings: {"command": "odis", "args": ["mcp", "--data", "/srv/odis"]}'
)
@config_options
def mcp(config_file: Path | None, sample: bool, data: Path | None) -> None:
    """Let an agent on this machine ask: a Model Context Protocol server on standard input and output."""
    from server.agents.stdio import serve_stdio
    from server.settings import ServerSettings

    folder, own, _ = served(config_file, sample, data)
    serve_stdio(ServerSettings(folder, own, workers=1, in_memory_limit=0, log_requests=False))


# ---------------------------------------------------------------------------------------------- ask


@main.command(
    epilog="Examples: odis query 'SELECT * { ?s a dcat:Dataset } LIMIT 5' | "
    "odis query --saved bathing-places-in-municipality municipality=0182 | odis query -f q.rq --format csv"
)
@config_options
@click.argument("words", nargs=-1, metavar="[SPARQL | KEY=VALUE ...]")
@click.option("--file", "-f", type=click.Path(path_type=Path, allow_dash=True), help="A file with the query.")
@click.option("--saved", "-s", metavar="NAME", help="A saved query; its parameters follow as KEY=VALUE.")
@click.option("--list", "listing", is_flag=True, help="List the saved queries.")
@click.option(
    "--format",
    "form",
    default="table",
    show_default=True,
    help="Or json, xml, csv, tsv, ttl, nt, rdf, jsonld.",
)
def query(
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    words: tuple[str, ...],
    file: Path | None,
    saved: str | None,
    listing: bool,
    form: str,
) -> None:
    """Ask the current release: ad hoc, from a file, or a saved query by name.

    Prefixes of ODIS need no declaration.
    """
    from loaders.releases.release import current
    from server.ask import ask, list_saved, text_of

    folder, own, _ = served(config_file, sample, data)
    if listing:
        list_saved(own)
        return
    text = text_of(words, file, saved, own)
    ask(current(folder).store, text, form, sys.stdout.buffer)


@main.command(
    epilog="Examples: odis check catalogue.rdf | odis check https://example.se/datasets/dcat --lang en"
)
@click.argument("location", metavar="[FILE|URL]", required=False)
@config_options
@click.option("--source", metavar="NAME", help="Check the last good version of a source instead.")
@click.option("--harvest", is_flag=True, help="Harvest the source anew first.")
@click.option(
    "--profile", "-p", default="", help="A profile, or a file, folder or address of shapes.  [dcat-ap-se]"
)
@click.option("--format", "form", default="text", help="Or html, json, csv, turtle, sarif, junit.")
@click.option(
    "--lang", type=click.Choice(["sv", "en"]), default="sv", show_default=True, help="Of the texts."
)
@click.option(
    "--engine",
    type=click.Choice(["shacl", "pyshacl"]),
    default="shacl",
    show_default=True,
    help="What validates; both give the same results.",
)
@click.option(
    "--waivers", type=click.Path(path_type=Path), help="A file with what is accepted, and until when."
)
@click.option("--since", type=click.Path(path_type=Path), help="An earlier report (JSON): tell what changed.")
@click.option(
    "--fail-on",
    type=click.Choice(["violation", "warning", "info", "never"]),
    default="violation",
    show_default=True,
    help="What makes the exit code 1.",
)
@click.pass_context
def check(
    ctx: click.Context,
    /,
    location: str | None,
    config_file: Path | None,
    sample: bool,
    data: Path | None,
    source: str | None,
    harvest: bool,
    profile: str,
    form: str,
    lang: str,
    engine: str,
    waivers: Path | None,
    since: Path | None,
    fail_on: str,
) -> None:
    """Check a catalogue with SHACL and say what is wrong, where, and how to mend it."""
    from loaders.inspection import inspect, local_shapes
    from shapes.report import LEVELS, Report
    from shapes.waivers import apply_waivers, read_waivers

    if (location is None) == (source is None):
        raise CheckError("name a file or an address to check, or a source with --source")
    writer = _report_writer(form)
    before = Report.from_json(since.read_bytes()) if since else None
    accepted = read_waivers(waivers) if waivers else None
    with local_shapes(profile) as chosen:
        if location is not None:
            inspection = inspect(location, profile=chosen or "dcat-ap-se", engine=engine)
        else:
            config = configuration(config_file, sample, data)
            inspection = _inspect_source(config, source or "", harvest, chosen, engine)
        waived = apply_waivers(inspection.report, accepted, date.today()) if accepted else None
        view = inspection.view(lang, waived, before)
        writer(view)
    ctx.exit(any(view.report.reaches(level) for level in LEVELS if level.lower() == fail_on))


def _inspect_source(config: "Config", source: str, harvest: bool, profile: str, engine: str) -> "Inspection":
    from loaders.build import renew
    from loaders.inspection import inspect_source

    if harvest and (message := renew(config, source).entry.message):
        click.echo(f"odis: {source}: {message}", err=True)
    return inspect_source(config, source, profile=profile, engine=engine)


def _report_writer(form: str) -> "Callable[[View], None]":
    from rich.console import Console

    from shapes.writers import WRITERS
    from shapes.writers.as_text import print_text

    if form not in WRITERS:
        raise CheckError(f"there is no report format {form!r}; choose {', '.join(WRITERS)}")
    if form == "text" and sys.stdout.isatty():
        return lambda view: print_text(view, Console())
    return lambda view: click.echo(WRITERS[form](view), nl=False)


# ---------------------------------------------------------------------------------------------- releases


@main.command()
@config_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def releases(config_file: Path | None, sample: bool, data: Path | None, as_json: bool) -> None:
    """List the releases, newest first, and which is served."""
    from loaders import terminal

    terminal.show_releases(data_folder(config_file, sample, data), as_json)


@main.command(epilog="Examples: odis rollback | odis rollback 20261124T081500Z-1f3a9c02")
@config_options
@click.argument("release", required=False)
def rollback(config_file: Path | None, sample: bool, data: Path | None, release: str | None) -> None:
    """Serve an earlier release: the one named, or the one before the current."""
    from loaders.releases.release import previous, switch

    folder = data_folder(config_file, sample, data)
    chosen = switch(folder, release or previous(folder).id)
    click.echo(f"now serving {chosen.id}")


for command in (backup, datasets, diff, links, restore, shapes, specs, table, publish):
    main.add_command(command)


@main.command(epilog="Examples: odis doctor | odis doctor --full --sources -c region.toml")
@config_options
@click.option("--full", is_flag=True, help="Read every file of the served release and compare checksums.")
@click.option("--sources", is_flag=True, help="Fetch every source that is elsewhere, as a build would.")
@click.pass_context
def doctor(
    ctx: click.Context, config_file: Path | None, sample: bool, data: Path | None, full: bool, sources: bool
) -> None:
    """Look over the installation and say what is wrong and what to do; exit code 1 when something is."""
    from server.doctor import examine

    worst = "well"
    for finding in examine(configuration(config_file, sample, data), full=full, sources=sources):
        advice = f"; {finding.advice}" if finding.advice else ""
        click.echo(f"{finding.level:5}  {finding.what}{advice}")
        worst = "fault" if "fault" in (worst, finding.level) else finding.level
    ctx.exit(int(worst == "fault"))


if __name__ == "__main__":
    partial(main, prog_name="odis")()
