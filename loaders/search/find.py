"""Finds entries of the index by words, best first, and counts them by kind."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from loaders.search.ask import Question, question
from loaders.search.subjects import Text
from loaders.search.texts import plain
from loaders.search.words import stem, words

WEIGHTS = (10.0, 5.0, 4.0, 1.0, 2.0, 8.0, 4.0, 0.7)
"""title, tags, names, notes, parts, title_en, tags_en, notes_en."""
RANKED = 200
"""So many of the best of each kind are ordered by their titles too; the rest by their words alone."""
EXACT, ALIKE, OTHER = 0, 1, 2
"""A title that is what was asked for comes before one with other endings, and that before all others."""
WHOLE = 1.7
"""What a title counts that has every word."""
_READ = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that was found."""

    id: int
    kind: str
    iri: str
    page: str
    title: Text
    about: Text


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: all numbers in order, the best first, and how many of each kind."""

    ids: tuple[int, ...] = ()
    kinds: dict[str, int] = field(default_factory=dict)
    corrected: tuple[tuple[str, str], ...] = ()
    some: bool = False
    """No entry has every word, so these have some of them, or parts of them."""


def find(index: sqlite3.Connection, text: str, kind: str = "", most: int | None = None) -> Found:
    """Entries that a text finds, of one kind or of all; `most` bounds the entries that are numbered."""
    asked = question(index, text)
    if not asked.groups:
        return Found()
    rows, some = _rows(index, asked.every), False
    if not rows and asked.some != asked.every:
        rows, some = _rows(index, asked.some), True
    kinds = Counter(row[1] for row in rows)
    if kind:
        rows = [row for row in rows if row[1] == kind]
    ordered = _ordered(index, rows, asked, plain(text))
    return Found(tuple(ordered[:most]), dict(kinds), asked.corrected, some)


def _rows(index: sqlite3.Connection, asked: str) -> list[tuple[int, str, float]]:
    """Number, kind and score of all that match, best first."""
    marks = ", ".join(map(str, WEIGHTS))
    query = (
        f"SELECT texts.rowid, entry.kind, -bm25(texts, {marks}) * entry.weight AS score"  # noqa: S608
        " FROM texts JOIN entry ON entry.id = texts.rowid WHERE texts MATCH ?"
        " ORDER BY score DESC, texts.rowid"
    )
    return index.execute(query, (asked,)).fetchall()


def _ordered(
    index: sqlite3.Connection, rows: Sequence[tuple[int, str, float]], asked: Question, text: str
) -> list[int]:
    best = _best(rows)
    order: dict[int, tuple[int, float, int]] = {}
    for number, sv, en in _titles(index, best):
        place, lift = _title(sv, en, asked, text)
        order[number] = (place, -best[number] * lift, number)
    return [*sorted(best, key=order.__getitem__), *(row[0] for row in rows if row[0] not in best)]


def _best(rows: Sequence[tuple[int, str, float]]) -> dict[int, float]:
    """Number and score of the best of each kind, so that thousands of short ones do not hide the others."""
    seen: Counter[str] = Counter()
    found = {}
    for number, kind, score in rows:
        seen[kind] += 1
        if seen[kind] <= RANKED:
            found[number] = score
    return found


def _titles(index: sqlite3.Connection, numbers: Iterable[int]) -> list[tuple[int, str, str]]:
    listed = ", ".join(map(str, numbers))
    return index.execute(f"SELECT id, sv, en FROM entry WHERE id IN ({listed})").fetchall()  # noqa: S608


def _title(sv: str, en: str, asked: Question, text: str) -> tuple[int, float]:
    """How near a title comes to what was asked for, and how much better an entry is for it."""
    if text in (plain(sv), plain(en)):
        return EXACT, 1.0
    stems = tuple(stem(word) for word in words(sv))
    if stems == asked.stems:
        return ALIKE, 1.0
    return OTHER, WHOLE if asked.stems and set(stems).issuperset(asked.stems) else 1.0


def hits(index: sqlite3.Connection, numbers: Sequence[int]) -> list[Hit]:
    """The entries with these numbers, in this order."""
    listed = ", ".join(map(str, numbers[:_READ]))
    query = f"SELECT id, kind, iri, page, sv, en, about_sv, about_en FROM entry WHERE id IN ({listed})"  # noqa: S608
    found = {
        row[0]: Hit(row[0], row[1], row[2], row[3], Text(row[4], row[5]), Text(row[6], row[7]))
        for row in index.execute(query)
    }
    return [found[number] for number in numbers[:_READ] if number in found]
