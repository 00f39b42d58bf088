"""The Metadata Quality Assessment of a catalogue: the one door to `shapes.quality`."""

from collections.abc import Iterable, Iterator

from shapes.quality.dqv import SCORING, described, measured
from shapes.quality.facts import Dataset, Row, read_datasets
from shapes.quality.lists import read_lists
from shapes.quality.metrics import BAND_LABELS, DIMENSIONS, MAXIMUM, METRICS, Count, Metric, band
from shapes.quality.score import DatasetScore, Evidence, Score, Step, Tally, score_dataset
from shapes.report import Report
from shapes.surroundings import Surroundings
from shapes.terms import plain

__all__ = [
    "BAND_LABELS",
    "DIMENSIONS",
    "MAXIMUM",
    "METRICS",
    "SCORING",
    "Count",
    "Dataset",
    "DatasetScore",
    "Evidence",
    "Metric",
    "Row",
    "Score",
    "Step",
    "Tally",
    "assess",
    "band",
    "described",
    "failing_datasets",
    "measured",
]


def assess(rows: Iterable[Row], evidence: Evidence | None = None) -> Iterator[dict[Count, DatasetScore]]:
    """The scores of every dataset in rows of N-Triples terms, by count.

    Args:
        rows: one pass is made; the facts of all datasets are held.
        evidence: what is known of addresses and of the check; without it those points are unknown.
    """
    lists, known = read_lists(), evidence or Evidence()
    for dataset in read_datasets(rows):
        yield {count: score_dataset(dataset, count, known, lists) for count in MAXIMUM}


def failing_datasets(report: Report, around: Surroundings) -> frozenset[str]:
    """IRIs of the datasets that have a violation, on themselves or on something that belongs to them."""
    violations = (result for result in report.results if result.level == "Violation")
    return frozenset(plain(around.owner(result.focus)) for result in violations)
