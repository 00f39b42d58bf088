"""Organisations under one IRI: the national form, by organisation number, kommunkod or Wikidata item.

Only identifiers decide. Two publishers of the same name stay two: a guess that is wrong would mix their data.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

import pyoxigraph as ox

from loaders.catalogues.skolem import split
from ontology import FOLDER, PREFIXES, iri

NATIONAL: Final = "http://dataportal.se/organisation/SE"
"""What the IRI of an organisation begins with in the national catalogue; its number follows."""

_SPELT = re.compile(
    r"<https?://(?:(?:www\.)?dataportal\.se/organisation/(?:SE)?|id\.kb\.se/organisations/SE)"
    r"(\d{6})-?(\d{4})(-[\w-]+)?/?>"
)
_NUMBER = re.compile(r'"(?:SE|16)?(\d{6})[- ]?(\d{4})"(?:\^\^<[^>]*>|@[\w-]+)?')
_TYPE = f"<{iri('rdf:type')}>".encode()
_AGENTS = {
    f"<{iri(name)}>".encode()
    for name in ("foaf:Agent", "foaf:Organization", "org:Organization", "org:FormalOrganization")
}
_IDENTIFIER = iri("dcterms:identifier")
_KOMMUNKOD = "http://www.wikidata.org/prop/direct/P525"
_SAME = {iri("owl:sameAs"), iri("schema:sameAs"), iri("skos:exactMatch")}
_ITEM = re.compile(r"<https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/(Q\d+)>")


def valid_number(number: str) -> bool:
    """Whether ten digits are an organisation number: third digit above 1, and the check digit is right."""
    if not re.fullmatch(r"\d\d[2-9]\d{7}", number):
        return False
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(number))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def canonical_organisation(term: str) -> str | None:
    """The national form of an organisation's IRI; None when the term is none, or is right already."""
    found = _SPELT.fullmatch(term)
    if not found or not valid_number(found[1] + found[2]):
        return None
    after = f"<{NATIONAL}{found[1]}{found[2]}{found[3] or ''}>"
    return after if after != term else None


def joined(lines: Iterable[bytes]) -> dict[bytes, bytes]:
    """The nodes that are known organisations by an identifier of theirs, with the IRI to use instead."""
    agents: set[bytes] = set()
    found: dict[bytes, set[str]] = defaultdict(set)
    for line in lines:
        subject, predicate, value = split(line)
        if predicate == _TYPE:
            if value in _AGENTS:
                agents.add(subject)
        elif target := _identified(predicate[1:-1].decode(), value.decode()):
            found[subject].add(target)
    # With two different identifiers, one of them is wrong, and nobody here knows which.
    certain = {node: next(iter(targets)) for node, targets in found.items() if len(targets) == 1}
    return {
        node: f"<{target}>".encode()
        for node, target in certain.items()
        if node in agents and node != f"<{target}>".encode() and not node.startswith(f"<{NATIONAL}".encode())
    }


def may_identify(line: bytes) -> bool:
    """Whether a line can matter to `joined`; a cheap look."""
    return (
        b"/terms/identifier> " in line
        or b"-ns#type> " in line
        or b"P525> " in line
        or b"wikidata.org/" in line
    )


def _identified(predicate: str, value: str) -> str:
    """The IRI of the organisation that a statement identifies; empty when it identifies none."""
    if predicate == _IDENTIFIER:
        number = _NUMBER.fullmatch(value)
        return f"{NATIONAL}{number[1]}{number[2]}" if number and valid_number(number[1] + number[2]) else ""
    if predicate == _KOMMUNKOD:
        return _known().get(value[1:5], "")
    item = _ITEM.fullmatch(value) if predicate in _SAME else None
    return _known().get(item[1], "") if item else ""


@cache
def _known() -> Mapping[str, str]:
    """The organisations of the county by kommunkod and by Wikidata item."""
    known: dict[str, str] = {}
    for quad in ox.parse(path=FOLDER / "organisations.ttl", format=ox.RdfFormat.TURTLE):
        if not isinstance(quad.subject, ox.NamedNode) or not quad.subject.value.startswith(NATIONAL):
            continue
        if quad.predicate.value == _KOMMUNKOD and isinstance(quad.object, ox.Literal):
            known[quad.object.value] = quad.subject.value
        elif isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(PREFIXES["wd"]):
            known[quad.object.value.removeprefix(PREFIXES["wd"])] = quad.subject.value
    return known
