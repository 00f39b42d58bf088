"""Turns what people type into a question to the index: stems, synonyms, parts of compounds, slips."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from loaders.search.texts import SPELLED_FROM
from loaders.search.words import STOP, fold, parts, stem, words

MOST_WORDS = 12
_SWEDISH = "{title tags names notes}"
_ENGLISH = "{title_en tags_en notes_en}"
_LONGEST_NAME = 4  # words of a synonym


class Group(NamedTuple):
    """All that may stand for one word or name, for FTS5; `loose` is for when nothing else helps."""

    strict: str
    loose: str
    corrected: tuple[tuple[str, str], ...] = ()
    """The word that was typed and the one that is meant."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a group for each word, and the stems of the words as they were typed."""

    groups: tuple[Group, ...]
    stems: tuple[str, ...]

    @property
    def corrected(self) -> tuple[tuple[str, str], ...]:
        """The words that were corrected, each with what it was corrected to."""
        return tuple(pair for group in self.groups for pair in group.corrected)

    @property
    def every(self) -> str:
        """The question whose answers have every word."""
        return " AND ".join(f"({group.strict})" for group in self.groups)

    @property
    def some(self) -> str:
        """The question whose answers have some of the words, or of the parts of compounds."""
        return " OR ".join(f"({group.loose})" for group in self.groups)


def question(index: sqlite3.Connection, text: str) -> Question:
    """The question that a text asks; it has no groups when the text has no words."""
    said = [word for word in words(text) if word not in STOP] or words(text)
    groups = tuple(_named(index, said[:MOST_WORDS]))
    return Question(groups, tuple(stem(word) for word in said))


def _named(index: sqlite3.Connection, said: Sequence[str]) -> Iterator[Group]:
    """A group for each word, or for several that together have synonyms, the longest such name first."""
    position = 0
    while position < len(said):
        length, others = _synonyms(index, said[position:])
        if length > 1:
            phrase = " ".join(stem(word) for word in said[position : position + length])
            group = " OR ".join(_phrase(one) for one in (phrase, *others))
            yield Group(group, group)
        else:
            yield _word(index, said[position], others)
        position += max(length, 1)


def _synonyms(index: sqlite3.Connection, said: Sequence[str]) -> tuple[int, list[str]]:
    for length in range(min(_LONGEST_NAME, len(said)), 0, -1):
        phrase = " ".join(stem(word) for word in said[:length])
        rows = index.execute("SELECT other FROM synonym WHERE phrase = ?", (phrase,)).fetchall()
        if rows:
            return length, [other for (other,) in rows]
    return 0, []


def _word(index: sqlite3.Connection, word: str, others: Sequence[str]) -> Group:
    strict, loose = [*_forms(word), *(_phrase(other) for other in others)], []
    corrected: tuple[tuple[str, str], ...] = ()
    if not others and not _frequency(index, word):
        own = parts(word)
        strict += _compound(own)
        loose += [_part(one) for one in own]
        if _begins(index, word):
            strict.append(f'"{stem(word)}" *')
        elif better := "" if _has_parts(index, own) else _spelled(index, word):
            strict += _forms(better)
            corrected = ((word, better),)
    group = _any(strict)
    return Group(group, _any([group, *loose]), corrected)


def _any(alternatives: Sequence[str]) -> str:
    return " OR ".join(f"({one})" for one in alternatives)


def _compound(own: Sequence[str]) -> Iterator[str]:
    """All parts of a compound together; of three or more also all but the last.

    The last part says what of the others is meant, so badvattenprov also finds what is about badvatten.
    """
    for end in range(len(own), max(len(own) - 2, 1), -1):
        yield " AND ".join(_part(one) for one in own[:end])


def _part(stemmed: str) -> str:
    return f'{{title tags names notes parts}} : "{stemmed}"'


def _forms(word: str) -> list[str]:
    """A word in Swedish, in English, and as a part of a compound."""
    swedish, english = stem(word), stem(word, "en")
    found = [f'{_SWEDISH} : "{swedish}"', f'{_ENGLISH} : "{english}"']
    as_part = stem(word)
    return [*found, f'parts : "{as_part}"']


def _phrase(stems: str) -> str:
    return f'"{stems}"'


def _frequency(index: sqlite3.Connection, word: str) -> int:
    forms = (stem(word), stem(word, "en"))
    row = index.execute("SELECT sum(doc) FROM terms WHERE term IN (?, ?)", forms).fetchone()
    return row[0] or 0


def _begins(index: sqlite3.Connection, word: str) -> bool:
    beginning = stem(word)
    if len(beginning) < 3:
        return False
    query = "SELECT 1 FROM terms WHERE term >= ? AND term < ? LIMIT 1"
    return index.execute(query, (beginning, beginning + "{")).fetchone() is not None


def _has_parts(index: sqlite3.Connection, own: Sequence[str]) -> bool:
    return bool(own) and all(
        index.execute("SELECT 1 FROM terms WHERE term = ?", (one,)).fetchone() for one in own
    )


def _spelled(index: sqlite3.Connection, word: str) -> str:
    """The nearest word that exists, "" when none is near."""
    plain = fold(word)
    if len(plain) < SPELLED_FROM:
        return ""
    pieces = " OR ".join(f'"{plain[start : start + 3]}"' for start in range(len(plain) - 2))
    query = "SELECT word FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT 200"
    allowed = 1 if len(plain) <= 5 else 2 if len(plain) <= 9 else 3
    near = [(distance(plain, fold(found)), found) for (found,) in index.execute(query, (pieces,))]
    best = min((one for one in near if one[0] <= allowed), default=(0, ""))
    return best[1]


def distance(one: str, other: str) -> int:
    """Letters to insert, delete, change or swap with a neighbour to get from one word to another."""
    if abs(len(one) - len(other)) > 3:
        return 9
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        new = [i]
        for j, found in enumerate(other, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != found))
            if i > 1 and j > 1 and letter == other[j - 2] and found == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1]
