"""The quality of a release: the measurements of all sources, and what they add up to."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from loaders.lines import merge, write_sorted
from loaders.quality.history import Day, Figures
from loaders.quality.measure import MEASURES, POINTS
from ontology import FOLDER, iri
from shapes.mqa import MAXIMUM, SCORING, Count, Tally, described, measured
from shapes.quality.dqv import BY_DIMENSION, FAILING, STARS

QUALITY, ROWS, SUMMARY = "quality.nq", "quality.jsonl", "quality.json"
"""The files of a release: all measurements as N-Quads, a row for each dataset, and what they add up to."""

KINDS: Final = ("all", "catalogue", "publisher", "municipality")


@dataclass(slots=True)
class Group:
    """What one catalogue, publisher or municipality adds up to, in both counts."""

    kind: str
    iri: str
    tallies: dict[Count, Tally] = field(default_factory=lambda: {count: Tally(count) for count in MAXIMUM})

    def add(self, row: dict[str, Any]) -> None:
        """Count a row of `POINTS`."""
        stars = [part["stars"] for part in row["parts"]]
        for count, tally in self.tallies.items():
            lacks, unmeasured = row[count]
            tally.add(lacks, unmeasured, stars)

    @property
    def figures(self) -> Figures:
        """The numbers that are kept over time."""
        eu, se = self.tallies["eu"], self.tallies["se"]
        failing = eu.lacking["dcatApCompliance"]
        return Figures(eu.datasets, round(eu.mean, 1), round(se.mean, 1), round(eu.stars, 2), failing)


def write_quality(
    folders: Iterable[Path], base: str, history: Sequence[Day], today: str, target: Path
) -> Day:
    """Write the three files into the folder of a release, `target`; gives the figures of today.

    Args:
        folders: of the good versions of all sources, those with priority first.
        base: the base of all IRIs.
        history: the figures of earlier days; those of today are measured again.
        today: the day, such as 2026-11-24.
    """
    measuring = [folder for folder in folders if (folder / POINTS).is_file()]
    groups = _add_up(_rows(measuring, target / ROWS))
    everything = f"{base}id/dataset/odis"
    own = target / f"{QUALITY}.own"
    now = Day(today, {group.iri: group.figures for group in groups})
    days = [*(day for day in history if day.day != today), now]
    lines = [*_now(groups, base, everything), *_then(days, base, everything)]
    write_sorted([[line.encode() for line in lines]], own)
    merge([own, *(folder / MEASURES for folder in measuring)], target / QUALITY)
    own.unlink()
    told = {"groups": [_told(group) for group in groups], "history": [asdict(day) for day in days]}
    (target / SUMMARY).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return now


def _rows(folders: Iterable[Path], target: Path) -> Iterator[dict[str, Any]]:
    """Every dataset once: what is in two sources counts in the first."""
    seen: set[str] = set()
    with target.open("w", encoding="utf-8") as all_rows:
        for folder in folders:
            with (folder / POINTS).open(encoding="utf-8") as lines:
                for line in lines:
                    row = json.loads(line)
                    if row["iri"] not in seen:
                        seen.add(row["iri"])
                        all_rows.write(line)
                        yield row


def _add_up(rows: Iterable[dict[str, Any]]) -> list[Group]:
    areas = _areas()
    groups: dict[tuple[str, str], Group] = {}
    for row in rows:
        members = ("", row["catalogue"], row["publisher"], areas.get(row["publisher"], ""))
        for kind, one in zip(KINDS, members, strict=True):
            if one or kind == "all":
                groups.setdefault((kind, one), Group(kind, one)).add(row)
    return [groups[key] for key in sorted(groups)]


def _areas() -> dict[str, str]:
    """The municipality or county that each organisation of ours governs."""
    quads = ox.parse(path=FOLDER / "organisations.ttl", format=ox.RdfFormat.TURTLE)
    served = ox.NamedNode(iri("schema:areaServed"))
    return {
        quad.subject.value: quad.object.value
        for quad in quads
        if quad.predicate == served and isinstance(quad.object, ox.NamedNode)
        if isinstance(quad.subject, ox.NamedNode)
    }


def _told(group: Group) -> dict[str, Any]:
    tally = group.tallies["eu"]
    return {
        "kind": group.kind,
        "iri": group.iri,
        "figures": group.figures,
        "unmeasured": round(tally.unknown, 1),
        "dimensions": {name: round(points, 1) for name, points in tally.dimensions.items()},
        "lacking": dict(sorted(tally.lacking.items())),
    }


def _now(groups: Iterable[Group], base: str, everything: str) -> Iterator[str]:
    end = f" <{base}graph/quality/mqa> .\n"
    place = f"{base}id/measurement/"
    for group in groups:
        said = list(_figures(group.iri or everything, group.figures, place))
        for dimension, points in group.tallies["eu"].dimensions.items():
            said += measured(group.iri or everything, BY_DIMENSION[dimension], points, place)
        yield from (line[:-3] + end for line in said)
    yield from (line[:-3] + end for line in described())


def _then(history: Iterable[Day], base: str, everything: str) -> Iterator[str]:
    end = f" <{base}graph/quality/history> .\n"
    for day in history:
        for one, figures in day.figures.items():
            said = _figures(one or everything, figures, f"{base}id/measurement/", day.day)
            yield from (line[:-3] + end for line in said)


def _figures(node: str, figures: Figures, place: str, day: str = "") -> Iterator[str]:
    for metric, value in (
        (SCORING["eu"], figures.eu),
        (SCORING["se"], figures.se),
        (STARS, figures.stars),
        (FAILING, figures.failing),
    ):
        yield from measured(node, metric, value, place, day=day)
