"""Points for the quality of metadata, as pages show them: sums, stars, the next steps and the trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loaders.search.subjects import Text
from server.pages.shelf import Shelf
from server.pages.trend import line
from shapes.mqa import BAND_LABELS, DIMENSIONS, MAXIMUM, METRICS, Metric, band

STEPS: Final = 8
"""Next steps that a page names."""
_HIGHEST: Final = {
    dimension: sum(metric.points for metric in METRICS.values() if metric.dimension == dimension)
    for dimension in DIMENSIONS
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that lacks, what it would give for each dataset, and what to do."""

    name: Text
    advice: Text
    points: int
    datasets: int


@dataclass(frozen=True, slots=True)
class Points:
    """What is known of a dataset, or of a publisher or everything, whose figures are means."""

    datasets: int
    eu: float
    se: float
    stars: float
    unmeasured: float
    steps: tuple[Step, ...]
    dimensions: tuple[tuple[Text, float, int], ...]
    """Name, points and the most there is."""
    days: tuple[tuple[str, float, float, int], ...]
    """Day, points of 405 and of 375, datasets with violations."""

    @property
    def band(self) -> Text:
        """The rating in words."""
        return _text(BAND_LABELS[band(self.eu)])

    @property
    def highest(self) -> tuple[int, int]:
        """The most points there are, in both counts."""
        return MAXIMUM["eu"], MAXIMUM["se"]

    @property
    def trend(self) -> Markup | None:
        """The points of 405 from day to day."""
        return line([(day, eu) for day, eu, _, _ in self.days], MAXIMUM["eu"])


def points_of(shelf: Shelf, iri: str) -> Points | None:
    """The points of a dataset, publisher, catalogue or municipality, or with "" of everything."""
    row = shelf.one("SELECT datasets, eu, se, stars, unmeasured FROM score WHERE iri = ?", iri)
    if not row:
        return None
    datasets, eu, se, stars, unmeasured = row
    lacking = shelf.rows("SELECT metric, datasets FROM lack WHERE iri = ?", iri)
    found = sorted(((METRICS[name], n) for name, n in lacking), key=_worth, reverse=True)
    named = dict(shelf.rows("SELECT name, points FROM dimension WHERE iri = ?", iri))
    return Points(
        datasets,
        _short(eu),
        _short(se),
        _short(stars),
        _short(unmeasured),
        steps=tuple(Step(_text(m.label), _text(m.hint), m.points, n) for m, n in found[:STEPS]),
        dimensions=tuple(
            (_text(texts), named[name], _HIGHEST[name]) for name, texts in DIMENSIONS.items() if name in named
        ),
        days=tuple(shelf.rows("SELECT day, eu, se, failing FROM history WHERE iri = ? ORDER BY day", iri)),
    )


def stars_of(shelf: Shelf, distribution: str) -> int | None:
    """Open data stars of a distribution; None when nobody has judged it."""
    row = shelf.one("SELECT stars FROM score WHERE iri = ? AND kind = 'distribution'", distribution)
    return int(row[0]) if row else None


def means(shelf: Shelf) -> dict[str, float]:
    """The mean points of 405 by IRI of the publisher."""
    return dict(shelf.rows("SELECT iri, eu FROM score WHERE kind = 'publisher'"))


def _short(number: float) -> float:
    """A number with one digit, and with none where it is whole."""
    return int(number) if number == int(number) else round(number, 1)


def _worth(found: tuple[Metric, int]) -> float:
    """How many points a step gives for its effort."""
    metric, datasets = found
    return metric.points * datasets / metric.effort


def _text(texts: Mapping[str, str]) -> Text:
    return Text(texts["sv"], texts["en"])
