"""Terms as they stand in canonical N-Triples: taken apart, put together, named shortly.

Everywhere in this room a term is its N-Triples text (`<iri>`, `"text"@sv`), so that what is not changed is
passed on byte for byte.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from ontology import PREFIXES, iri

Pair = tuple[str, str]
"""Predicate and object."""


class Node(NamedTuple):
    """What is said about one subject, in the order of graph.nq."""

    subject: str
    pairs: tuple[Pair, ...]


class Literal(NamedTuple):
    """A literal without its escapes; `datatype` is an IRI, empty for a plain or language-tagged string."""

    text: str
    language: str = ""
    datatype: str = ""


def name(curie: str) -> str:
    """The term of a prefixed name: ``dcat:Dataset`` gives ``<http://www.w3.org/ns/dcat#Dataset>``."""
    return f"<{iri(curie)}>"


def names(*curies: str) -> frozenset[str]:
    """The terms of several prefixed names."""
    return frozenset(map(name, curies))


A: Final = name("rdf:type")

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.S)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')
_SHORT = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


def literal(term: str) -> Literal:
    """The parts of a literal; ValueError when the term is none."""
    if term[-1] == '"' and "\\" not in term:
        return Literal(term[1:-1])
    match = _LITERAL.fullmatch(term)
    if match is None:
        raise ValueError(f"not a literal: {term}")
    text, language, datatype = match.groups("")
    return Literal(unescape(text), language, unescape(datatype))


def is_iri(term: str) -> bool:
    """Whether a term is an IRI."""
    return term[0] == "<"


def value(term: str) -> str:
    """The IRI without its brackets, or the text of a literal."""
    return unescape(term[1:-1]) if is_iri(term) else literal(term).text


def unescape(text: str) -> str:
    """N-Triples escapes resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    return _LETTERS.get(letter, letter) if letter else chr(int(short or long, 16))


def quote(text: str, language: str = "", datatype: str = "") -> str:
    """A literal in canonical N-Triples; `datatype` is a term such as ``name("xsd:date")``."""
    tail = f"@{language}" if language else f"^^{datatype}" if datatype else ""
    return f'"{_TO_ESCAPE.sub(_escaped, text)}"{tail}'


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    return _SHORT.get(found) or f"\\u{ord(found):04X}"


def digest(text: str) -> str:
    """Sixteen hexadecimal digits that stand for a text in the names of things."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def values(pairs: Iterable[Pair], predicate: str) -> list[str]:
    """The objects of one predicate, in order."""
    return [found for key, found in pairs if key == predicate]


def types(pairs: Iterable[Pair]) -> frozenset[str]:
    """The classes of a node."""
    return frozenset(found for key, found in pairs if key == A)


NAMESPACES: Final[dict[str, str]] = {namespace: prefix for prefix, namespace in PREFIXES.items()}
"""Namespace to prefix."""

_SAFE_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@lru_cache(maxsize=16_384)
def shorten(term: str) -> str | None:
    """The prefixed name of an IRI in one of our namespaces whose local part needs no escapes, else None."""
    text = term[1:-1]
    cut = max(text.rfind("#"), text.rfind("/")) + 1
    prefix = NAMESPACES.get(text[:cut])
    return f"{prefix}:{text[cut:]}" if prefix and _SAFE_LOCAL.fullmatch(text, cut) else None
