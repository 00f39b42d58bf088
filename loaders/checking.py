"""The check of one source: which shapes hold for it, and its report as files and as quads."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from loaders.catalogues.blanks import with_names, write_unnamed
from loaders.catalogues.skolem import has_blank, skolemise, split
from loaders.tables.csvw import extended_file
from ontology import ODIS, iri
from ontology.errors import CheckError
from shapes.check import check, load_profile
from shapes.profile import Profile
from shapes.report import Report, Result

REPORTS = ("report.json", "report.ttl")
"""The files that `write_report` makes: the report as it is read again, and as W3C validation report."""

_EXTENDS_LIMIT = 5


def check_file(
    data: Path, shapes: str, specification: str, *, prefix: str = "", engine: str = "shacl"
) -> Report:
    """Check N-Triples against a profile, or against the shapes of a specification; no shapes, no results.

    IRIs that begin with `prefix` stand for blank nodes; shapes see them as such, the report as IRIs.
    """
    profile = profile_of(shapes, specification)
    if profile is None:
        return Report(())
    unnamed = data.with_suffix(".unnamed")
    report = check(write_unnamed(data, prefix, unnamed) if prefix else data, profile, engine=engine)
    unnamed.unlink(missing_ok=True)
    return with_names(report, prefix)


def profile_of(shapes: str, specification: str) -> Profile | None:
    """The profile `shapes`, or the shapes of a specification; None when that has none."""
    return _of_specification(Path(specification)) if specification else load_profile(shapes)


def _of_specification(metadata: Path) -> Profile | None:
    """The shapes beside a CSVW document and beside those that it extends."""
    files = []
    for _ in range(_EXTENDS_LIMIT):
        if (metadata.parent / "shape.ttl").is_file():
            files.append(metadata.parent / "shape.ttl")
        extended = json.loads(metadata.read_bytes()).get(f"{ODIS}extends")
        if not extended:
            break
        metadata = extended_file(metadata, extended)
    if not files:
        return None
    return replace(load_profile(files[0]), name=files[0].parent.name, files=tuple(files))


def write_report(report: Report, folder: Path) -> None:
    """Write a report in all its forms."""
    as_json, as_turtle = (folder / name for name in REPORTS)
    as_json.write_text(report.to_json(), encoding="utf-8")
    as_turtle.write_text(report.to_turtle(), encoding="utf-8")


def report_lines(report: Report, prefix: str) -> list[bytes]:
    """A report as N-Triples without blank nodes, for the graph of results.

    Results keep the names that the report gives them, which stay the same from one check to the next. What a
    shape says is written once, as its `sh:message`, and not again for each of its results.
    """
    said: dict[str, Mapping[str, str]] = {}
    results = tuple(_without(result, said) for result in report.results)
    try:
        quads = ox.parse(replace(report, results=results).to_turtle(), ox.RdfFormat.TURTLE)
        lines = [_with_names(b"%s .\n" % str(quad.triple).encode(), prefix) for quad in quads]
    except SyntaxError as error:
        raise CheckError(f"the report of the check cannot be read again: {error.msg}") from error
    blank = [line for line in lines if has_blank(line)]
    named = [line for line in lines if not has_blank(line)]
    return named + list(skolemise(blank, prefix)) + list(_messages(said))


def _without(result: Result, said: dict[str, Mapping[str, str]]) -> Result:
    """The result without the messages of its shape, which are noted in `said`."""
    if result.shape.startswith("_:") or said.setdefault(result.shape, result.messages) != result.messages:
        return result
    return replace(result, messages={})


def _messages(said: Mapping[str, Mapping[str, str]]) -> Iterator[bytes]:
    link = ox.NamedNode(iri("sh:message"))
    for shape, messages in said.items():
        for language, text in messages.items():
            value = ox.Literal(text, language=language) if language else ox.Literal(text)
            yield b"%s .\n" % str(ox.Triple(ox.NamedNode(shape), link, value)).encode()


def _with_names(line: bytes, prefix: str) -> bytes:
    subject, predicate, value = split(line)
    return b"%s %s %s .\n" % (_named(subject, prefix), predicate, _named(value, prefix))


def _named(term: bytes, prefix: str) -> bytes:
    """`_:report` and `_:r…` are names that the report gave; other blank nodes are parts of paths."""
    return f"<{prefix}{term[2:].decode()}>".encode() if term.startswith(b"_:r") else term
