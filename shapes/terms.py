"""RDF terms as the N-Triples strings that results carry."""

import re
from typing import Final

import pyoxigraph as ox

SH: Final = "http://www.w3.org/ns/shacl#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"

type_ = ox.NamedNode(RDF + "type")

Node = ox.NamedNode | ox.BlankNode | ox.Triple
Term = Node | ox.Literal

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.S)
_ESCAPE = re.compile(r'\\(?:([tbnrf"\'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_SIMPLE = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def sh(name: str) -> ox.NamedNode:
    """The SHACL term of this name."""
    return ox.NamedNode(SH + name)


def is_iri(term: str) -> bool:
    """Whether an N-Triples term is an IRI."""
    return term.startswith("<")


def is_blank(term: str) -> bool:
    """Whether an N-Triples term is a blank node."""
    return term.startswith("_:")


def is_nameless(term: str) -> bool:
    """Whether a node has no name of its own: a blank node, or an IRI in its place (RDF 1.1 Concepts, 3.5)."""
    return is_blank(term) or (term.startswith("<") and "/.well-known/genid/" in term)


def plain(term: str) -> str:
    """What a term holds, without the syntax around it: the IRI, the text, or the label as it is."""
    if is_iri(term):
        return term[1:-1]
    if match := _LITERAL.fullmatch(term):
        return _ESCAPE.sub(_unescape, match[1])
    return term


def language(term: str) -> str:
    """The language tag of a literal, or the empty string."""
    match = _LITERAL.fullmatch(term)
    return (match[2] or "") if match else ""


def datatype(term: str) -> str:
    """The datatype of a literal without a language tag (`xsd:string` when unstated), else empty."""
    match = _LITERAL.fullmatch(term)
    if match is None or match[2]:
        return ""
    return match[3] or XSD_STRING


def iri_term(iri: str) -> str:
    """An IRI in N-Triples form."""
    return f"<{iri}>"


def node_name(node: Term) -> str:
    """How shapes are named in results: the plain IRI, or a blank node with its label."""
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return _SIMPLE[match[1]]
    return chr(int(match[2] or match[3], 16))
