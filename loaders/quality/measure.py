"""The points of every dataset of one source, as lines of a graph and as rows to add up.

Measured is what was harvested, because that is what other portals see; only the publisher is the one under
whom datasets are joined here. The outcome lies beside the source's last good version, and is made again when
links were checked again: that takes a second where a check takes several.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loaders.isolate import Step
from loaders.lines import write_sorted
from loaders.quality.links import answers
from ontology import iri
from shapes.mqa import SCORING, Count, DatasetScore, Evidence, Score, assess, failing_datasets, measured
from shapes.quality.dqv import STARS
from shapes.quality.facts import rows_of
from shapes.report import Report
from shapes.surroundings import read_surroundings
from shapes.terms import is_nameless, plain

MEASURES, POINTS = "measures.nq", "points.jsonl"
"""Measurements of datasets and distributions as N-Quads; a row for each dataset."""

_PUBLISHER: Final = f"> <{iri('dcterms:publisher')}> "


@dataclass(frozen=True, slots=True)
class Measuring:
    """What to measure, in values that JSON can carry: files and folders are paths."""

    source: str
    base: str
    harvested: str
    """N-Quads of the source's own graph, whose IRI is `graph`."""
    graph: str
    merged: str
    report: str
    data: str
    """The folder that has the results of the link check."""
    folder: str


def measure(argument: Mapping[str, Any], step: Step) -> None:
    """Measure one source, given as a `Measuring`; for `loaders.isolate`."""
    job = Measuring(**argument)
    step("measure")
    publishers = _publishers(Path(job.merged))
    place = f"{job.base}id/measurement/{job.source}-"
    lines: list[bytes] = []
    target = Path(job.folder) / POINTS
    with target.open("w", encoding="utf-8") as rows:
        for scores in assess(rows_of(Path(job.harvested), job.graph), _evidence(job)):
            row = _row(scores, job.source, publishers)
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines += _lines(scores, place, f"<{job.base}graph/quality/mqa/{job.source}> .\n")
    write_sorted([lines], Path(job.folder) / MEASURES)


def _evidence(job: Measuring) -> Evidence:
    report = Report.from_json(Path(job.report).read_bytes())
    failing = failing_datasets(report, read_surroundings(Path(job.merged))) if report.results else frozenset()
    return Evidence(answers(Path(job.data)), failing)


def _publishers(merged: Path) -> dict[str, str]:
    """The publisher of each subject in the repaired data, where it is one and not only its name."""
    with merged.open(encoding="utf-8") as lines:
        found = (line.split(" ", 2) for line in lines if _PUBLISHER in line)
        return {plain(s): plain(value.rstrip()[:-1].rstrip()) for s, _, value in found if value[0] == "<"}


def _row(scores: Mapping[Count, DatasetScore], source: str, publishers: Mapping[str, str]) -> dict[str, Any]:
    swedish = scores["se"]
    dataset = swedish.dataset
    row: dict[str, Any] = {
        "iri": dataset.node,
        "source": source,
        "catalogue": dataset.catalogue,
        "publisher": publishers.get(dataset.node, ""),
        "points": {count: score.total.points for count, score in scores.items()},
        "parts": [
            {"iri": one.node, "eu": one.points, "se": other.points, "stars": stars}
            for one, other, stars in zip(
                scores["eu"].distributions, swedish.distributions, swedish.stars, strict=True
            )
        ],
    }
    for count, score in scores.items():
        lacks, unmeasured = score.total.missing, score.total.unmeasured
        row[count] = [[metric.name for metric in lacks], [metric.name for metric in unmeasured]]
    return row


def _lines(scores: Mapping[Count, DatasetScore], place: str, end: str) -> Iterator[bytes]:
    said = (line for count, score in scores.items() for line in _of_dataset(score, SCORING[count], place))
    stars = (
        line
        for part, number in zip(scores["se"].distributions, scores["se"].stars, strict=True)
        for line in measured(part.node, STARS, number, place)
        if not is_nameless(part.node)
    )
    for line in (*said, *stars):
        yield (line[:-2] + end).encode()


def _of_dataset(score: DatasetScore, metric: str, place: str) -> Iterator[str]:
    yield from _of(score.total, metric, place)
    for part in score.distributions:
        yield from _of(part, metric, place)


def _of(score: Score, metric: str, place: str) -> Iterator[str]:
    if not is_nameless(f"<{score.node}>"):
        yield from measured(
            score.node, metric, score.points, place, lacks=score.missing, unmeasured=score.unmeasured
        )
