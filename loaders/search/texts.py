"""Writes what can be searched: one entry for everything that has a page, with the stems of its texts."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from loaders.search.subjects import Text
from loaders.search.words import fold, parts, stem, words

LONGEST_WORD = 40
SPELLED_FROM = 4  # letters; a shorter word has too many neighbours to guess what was meant


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that search finds; `weight` says how much its kind is preferred."""

    kind: str
    iri: str
    page: str
    title: Text
    about: Text
    """A line that is shown below the title, and searched with little weight."""
    tags: tuple[tuple[str, str], ...] = ()
    """Language and word."""
    names: tuple[str, ...] = ()
    """What else it is found by: publisher, municipality, theme, format."""
    weight: float = 1.0


class Texts:
    """Adds entries to the index, numbered as they come."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index
        self._number = 0
        self._spelled: set[str] = set()

    def add(self, entry: Entry) -> None:
        """Add one entry."""
        self._number += 1
        title, about = entry.title, entry.about
        row = (entry.kind, entry.iri, entry.page, title.sv, title.en, about.sv[:400], about.en[:400])
        self._index.execute(_ENTRY, (self._number, *row, entry.weight))
        swedish = [word for language, word in entry.tags if language != "en"]
        english = [word for language, word in entry.tags if language == "en"]
        fields = (
            _stems([title.sv], "sv"),
            _stems(swedish, "sv"),
            _stems(entry.names, "sv"),
            _stems([about.sv], "sv"),
            _parts([title.sv, *swedish, *entry.names]),
            _stems([title.en, *entry.names], "en"),
            _stems(english, "en"),
            _stems([about.en], "en"),
        )
        self._index.execute(_TEXTS, (self._number, *fields))
        for said in chain([title.sv, title.en], swedish, english, entry.names):
            self._spelled.update(word for word in words(said) if len(word) >= SPELLED_FROM)

    def finish(self) -> None:
        """Add the words that spelling is corrected to."""
        self._index.executemany(
            "INSERT INTO spelling VALUES (?)", ((word,) for word in sorted(self._spelled))
        )


_ENTRY = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TEXTS = "INSERT INTO texts (rowid, title, tags, names, notes, parts, title_en, tags_en, notes_en) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: E501


def _stems(texts: Iterable[str], language: str) -> str:
    return " ".join(stem(word[:LONGEST_WORD], language) for text in texts for word in words(text))


def _parts(texts: Iterable[str]) -> str:
    found = {
        part for text in texts for word in words(text) if len(word) <= LONGEST_WORD for part in parts(word)
    }
    return " ".join(sorted(found))


def add_synonyms(index: sqlite3.Connection, groups: Iterable[Iterable[str]]) -> None:
    """Let each name of a group also find what the others name."""
    index.executemany("INSERT INTO synonym VALUES (?, ?)", sorted(set(_pairs(groups))))


def _pairs(groups: Iterable[Iterable[str]]) -> Iterable[tuple[str, str]]:
    for group in groups:
        forms = list(dict.fromkeys(" ".join(stem(word) for word in words(name)) for name in group))
        for one in forms:
            yield from ((one, other) for other in forms if other != one and one and other)


def plain(text: str) -> str:
    """A text as titles are compared: folded words with one space between."""
    return " ".join(fold(word) for word in words(text))
