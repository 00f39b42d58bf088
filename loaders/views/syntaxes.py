"""Writes nodes in the four RDF syntaxes, one node at a time, so that documents can be cut and joined.

A document is ``open(first node)``, then ``node`` for each other node, then ``close()``.
Equal nodes give equal text everywhere; each text stands alone between the two ends, in any order.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Protocol

from loaders.views.terms import A, Node, Pair, is_iri, literal, shorten, unescape
from ontology import PREFIXES

_KEPT: Final = 32_768
"""Terms whose text is kept: profiles differ in few of them, datasets share licences, themes and languages."""


class Syntax(Protocol):
    """One way to write RDF down."""

    name: str
    ending: str
    media_type: str

    def open(self, first: Node) -> str:
        """The beginning of a document with its first node."""

    def node(self, node: Node) -> str:
        """One more node."""

    def close(self) -> str:
        """The end of a document."""


def _grouped(pairs: Iterable[Pair]) -> Mapping[str, list[str]]:
    """Objects by predicate, the classes first."""
    found: dict[str, list[str]] = {A: []}
    for predicate, term in pairs:
        found.setdefault(predicate, []).append(term)
    if not found[A]:
        del found[A]
    return found


class NTriples:
    """N-Triples, canonical."""

    name, ending, media_type = "ntriples", "nt", "application/n-triples"

    def open(self, first: Node) -> str:
        return self.node(first)

    def node(self, node: Node) -> str:
        return "".join(f"{node.subject} {predicate} {term} .\n" for predicate, term in node.pairs)

    def close(self) -> str:
        return ""


class Turtle:
    """Turtle with the prefixes of the project."""

    name, ending, media_type = "turtle", "ttl", "text/turtle"

    def __init__(self) -> None:
        self._head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(PREFIXES.items()))

    def open(self, first: Node) -> str:
        return f"{self._head}\n{self.node(first)}"

    def node(self, node: Node) -> str:
        return f"{node.subject} {turtle_pairs(node.pairs)} .\n\n" if node.pairs else ""

    def close(self) -> str:
        return ""


def turtle_pairs(pairs: Iterable[Pair], indent: str = "  ") -> str:
    """Predicates and objects in Turtle, without the subject and the full stop."""
    parts = []
    for predicate, terms in _grouped(pairs).items():
        verb = "a" if predicate == A else _turtle_iri(predicate)
        parts.append(f"{verb} {', '.join(map(_turtle_term, terms))}")
    return f" ;\n{indent}".join(parts)


def _turtle_iri(term: str) -> str:
    return shorten(term) or term


@lru_cache(maxsize=_KEPT)
def _turtle_term(term: str) -> str:
    if is_iri(term):
        return _turtle_iri(term)
    if term.endswith(">"):
        text, _, datatype = term.rpartition("^^")
        return f"{text}^^{_turtle_iri(datatype)}"
    return term


_XML_TEXT: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_XML_ATTRIBUTE: Final = {**_XML_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
# XML 1.0, section 2.2: these characters cannot be written at all, not even as references.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_SPECIAL = re.compile(r"[\x00-\x1f&<>\"\ufffe\uffff]")
_NCNAME_END = re.compile(r"[^\W\d][\w.\-·]*$")


class RdfXml:
    """RDF/XML; characters XML cannot hold become U+FFFD, predicates XML cannot name are left out."""

    name, ending, media_type = "rdfxml", "rdf", "application/rdf+xml"

    def __init__(self) -> None:
        declared = "".join(
            f'\n  xmlns:{prefix}="{xml_attribute(iri)}"' for prefix, iri in sorted(PREFIXES.items())
        )
        self._head = f"<rdf:RDF{declared}>\n"

    def open(self, first: Node) -> str:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{self.element(first)}'

    def element(self, first: Node) -> str:
        """The beginning without the XML declaration, for use inside another document."""
        return self._head + self.node(first)

    def node(self, node: Node) -> str:
        if not node.pairs:
            return ""
        tag, rest = _element_of(node.pairs)
        lines = [_xml_property(predicate, term) for predicate, term in rest]
        about = xml_attribute(unescape(node.subject[1:-1]))
        return f'<{tag} rdf:about="{about}">\n{"".join(lines)}</{tag}>\n'

    def close(self) -> str:
        return "</rdf:RDF>\n"


def _element_of(pairs: Iterable[Pair]) -> tuple[str, list[Pair]]:
    """The element of a node and what is left to say: the first class that has a short name is the element."""
    left = list(pairs)
    for pair in left:
        if pair[0] == A and (tag := shorten(pair[1])):
            left.remove(pair)
            return tag, left
    return "rdf:Description", left


@lru_cache(maxsize=8192)
def _xml_names(predicate: str) -> tuple[str, str] | None:
    """Opening and closing name of a property element, None when XML has no name for it."""
    if short := shorten(predicate):
        return short, short
    text = unescape(predicate[1:-1])
    match = _NCNAME_END.search(text)
    if not match or not match.start():
        return None
    return f'ns:{match[0]} xmlns:ns="{xml_attribute(text[: match.start()])}"', f"ns:{match[0]}"


@lru_cache(maxsize=_KEPT)
def _xml_property(predicate: str, term: str) -> str:
    found = _xml_names(predicate)
    if found is None:
        return ""
    start, end = found
    if is_iri(term):
        return f'  <{start} rdf:resource="{xml_attribute(unescape(term[1:-1]))}"/>\n'
    text, language, datatype = literal(term)
    attribute = f' xml:lang="{language}"' if language else ""
    if datatype:
        attribute = f' rdf:datatype="{xml_attribute(datatype)}"'
    return f"  <{start}{attribute}>{xml_text(text)}</{end}>\n"


def xml_text(text: str) -> str:
    """Text for the inside of an element."""
    if not _XML_SPECIAL.search(text):
        return text
    return _NOT_XML.sub("\ufffd", text.translate(_XML_TEXT))


def xml_attribute(text: str) -> str:
    """Text for the inside of a double-quoted attribute."""
    if not _XML_SPECIAL.search(text):
        return text
    return _NOT_XML.sub("\ufffd", text.translate(_XML_ATTRIBUTE))


class JsonLd:
    """JSON-LD, compact, with the project's context written out (nobody has to fetch one).

    Nothing in it needs version 1.1, and it does not say so: readers of 1.0 would refuse it.
    """

    name, ending, media_type = "jsonld", "jsonld", "application/ld+json"

    def __init__(self) -> None:
        self._head = f'{{"@context": {_json(dict(sorted(PREFIXES.items())))},\n"@graph": [\n'

    def open(self, first: Node) -> str:
        return self._head + self.object(first)

    def node(self, node: Node) -> str:
        return ",\n" + self.object(node) if node.pairs else ""

    def close(self) -> str:
        return "\n]}\n"

    def object(self, node: Node, graph: Iterable[Node] = ()) -> str:
        """A node as a JSON object, with the nodes of the graph that it names."""
        members = [_json_reference(node.subject)]
        for predicate, terms in _grouped(node.pairs).items():
            text = _json_name if predicate == A else _json_term
            key = '"@type"' if predicate == A else _json_name(predicate)
            members.append(f"{key}: {_one_or_all([text(term) for term in terms])}")
        if inside := ", ".join(self.object(found) for found in graph if found.pairs):
            members.append(f'"@graph": [{inside}]')
        return f"{{{', '.join(members)}}}"


def _one_or_all(found: list[str]) -> str:
    return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def _json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False)


def _json_reference(term: str) -> str:
    """The members by which an object is a reference."""
    text = unescape(term[1:-1])
    scheme = text.partition(":")[0]
    # An IRI such as geo:59.3,18.1 must not be read as a prefixed name.
    hidden = f'"@context": {{"{scheme}": null}}, ' if scheme in PREFIXES else ""
    return f'{hidden}"@id": {_json(text)}'


@lru_cache(maxsize=_KEPT)
def _json_name(term: str) -> str:
    """A predicate or a class."""
    return _json(shorten(term) or unescape(term[1:-1]))


@lru_cache(maxsize=_KEPT)
def _json_term(term: str) -> str:
    if is_iri(term):
        return f"{{{_json_reference(term)}}}"
    found = literal(term)
    if found.language:
        return _json({"@language": found.language, "@value": found.text})
    if found.datatype:
        return _json({"@type": shorten(f"<{found.datatype}>") or found.datatype, "@value": found.text})
    return _json(found.text)


SYNTAXES: Final[tuple[Syntax, ...]] = (RdfXml(), Turtle(), JsonLd(), NTriples())
"""What every RDF view is written in; the first is given to those who do not say what they want."""
