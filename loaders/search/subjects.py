"""Reads the default graph of a release subject by subject, in one pass over graph.nq."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from loaders.views.terms import is_iri, literal, name, value

Pairs = list[tuple[str, str]]
"""Predicates and objects of one subject, as N-Triples terms."""

_TITLES = tuple(
    name(curie)
    for curie in ("skos:prefLabel", "dcterms:title", "rdfs:label", "foaf:name", "schema:name", "vcard:fn")
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the two languages of the pages; "" where there is none."""

    sv: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.sv or self.en)


def subjects(graph: Path) -> Iterator[tuple[str, Pairs]]:
    """Each subject of the default graph with all that is said of it; `graph` is sorted by bytes."""
    current = b""
    pairs: Pairs = []
    with graph.open("rb") as file:
        for line in file:
            subject, predicate, rest = line.split(b" ", 2)
            if not _in_default(rest):
                continue
            if subject != current:
                if pairs:
                    yield current.decode(), pairs
                current, pairs = subject, []
            pairs.append((predicate.decode(), rest[:-3].decode()))
    if pairs:
        yield current.decode(), pairs


def _in_default(rest: bytes) -> bool:
    """Whether the end of a line, object and perhaps graph, names no graph."""
    if rest[:1] == b"<":
        return rest.count(b" ") == 1
    # After the last quote stand the language or datatype, which hold no space, and the dot.
    return rest[-4:-3] != b">" or rest.rpartition(b'"')[2].count(b" ") == 1


def objects(pairs: Iterable[tuple[str, str]], predicate: str) -> list[str]:
    """The objects of a predicate, as terms."""
    return [term for key, term in pairs if key == predicate]


def iris(pairs: Iterable[tuple[str, str]], predicate: str) -> list[str]:
    """The IRIs that are objects of a predicate, without brackets."""
    return [value(term) for key, term in pairs if key == predicate and is_iri(term)]


def first(pairs: Iterable[tuple[str, str]], predicate: str) -> str:
    """The text of the first object of a predicate, "" if there is none."""
    return next((value(term) for key, term in pairs if key == predicate), "")


def text(pairs: Iterable[tuple[str, str]], predicate: str) -> Text:
    """The Swedish and English text of a predicate; what has no language counts as Swedish."""
    found: dict[str, str] = {}
    for key, term in pairs:
        if key == predicate and not is_iri(term):
            one = literal(term)
            found.setdefault(one.language.partition("-")[0].lower(), one.text)
    other = next((said for language, said in found.items() if language not in ("sv", "en", "")), "")
    swedish = found.get("sv") or found.get("") or ("" if "en" in found else other)
    return Text(swedish, found.get("en", ""))


def label(pairs: Iterable[tuple[str, str]]) -> Text:
    """What a thing is called, by the best of the properties that say so."""
    kept = list(pairs)
    return next((found for predicate in _TITLES if (found := text(kept, predicate))), Text())
