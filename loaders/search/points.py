"""The points for the quality of metadata, as pages look them up."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loaders.quality.summary import ROWS, SUMMARY
from shapes.mqa import METRICS

_SCORE = "INSERT OR IGNORE INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def write_points(index: sqlite3.Connection, release: Path) -> None:
    """Put the points of a release into the index; a release that was never measured has none."""
    if not (release / SUMMARY).is_file():
        return
    told = json.loads((release / SUMMARY).read_bytes())
    for group in told["groups"]:
        iri, figures = group["iri"], group["figures"]
        index.execute(_SCORE, (iri, group["kind"], *figures, group["unmeasured"]))
        index.executemany("INSERT INTO lack VALUES (?, ?, ?)", _with(iri, group["lacking"]))
        index.executemany("INSERT INTO dimension VALUES (?, ?, ?)", _with(iri, group["dimensions"]))
    for day in told["history"]:
        rows = ((iri, day["day"], *figures) for iri, figures in day["figures"].items())
        index.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    with (release / ROWS).open(encoding="utf-8") as lines:
        for line in lines:
            _write_dataset(index, json.loads(line))


def _with(iri: str, found: dict[str, float]) -> Iterator[tuple[str, str, float]]:
    return ((iri, name, number) for name, number in found.items())


def _write_dataset(index: sqlite3.Connection, row: dict[str, Any]) -> None:
    lacks, unmeasured = row["eu"]
    points, stars = row["points"], [part["stars"] for part in row["parts"]]
    mean = sum(stars) / len(stars) if stars else 0
    unknown = sum(METRICS[name].points for name in unmeasured)
    failing = int("dcatApCompliance" in lacks)
    index.execute(_SCORE, (row["iri"], "dataset", 1, points["eu"], points["se"], mean, failing, unknown))
    index.executemany("INSERT INTO lack VALUES (?, ?, 1)", ((row["iri"], name) for name in lacks))
    for part in row["parts"]:
        one = (part["iri"], "distribution", 0, part["eu"], part["se"], part["stars"], 0, 0)
        index.execute(_SCORE, one)
