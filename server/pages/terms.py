"""What the graph says about a thing, as fields and values that people can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from loaders.search.subjects import Text
from loaders.views.terms import A, Pair, is_iri, literal, value
from ontology import iri
from server.http.words import Language
from server.pages.results import shortened
from server.pages.shelf import Shelf

MOST = 400
"""Statements about one thing that are shown."""
MOST_VALUES = 40
"""Values of one field that are shown."""
_DEPTH = 2
_WEB = ("http://", "https://", "ftp://", "mailto:", "tel:")


@dataclass(frozen=True, slots=True)
class Value:
    """One value: text in a language, a link to a page of ours or elsewhere, or fields of its own."""

    text: str
    language: str = ""
    note: str = ""
    page: str = ""
    """A path of ours."""
    link: str = ""
    """An address elsewhere."""
    fields: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A property in words, with its values."""

    property: str
    title: str
    values: tuple[Value, ...]
    more: int = 0


class Teller:
    """Tells in one language what things and properties are called."""

    def __init__(self, shelf: Shelf, language: Language) -> None:
        self._shelf = shelf
        self._language = language
        self._genid = f"{shelf.manifest.base}.well-known/genid/"

    def name(self, address: str) -> str:
        """What an IRI is called, "" when nobody says."""
        text = self._shelf.label(address)
        return _said(text, self._language)

    def field_name(self, address: str) -> str:
        """What a property is called; its prefixed name when nobody says."""
        return self.name(address) or shortened(address)

    def page(self, address: str) -> str:
        """The path of the page about an IRI."""
        return self._shelf.page(address) or f"/resource?iri={quote(address, safe='')}"

    def fields(self, subject: str, without: Iterable[str] = (), depth: int = _DEPTH) -> tuple[Field, ...]:
        """What the graph says about a subject, field by field in the order of the graph."""
        left_out = {f"<{one}>" for one in without}
        grouped: dict[str, list[str]] = {}
        for predicate, term in islice(self._shelf.graph.iterate(f"<{subject}>"), MOST):
            if predicate not in left_out:
                grouped.setdefault(predicate, []).append(term)
        return tuple(self._field(subject, value(key), terms, depth) for key, terms in grouped.items())

    def affirmed(self, subject: str) -> list[str]:
        """What a thing has: its properties that are true."""
        true = f'"true"^^<{iri("xsd:boolean")}>'
        found = islice(self._shelf.graph.iterate(f"<{subject}>"), MOST)
        return [self.field_name(value(predicate)) for predicate, term in found if term == true]

    def _field(self, subject: str, property_: str, terms: Sequence[str], depth: int) -> Field:
        shown = [
            self.value(term, depth, subject) for term in _ours_first(terms, self._language)[:MOST_VALUES]
        ]
        more = max(0, len(terms) - MOST_VALUES)
        return Field(property_, self.field_name(property_), tuple(_once(shown)), more)

    def value(self, term: str, depth: int = 0, whole: str = "") -> Value:
        """One term as a value; parts of the `whole` it is said of are shown with it."""
        if not is_iri(term):
            return self._literal(term)
        address = value(term)
        if depth and (address.startswith(self._genid) or (whole and address.startswith(f"{whole}#"))):
            inner = self.fields(address, (iri("rdf:type"),), depth - 1)
            if inner:
                return Value("", fields=inner)
        name = self.name(address)
        known = bool(name) or address.startswith(self._shelf.manifest.base)
        return Value(
            name or shortened(address),
            page=self.page(address) if known else "",
            link="" if known or not address.startswith(_WEB) else address,
        )

    def _literal(self, term: str) -> Value:
        one = literal(term)
        boolean = one.datatype == iri("xsd:boolean")
        text = _truth(one.text, self._language) if boolean else one.text
        if one.datatype in (iri("xsd:dateTime"), iri("xsd:date")) and text.endswith("T00:00:00"):
            text = text[:10]
        link = one.text if one.text.startswith(("http://", "https://")) and " " not in one.text else ""
        return Value(text, language=one.language, link=link)


def _once(values: Iterable[Value]) -> list[Value]:
    """The values, without those that look the same as one before."""
    kept: dict[object, Value] = {}
    for one in values:
        kept.setdefault((one.text, one.page, one.link, one.fields), one)
    return list(kept.values())


def _said(text: Text, language: Language) -> str:
    return (text.sv or text.en) if language == "sv" else (text.en or text.sv)


def _truth(text: str, language: Language) -> str:
    yes = text in ("true", "1")
    return ("ja" if yes else "nej") if language == "sv" else ("yes" if yes else "no")


def _ours_first(terms: Sequence[str], language: Language) -> list[str]:
    """Texts in the language of the page before the others."""
    tag = f"@{language}"
    return sorted(terms, key=lambda term: 0 if term.endswith(tag) or is_iri(term) else 1)


def kinds(pairs: Iterable[Pair]) -> list[str]:
    """The classes of a thing, as IRIs."""
    return [value(term) for key, term in pairs if key == A]
