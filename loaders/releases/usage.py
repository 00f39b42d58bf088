"""How much the data are used: counts by day, kept beside the releases, without a trace of who asked.

A count has a period, a kind and a subject, and nothing else was ever written down. Days become months after a
while, and months are dropped in the end, so the file stays small. Several servers may count into it.
"""

import hashlib
import sqlite3
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from pyoxigraph import Literal as Value
from pyoxigraph import NamedNode, Quad

from loaders.lines import write_sorted
from ontology import iri

Kind = Literal["query", "call", "download", "view"]
"""query: SPARQL that names the subject. call: of a saved query. download: of data. view: of its page."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
KEPT_DAYS: Final = 100
KEPT_YEARS: Final = 10
TOLD_MONTHS: Final = 12
"""Months that the graph tells of."""
WAIT: Final = 5.0
"""Seconds to wait for another process that writes."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS use (
  subject TEXT NOT NULL, kind TEXT NOT NULL, period TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (subject, kind, period)
) WITHOUT ROWID
"""
_ADD: Final = (
    "INSERT INTO use (subject, kind, period, number) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET number = number + excluded.number"
)
_ACTIONS: Final[Mapping[str, str]] = {
    "query": "schema:SearchAction",
    "call": "schema:UseAction",
    "download": "schema:DownloadAction",
    "view": "schema:ViewAction",
}


class Key(NamedTuple):
    """What is counted: an IRI, or a word of ours such as `query/publishers` or `service/sparql`."""

    subject: str
    kind: Kind


class Count(NamedTuple):
    """How often; the period is a day (2026-11-24) or a month (2026-11)."""

    subject: str
    kind: str
    period: str
    number: int


def file_of(data: Path) -> Path:
    """Where the counts of a data folder are."""
    return data / "usage" / "usage.sqlite"


def add(data: Path, counts: Mapping[Key, int], day: date) -> None:
    """Add to the counts of a day; raises sqlite3.Error or OSError where that cannot be written."""
    with closing(_open(data)) as table, table:
        rows = [(key.subject, key.kind, day.isoformat(), number) for key, number in counts.items()]
        table.executemany(_ADD, rows)


def fold(data: Path, today: date) -> None:
    """Sum days that are long gone into months, and drop months beyond memory."""
    before = (today - timedelta(days=KEPT_DAYS)).isoformat()
    oldest = f"{today.year - KEPT_YEARS}-{today.month:02}"
    with closing(_open(data)) as table, table:
        old = "FROM use WHERE length(period) = 10 AND period < ?"
        rows = table.execute(
            f"SELECT subject, kind, substr(period, 1, 7), sum(number) {old} GROUP BY 1, 2, 3",
            (before,),
        ).fetchall()
        table.execute(f"DELETE {old}", (before,))
        table.executemany(_ADD, rows)
        table.execute("DELETE FROM use WHERE period < ?", (oldest,))


def counts(data: Path, subjects: Collection[str] = (), since: str = "") -> list[Count]:
    """The counts of some subjects (all when none is named) from a period on, in order of period."""
    if not file_of(data).is_file():
        return []
    marks = ", ".join("?" * len(subjects))
    which = f"subject IN ({marks}) AND" if subjects else ""
    with closing(_open(data)) as table:
        rows = table.execute(
            f"SELECT subject, kind, period, number FROM use WHERE {which} period >= ?"  # noqa: S608
            " ORDER BY period, subject, kind",
            (*subjects, since),
        )
        return [Count(*row) for row in rows]


def _open(data: Path) -> sqlite3.Connection:
    path = file_of(data)
    path.parent.mkdir(exist_ok=True)
    table = sqlite3.connect(path, timeout=WAIT)
    table.execute("PRAGMA synchronous = NORMAL")
    table.execute(_SCHEMA)
    return table


def write_usage(data: Path, base: str, today: date, target: Path) -> int:
    """Write the use of the last months as sorted N-Quads of `<base>graph/usage`; gives their number."""
    months: dict[tuple[str, str, str], int] = {}
    first = _months_before(today, TOLD_MONTHS)
    for subject, kind, period, number in counts(data, since=first):
        place = subject, kind, period[:7]
        months[place] = months.get(place, 0) + number
    lines = [
        b"%s .\n" % str(quad).encode()
        for place, number in months.items()
        for quad in _quads(*place, number, base)
    ]
    return write_sorted([lines], target)


def _months_before(today: date, months: int) -> str:
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12}-{number % 12 + 1:02}"


def _quads(subject: str, kind: str, month: str, number: int, base: str) -> Iterator[Quad]:
    graph = NamedNode(f"{base}graph/usage")
    digest = hashlib.blake2b(f"{subject} {kind} {month}".encode(), digest_size=10).hexdigest()
    node = NamedNode(f"{base}id/usage/{digest}")
    about = NamedNode(subject if "://" in subject else _address(base, subject))
    last = monthrange(int(month[:4]), int(month[5:]))[1]
    yield Quad(about, NamedNode(iri("schema:interactionStatistic")), node, graph)
    for predicate, value in (
        ("rdf:type", NamedNode(iri("schema:InteractionCounter"))),
        ("schema:interactionType", NamedNode(iri(_ACTIONS[kind]))),
        ("schema:userInteractionCount", Value(number)),
        ("schema:startDate", _day(f"{month}-01")),
        ("schema:endDate", _day(f"{month}-{last}")),
    ):
        yield Quad(node, NamedNode(iri(predicate)), value, graph)


def _day(text: str) -> Value:
    return Value(text, datatype=NamedNode(iri("xsd:date")))


def _address(base: str, subject: str) -> str:
    """The IRI of a subject that has a word of ours."""
    sort, _, name = subject.partition("/")
    return base + {"query": "queries/", "specification": "specifications/"}.get(sort, "id/service/") + name
