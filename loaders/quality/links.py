"""Whether addresses answer, as the link check found and keeps it beside the releases."""

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS link (
  address TEXT PRIMARY KEY, checked TEXT NOT NULL, method TEXT NOT NULL, status INTEGER NOT NULL,
  final TEXT NOT NULL, message TEXT NOT NULL
) WITHOUT ROWID
"""
_WAIT = 5.0


class Answer(NamedTuple):
    """What came of calling an address; `status` is 0 when nothing answered, and `message` says why."""

    address: str
    checked: str
    """UTC time of the call."""
    method: str
    status: int
    final: str
    """Where redirects led; empty when there were none."""
    message: str

    @property
    def well(self) -> bool:
        """Whether it answered as the metrics ask (200–299)."""
        return 200 <= self.status < 300


def file_of(data: Path) -> Path:
    """Where the results of a data folder are."""
    return data / "links.sqlite"


def read_answers(data: Path) -> list[Answer]:
    """All results, in the order of the addresses; none before the first link check."""
    if not file_of(data).is_file():
        return []
    with closing(_open(data)) as table:
        return [Answer(*row) for row in table.execute("SELECT * FROM link ORDER BY address")]


def note(data: Path, found: Iterable[Answer]) -> None:
    """Keep results; a later one takes the place of an earlier one of the same address."""
    with closing(_open(data)) as table, table:
        table.executemany("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?, ?, ?)", found)


def answers(data: Path) -> dict[str, bool]:
    """Whether each address that was called answered."""
    return {answer.address: answer.well for answer in read_answers(data)}


def digest(data: Path) -> str:
    """A hash of which addresses answer; empty before the first link check."""
    known = answers(data)
    return hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest()[:16] if known else ""


def _open(data: Path) -> sqlite3.Connection:
    table = sqlite3.connect(file_of(data), timeout=_WAIT)
    table.execute("PRAGMA journal_mode = WAL")
    table.execute(_SCHEMA)
    return table
