"""Triples as compact JSON-LD 1.1, written as they come: prefixes in a context, nodes in `@graph`."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import IO, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ontology import iri
from server.workers.query import Failure

MOST = 10_000
"""Triples written as one node; JSON-LD may go on with the same node in another object."""
_TYPE = iri("rdf:type")
_STRING, _INTEGER, _BOOLEAN = iri("xsd:string"), iri("xsd:integer"), iri("xsd:boolean")
_NATIVE = {_INTEGER: re.compile(r"0|-?[1-9][0-9]{0,14}"), _BOOLEAN: re.compile("true|false")}
"""Literals that are the same as JSON has them."""
_GEN_DELIM = tuple(":/?#[]@")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write(triples: Iterable[Triple], prefixes: Mapping[str, str], file: IO[bytes]) -> None:
    """Write all triples; raises Failure for what JSON-LD 1.1 has no form for.

    Only namespaces that end in a delimiter may shorten IRIs (JSON-LD 1.1, 4.1.5), and a prefix that is the
    scheme of one of them would stand for itself.
    """
    schemes = {space.partition(":")[0] for space in prefixes.values()}
    usable = {name: space for name, space in prefixes.items() if space.endswith(_GEN_DELIM)}
    writer = _Writer({name: space for name, space in usable.items() if name not in schemes})
    file.write(b'{"@context":' + _encode(writer.prefixes).encode() + b',"@graph":[')
    comma = b"\n"
    for _, group in groupby(triples, key=attrgetter("subject")):
        for part in _parts(group):
            file.write(comma + _encode(writer.node(part)).encode())
            comma = b",\n"
    file.write(b"\n]}\n")


def _parts(group: Iterable[Triple]) -> Iterable[list[Triple]]:
    part: list[Triple] = []
    for triple in group:
        part.append(triple)
        if len(part) == MOST:
            yield part
            part = []
    if part:
        yield part


class _Writer:
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = dict(prefixes)
        self._longest = sorted(prefixes.items(), key=lambda pair: -len(pair[1]))
        self._known: dict[str, str] = {}
        self._plain = False
        self._scheme = re.compile("(?:{}):(?!//)".format("|".join(map(re.escape, prefixes)) or "(?!)"))

    def node(self, triples: list[Triple]) -> dict[str, Any]:
        """The triples of one subject as a node object.

        An IRI such as `geo:59.3,18.0` would be taken for a shortened one where `geo` is a prefix: a node that
        has one is written without any.
        """
        self._plain = any(self._scheme.match(name) for triple in triples for name in _names(triple))
        node: dict[str, Any] = {"@context": None} if self._plain else {}
        node["@id"] = self._name(triples[0].subject)
        for triple in triples:
            if triple.predicate.value == _TYPE and isinstance(triple.object, NamedNode):
                node.setdefault("@type", []).append(self._short(triple.object.value))
            else:
                node.setdefault(self._short(triple.predicate.value), []).append(self._value(triple.object))
        return {
            key: value[0] if isinstance(value, list) and len(value) == 1 else value
            for key, value in node.items()
        }

    def _name(self, term: object) -> str:
        if isinstance(term, NamedNode):
            return self._short(term.value)
        if isinstance(term, BlankNode):
            return str(term)
        raise Failure("refused", "JSON-LD 1.1 has no form for triples about triples; ask for Turtle.")

    def _value(self, term: object) -> Any:
        if not isinstance(term, Literal):
            return {"@id": self._name(term)}
        datatype, text = term.datatype.value, term.value
        if term.language:
            value = {"@language": term.language, "@value": text}
            return value | ({"@direction": term.direction.value} if term.direction else {})
        if datatype == _STRING:
            return text
        if (native := _NATIVE.get(datatype)) and native.fullmatch(text):
            return json.loads(text)
        return {"@type": self._short(datatype), "@value": text}

    def _short(self, name: str) -> str:
        if self._plain:
            return name
        short = self._known.get(name)
        if short is None:
            short = self._shortened(name)
            if len(self._known) < MOST:
                self._known[name] = short
        return short

    def _shortened(self, name: str) -> str:
        for prefix, space in self._longest:
            if name.startswith(space) and not name.startswith("//", len(space)):
                return f"{prefix}:{name[len(space) :]}"
        return name


def _names(triple: Triple) -> Iterable[str]:
    yield triple.predicate.value
    for term in (triple.subject, triple.object):
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal):
            yield term.datatype.value
