"""Blank nodes as they were published, for a check that has to see them, and back to the names they got."""

import re
from collections.abc import Iterator
from pathlib import Path

from loaders.catalogues.skolem import DIGITS
from loaders.lines import blocks
from shapes.report import Report

_LABEL = re.compile(rf"_:b([0-9a-f]{{{DIGITS}}})")


def write_unnamed(data: Path, prefix: str, target: Path) -> Path:
    """Write N-Triples with blank nodes again in the place of the IRIs that `skolemise` made with `prefix`.

    Gives the file to check: `data` itself when there is no such IRI in it.
    """
    name = re.escape(f"<{prefix}".encode()) + rb"([0-9a-f]{%d})>" % DIGITS
    # Only whole subjects and objects: the same letters inside a literal are never followed by these ends.
    subject, value = re.compile(b"^" + name + b"(?= )"), re.compile(name + rb"(?= \.\n$)")
    sign, found = f"<{prefix}".encode(), False
    with target.open("wb") as file:
        for lines in blocks(data):
            named = [number for number, line in enumerate(lines) if sign in line]
            found = found or bool(named)
            for number in named:
                lines[number] = value.sub(rb"_:b\1", subject.sub(rb"_:b\1", lines[number]))
            file.writelines(lines)
    return target if found else data


def with_names(report: Report, prefix: str) -> Report:
    """The report with the IRIs back in the place of the blank nodes that `write_unnamed` wrote."""
    return report.renamed({label: _LABEL.sub(rf"<{prefix}\1>", label) for label in _labels(report)})


def _labels(report: Report) -> Iterator[str]:
    for result in report.results:
        for term in (result.focus, result.value):
            if term and _LABEL.fullmatch(term):
                yield term
