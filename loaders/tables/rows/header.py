"""Finds the header among the first rows of a table: titles and remarks may stand before it."""

from collections import Counter
from collections.abc import Collection, Sequence

from loaders.tables.rows import plain

LOOK: int = 30
"""How many rows from the start are looked at."""


def find_header(rows: Sequence[Sequence[str]], titles: Collection[str]) -> int:
    """Index of the header among the first rows, 0 when in doubt.

    The row that names most of the known titles; without any, the first that is as full as rows usually are
    and holds no number.
    """
    known = [sum(plain(cell) in titles for cell in row) for row in rows]
    if known and max(known) > 0:
        return known.index(max(known))
    usual = Counter(_filled(row) for row in rows if _filled(row) > 1).most_common(1)
    for index, row in enumerate(rows):
        if usual and _filled(row) >= usual[0][0] and not any(_is_number(cell) for cell in row):
            return index
    return 0


def unique_titles(cells: Sequence[str]) -> tuple[str, ...]:
    """Titles as they stand: empty ones numbered, repeated ones told apart, trailing empty ones gone."""
    last = max((i for i, cell in enumerate(cells) if cell.strip()), default=-1)
    seen: Counter[str] = Counter()
    titles = []
    for number, cell in enumerate(cells[: last + 1], 1):
        title = cell.strip() or f"_col.{number}"
        seen[title] += 1
        titles.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return tuple(titles)


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_number(cell: str) -> bool:
    return cell.strip().replace(",", "").replace(".", "").lstrip("-").isdigit()
