"""Short words that stand for IRIs in addresses of pages."""

import re
from hashlib import sha256
from typing import Final

from loaders.search.words import fold, words

_NATIONAL = re.compile(r"https?://dataportal\.se/organisation/(SE\d+)")
_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_LONGEST = 48


def mark(iri: str) -> str:
    """Eight hexadecimal digits that stand for an IRI."""
    return sha256(iri.encode()).hexdigest()[:8]


def readable(text: str) -> str:
    """A text as part of an address: plain lower-case words with hyphens."""
    return "-".join(fold(word) for word in words(text))[:_LONGEST].strip("-")


def slug(iri: str, title: str = "") -> str:
    """The address of a dataset or organisation: a readable word, and a mark that stays if the title changes.

    An organisation with a number has its national name, SE and ten digits.
    """
    if match := _NATIONAL.fullmatch(iri):
        return match[1]
    return f"{readable(title) or readable(_last(iri))}-{mark(iri)}".lstrip("-")


def key(iri: str) -> str:
    """The word for an IRI as the value of a facet: a code of an EU list as it is, else with a mark."""
    if match := _NATIONAL.fullmatch(iri):
        return match[1]
    if iri.startswith(_AUTHORITY):
        return _last(iri)
    return f"{readable(_last(iri))}-{mark(iri)}".lstrip("-")


def _last(iri: str) -> str:
    """The last two parts of an IRI where the last is but a number, as in by/4.0; else the last."""
    parts = [part for part in re.split(r"[/#]", iri.rstrip("/#")) if part]
    return " ".join(parts[-2:]) if re.fullmatch(r"[\d.]+", parts[-1]) else parts[-1]
