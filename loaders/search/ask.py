"""Turns what people type into a question to the index: stems, synonyms, parts of compounds, slips."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loaders.search.texts import SPELLED_FROM
from loaders.search.words import STOP, fold, parts, stem, words

MOST_WORDS = 12
_SWEDISH = "{title tags names notes}"
_ENGLISH = "{title_en tags_en notes_en}"
_LONGEST_NAME = 4  # words of a synonym


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: for each word all that may stand for it, and the words that were corrected."""

    groups: tuple[str, ...]
    stems: tuple[str, ...]
    corrected: tuple[tuple[str, str], ...] = ()

    @property
    def every(self) -> str:
        """The question whose answers have every word."""
        return " AND ".join(f"({group})" for group in self.groups)

    @property
    def some(self) -> str:
        """The question whose answers have some of the words."""
        return " OR ".join(f"({group})" for group in self.groups)


def question(index: sqlite3.Connection, text: str) -> Question:
    """The question that a text asks; it has no groups when the text has no words."""
    said = [word for word in words(text) if word not in STOP] or words(text)
    found = list(_named(index, said[:MOST_WORDS]))
    corrected = tuple((word, better) for word, _, better in found if better)
    return Question(tuple(group for _, group, _ in found), tuple(stem(word) for word in said), corrected)


def _named(index: sqlite3.Connection, said: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Word, group and correction, the longest name that has synonyms first."""
    position = 0
    while position < len(said):
        length, others = _synonyms(index, said[position:])
        if length > 1:
            phrase = " ".join(stem(word) for word in said[position : position + length])
            yield phrase, " OR ".join(_phrase(one) for one in (phrase, *others)), ""
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


def _word(index: sqlite3.Connection, word: str, others: Sequence[str]) -> tuple[str, str, str]:
    alternatives = [*_forms(word), *(_phrase(other) for other in others)]
    better = ""
    if not others and not _frequency(index, word):
        if own := parts(word):
            alternatives.append(" AND ".join(f'{{title tags names notes parts}} : "{one}"' for one in own))
        if _begins(index, word):
            alternatives.append(f'"{stem(word)}" *')
        elif better := "" if _has_parts(index, own) else _spelled(index, word):
            alternatives += _forms(better)
    return word, " OR ".join(f"({one})" for one in alternatives), better


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
