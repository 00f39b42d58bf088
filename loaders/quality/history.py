"""How good things were, release by release: a line a day beside the releases, which outlives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from loaders.whole import whole

SHOWN: Final = 60
"""Days that graph and pages tell of."""


class Figures(NamedTuple):
    """What is known of a publisher, a catalogue, a municipality, or of all (whose IRI is empty)."""

    datasets: int
    eu: float
    """Mean points of 405."""
    se: float
    """Mean points of 375."""
    stars: float
    failing: int
    """Datasets with violations."""


@dataclass(frozen=True, slots=True)
class Day:
    """The figures by IRI as they were on a day (2026-11-24)."""

    day: str
    figures: Mapping[str, Figures]


def file_of(data: Path) -> Path:
    """Where the history of a data folder is."""
    return data / "quality.jsonl"


def read_history(data: Path) -> list[Day]:
    """The last days on which a release was made, oldest first."""
    if not file_of(data).is_file():
        return []
    return [_day(line) for line in file_of(data).read_text("utf-8").splitlines()[-SHOWN:]]


def _day(line: str) -> Day:
    entry = json.loads(line)
    return Day(entry["day"], {iri: Figures(*numbers) for iri, numbers in entry["figures"].items()})


def note(data: Path, now: Day) -> None:
    """Add a day; of two releases on one day the later one counts."""
    path = file_of(data)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    if lines and json.loads(lines[-1])["day"] == now.day:
        lines.pop()
    lines.append(json.dumps({"day": now.day, "figures": now.figures}, ensure_ascii=False))
    with whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")
