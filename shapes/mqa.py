"""The Metadata Quality Assessment of a catalogue: the one door to `shapes.quality`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shapes.quality.dqv import measurements
from shapes.quality.facts import Dataset, Row, read_datasets, rows_of
from shapes.quality.lists import read_lists
from shapes.quality.metrics import BAND_LABELS, DIMENSIONS, MAXIMUM, METRICS, Count, Metric, band
from shapes.quality.score import DatasetScore, Evidence, Score, Step, Summary, score_dataset, summarise
from shapes.report import Report
from shapes.surroundings import Surroundings
from shapes.terms import plain

__all__ = [
    "BAND_LABELS",
    "DIMENSIONS",
    "MAXIMUM",
    "METRICS",
    "Assessment",
    "Count",
    "Dataset",
    "DatasetScore",
    "Evidence",
    "Metric",
    "Row",
    "Score",
    "Step",
    "Summary",
    "assess",
    "band",
    "failing_datasets",
    "measurements",
]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Scores of all datasets, and what they add up to."""

    count: Count
    datasets: tuple[DatasetScore, ...]

    def by(self, group: Callable[[Dataset], str]) -> dict[str, Summary]:
        """Summaries by whatever `group` says of a dataset, such as its municipality."""
        return summarise(self.datasets, group)

    def catalogues(self) -> dict[str, Summary]:
        """Summaries by IRI of the catalogue; empty for datasets no catalogue lists."""
        return self.by(lambda dataset: dataset.catalogue)

    def publishers(self) -> dict[str, Summary]:
        """Summaries by IRI of the publisher; empty for datasets that name none."""
        return self.by(lambda dataset: dataset.publisher)

    def whole(self) -> Summary | None:
        """One summary of everything; None when there is no dataset."""
        return self.by(lambda dataset: "").get("")


def assess(data: Path | Iterable[Row], count: Count = "eu", evidence: Evidence | None = None) -> Assessment:
    """Scores every dataset in an N-Triples file, or in rows of N-Triples terms.

    Args:
        data: the file, or the rows.
        count: `eu` (405 points) or `se` (375: as Sveriges dataportal counts).
        evidence: what is known of addresses and of the check; without it those points are unknown.
    """
    rows = rows_of(data) if isinstance(data, Path) else data
    return Assessment(count, tuple(_scores(rows, count, evidence or Evidence())))


def failing_datasets(report: Report, around: Surroundings) -> frozenset[str]:
    """IRIs of the datasets that have a violation, on themselves or on something that belongs to them."""
    violations = (result for result in report.results if result.level == "Violation")
    return frozenset(plain(around.owner(result.focus)) for result in violations)


def _scores(rows: Iterable[Row], count: Count, evidence: Evidence) -> Iterator[DatasetScore]:
    lists = read_lists()
    return (score_dataset(dataset, count, evidence, lists) for dataset in read_datasets(rows))
