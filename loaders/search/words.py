"""Words of a text as the index knows them: lower case, stemmed by language, without diacritics."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_SNOWBALL: Final = {"sv": "swedish", "en": "english"}


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


STOP: Final = frozenset(
    words(
        "alla att av de den det dem din du där efter eller en ett finns från för har hur här i inom är kan "
        "jag "
        "man med min mitt nära när och om på samt ska som till under ut vad var vi vid vilka vill över "
        "a about an and are at by do for from has have how i in is it of on or that the their there these to "
        "what where which who with"
    )
)
"""Words that say nothing about what is looked for."""


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word without diacritics, so that sodertalje finds Södertälje."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFD", word.replace("ø", "o").replace("æ", "ae").replace("ß", "ss"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_SNOWBALL[language])


@lru_cache(maxsize=262_144)
def stem(word: str, language: str = "sv") -> str:
    """The folded stem of one lower-case word.

    Snowball gives badplats and badplatser different stems, so the Swedish one is applied until nothing
    changes; forms that follow no rule (vattnet, cyklar) stand in words.txt.
    """
    if language != "sv":
        return fold(str(_stemmer(language).stemWord(word)))
    found = lexicon().form(word)
    while (shorter := str(_stemmer("sv").stemWord(found))) != found and len(shorter) > 2:
        found = shorter
    if found[-2:] in ("mm", "nn") and len(found) > 4:  # utegymmen, utegym
        found = found[:-1]
    return fold(found)


def stems(text: str, language: str = "sv") -> list[str]:
    """The stems of a text, in order."""
    return [stem(word, language) for word in words(text)]


class Lexicon:
    """The committed list of Swedish word parts: irregular forms, and what compounds are made of."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.forms: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        for line in lines:
            entry, _, joined = line.partition("+")
            base, *forms = entry.split()
            for form in (base, *forms):
                self.forms[fold(form)] = base
                self.parts[fold(form)] = base
            for form in joined.split():
                self.parts[fold(form)] = base

    def form(self, word: str) -> str:
        """The base form of a word, itself when it is not listed.

        Snowball leaves the definite form of short words (gatan, foton) as it is.
        """
        plain = fold(word)
        return self.forms.get(plain) or self.forms.get(plain.removesuffix("n")) or word


@cache
def lexicon() -> Lexicon:
    """The list in words.txt: `base irregular-forms + forms it takes inside a compound`, one a line."""
    text = (files(__package__) / "words.txt").read_text(encoding="utf-8")
    return Lexicon(line for line in text.splitlines() if line and not line.startswith("#"))


SHORTEST: Final = 3
"""Letters that a part of a compound has at least."""


@lru_cache(maxsize=131_072)
def parts(word: str) -> tuple[str, ...]:
    """The stems of the parts of a Swedish compound, () for a word that is none as far as we know.

    badvattenprov gives bad, vatten and prov. The fewest parts win, so that a long known part is not cut.
    """
    found = _split(fold(word))
    return tuple(stem(part) for part in found) if found and len(found) > 1 else ()


@lru_cache(maxsize=262_144)
def _split(rest: str) -> tuple[str, ...] | None:
    base = _base(rest)
    if base:
        return (base,)
    best: tuple[str, ...] | None = None
    for end in range(len(rest) - SHORTEST, SHORTEST - 1, -1):
        head = lexicon().parts.get(rest[:end])
        if head is None:
            continue
        for tail in _tails(rest, end):
            found = _split(tail)
            if found and (best is None or len(found) + 1 < len(best)):
                best = (head, *found)
    return best


def _tails(rest: str, end: int) -> Iterator[str]:
    """What may follow a part: the rest, and the rest after a joining s."""
    yield rest[end:]
    if rest[end] == "s":
        yield rest[end + 1 :]


@lru_cache(maxsize=131_072)
def _base(word: str) -> str | None:
    """The base form of a word that is in the list, in any of its inflections."""
    if word in lexicon().parts:
        return lexicon().parts[word]
    return _stemmed().get(stem(word)) if len(word) > SHORTEST else None


@cache
def _stemmed() -> dict[str, str]:
    return {stem(base): base for base in lexicon().forms.values()}
