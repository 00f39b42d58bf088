"""The reports of tables in a release: what became of the rows of each source."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loaders.parts import TABLES


def table_reports(reports: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The sources that are tables, each with the reports of its documents, by the source's id."""
    for path in sorted(reports.glob(f"*.{TABLES}")):
        yield path.name.removesuffix(f".{TABLES}"), json.loads(path.read_bytes())


def rows_by_specification(reports: Path) -> dict[str, tuple[int, int]]:
    """How many sources, and how many rows kept, a release has by each specification."""
    found: dict[str, tuple[int, int]] = {}
    for _, tables in table_reports(reports):
        name = tables[0]["specification"]
        sources, rows = found.get(name, (0, 0))
        found[name] = sources + 1, rows + sum(table["kept"] for table in tables)
    return found
