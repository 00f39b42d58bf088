"""Mappings from JSON to RDF as data: which field of an object becomes which property of a node.

A mapping is a TOML file beside this module; docs/sources.md shows it as tables. Each table of it is a kind of
node:

class   the class of the node
iri     templates; the first whose fields are all there gives its IRI, and a node without one is blank.
        A field at the start of a template is taken as it is, elsewhere it is percent-encoded
fields  from: paths of fields, the first that has a value counts; a.b is b in a, ^a is a in the object around,
              . the object itself; all members of lists are taken
        to: the property; otherwise = true: only where no earlier field gave the property
        node: the kind of node that the value becomes; a plain value counts as {"value": …}
        as: text (the default), link, mail, date, geojson, interval, or a datatype; what does not look like
            its datatype stays text, so that the check can tell
        codes: IRIs for texts that have one
        split: a text may be a list, in JSON or with commas
        remark: for people
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from loaders.catalogues.terms import Terms
from ontology import iri

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9-]+)*")
_FIELD = re.compile(r"\{([^}]+)\}")
_DATES: Final = {
    "xsd:gYear": re.compile(r"\d{4}"),
    "xsd:gYearMonth": re.compile(r"\d{4}-\d\d"),
    "xsd:date": re.compile(r"\d{4}-\d\d-\d\d"),
    "xsd:dateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"),
}
_TYPES: Final = {
    "xsd:nonNegativeInteger": re.compile(r"\d+"),
    "xsd:decimal": re.compile(r"[+-]?\d+(\.\d+)?"),
    "xsd:duration": re.compile(r"P(?=.)(\d+[YMWD])*(T(\d+(\.\d+)?[HMS])+)?"),
    "xsd:hexBinary": re.compile(r"([0-9A-Fa-f]{2})+"),
}
_TYPE = NamedNode(iri("rdf:type"))

Subject = NamedNode | BlankNode
Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a mapping; see the module."""

    paths: tuple[str, ...]
    to: str
    node: str = ""
    form: str = "text"
    codes: Mapping[str, str] = field(default_factory=dict)
    split: bool = False
    otherwise: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of node."""

    name: str
    type: str
    iris: tuple[str, ...]
    fields: tuple[Field, ...]


@cache
def rules(name: str) -> Mapping[str, Rule]:
    """The kinds of nodes of the mapping in the file `name`.toml, by name."""
    table = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    return {key: _rule(key, node) for key, node in table.items()}


def _rule(name: str, node: Object) -> Rule:
    fields = tuple(
        Field(
            tuple(path.strip() for path in row["from"].split("|")),
            row["to"],
            row.get("node", ""),
            row.get("as", "text"),
            row.get("codes", {}),
            row.get("split", False),
            row.get("otherwise", False),
            row.get("remark", ""),
        )
        for row in node["fields"]
    )
    return Rule(name, node.get("class", ""), tuple(node.get("iri", ())), fields)


class Mapped:
    """Objects as triples by a mapping. `known` are names that templates may use besides fields."""

    def __init__(self, mapping: str, terms: Terms, known: Mapping[str, str]) -> None:
        self._rules = rules(mapping)
        self._terms = terms
        self._known = known

    def triples(self, name: str, found: Object) -> Iterator[Triple]:
        """What an object says as a node of this kind, and all nodes in it; one node after the other."""
        rule = self._rules[name]
        subject, found = self._subject(rule, found)
        yield from self._type(subject, rule)
        yield from self._said(subject, rule, found, {})

    def _said(self, subject: Subject, rule: Rule, found: Object, around: Object) -> Iterator[Triple]:
        given: set[str] = set()
        for row in rule.fields:
            if row.otherwise and row.to in given:
                continue
            link = NamedNode(iri(row.to))
            for value in _values(row, found, around):
                for triple in self._value(subject, link, row, value, found):
                    given.add(row.to)
                    yield triple

    def _value(
        self, subject: Subject, link: NamedNode, field: Field, value: Any, around: Object
    ) -> Iterator[Triple]:
        if not field.node:
            value = field.codes.get(value, value) if isinstance(value, str) else value
            found = self._terms_of(field.form, value, str(subject))
            yield from (Triple(subject, link, term) for term in found)
            return
        rule = self._rules[field.node]
        inner = value if isinstance(value, Mapping) else _interval(field.form, value)
        node, inner = self._subject(rule, inner)
        said = list(self._said(node, rule, inner, around))
        if said or isinstance(node, NamedNode):
            yield Triple(subject, link, node)
            yield from self._type(node, rule) if said else ()
            yield from said

    def _type(self, subject: Subject, rule: Rule) -> Iterator[Triple]:
        if rule.type:
            yield Triple(subject, _TYPE, NamedNode(iri(rule.type)))

    def _subject(self, rule: Rule, found: Object) -> tuple[Subject, Object]:
        """The node of an object, and the object less a value that was only the IRI of the node."""
        for template in rule.iris:
            text = _filled(template, {**found, **self._known})
            node = self._terms.iri(text) if _ABSOLUTE.match(text) else None
            if node is not None:
                rest = {key: value for key, value in found.items() if key != "value"}
                return node, rest if template == "{value}" else found
        return BlankNode(), found

    def _terms_of(self, form: str, value: Any, subject: str) -> Iterator[NamedNode | Literal]:
        if isinstance(value, Mapping):
            yield from self._object(form, value, subject)
            return
        text = str(value).lower() if isinstance(value, bool) else str(value)
        link = _LINKS[form](text) if form in _LINKS else ""
        node = self._terms.iri(link, subject) if link else None
        yield node or Literal(text, datatype=_datatype(form, text))

    def _object(self, form: str, value: Object, subject: str) -> Iterator[NamedNode | Literal]:
        """Terms of an object: of JSON-LD's @id and @value, GeoJSON, or texts by language."""
        if form == "geojson" and "type" in value:
            text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            yield Literal(text, datatype=NamedNode(iri("geo:geoJSONLiteral")))
        elif "@value" in value:
            yield self._terms.literal(
                str(value["@value"]), _text(value, "@language"), _text(value, "@type"), subject
            )
        elif "@id" in value:
            yield from self._terms_of("link", value["@id"], subject)
        else:
            for tag, said in value.items():
                for text in said if isinstance(said, list) else [said]:
                    if _LANGUAGE.fullmatch(tag) and isinstance(text, str) and text.strip():
                        yield self._terms.literal(text, tag, None, subject)


def _text(found: Object, name: str) -> str | None:
    """The text of this name; None for any other value."""
    value = found.get(name)
    return value if isinstance(value, str) else None


def _values(field: Field, found: Object, around: Object) -> Iterator[Any]:
    """The values of the first path that has any."""
    for path in field.paths:
        root, names = (around, path[1:]) if path.startswith("^") else (found, path)
        values = [value for value in _at(root, names) if value not in (None, "", [], {})]
        if values:
            yield from (part for value in values for part in _parts(field, value))
            return


def _at(root: Any, path: str) -> Iterator[Any]:
    if isinstance(root, list):
        for member in root:
            yield from _at(member, path)
    elif path in ("", "."):
        yield root.strip() if isinstance(root, str) else root
    elif isinstance(root, Mapping):
        # A name may hold a dot itself; fields of CKAN do not, those of JSON-LD may.
        name, _, rest = path.partition(".")
        yield from _at(root.get(name), rest)


def _parts(field: Field, value: Any) -> Iterator[Any]:
    if not isinstance(value, str) or not (field.split or field.node or field.form == "geojson"):
        yield value
        return
    if value[:1] in "[{":
        try:
            yield from _at(json.loads(value), ".")
            return
        except (ValueError, RecursionError):
            pass  # a text that only begins like JSON
    yield from (part.strip() for part in value.split(",") if part.strip()) if field.split else (value,)


def _filled(template: str, found: Object) -> str:
    """A template with its fields in place; empty when one is not there."""
    values = {name: found.get(name) for name in _FIELD.findall(template)}
    if any(not isinstance(value, str | int) or value == "" for value in values.values()):
        return ""
    return _FIELD.sub(
        lambda place: str(values[place[1]]) if place.start() == 0 else quote(str(values[place[1]]), safe=""),
        template,
    )


def _interval(form: str, value: Any) -> Object:
    """A plain value as an object; a time interval of ISO 8601 (`start/end`) with its two ends."""
    start, slash, end = str(value).partition("/")
    whole = form == "interval" and slash
    return {"start": start.strip(), "end": end.strip()} if whole else {"value": value}


def _datatype(form: str, text: str) -> NamedNode | None:
    if form == "date":
        return next((NamedNode(iri(name)) for name, shape in _DATES.items() if shape.fullmatch(text)), None)
    return NamedNode(iri(form)) if form in _TYPES and _TYPES[form].fullmatch(text) else None


def _link(text: str) -> str:
    return text if _ABSOLUTE.match(text) else ""


def _mail(text: str) -> str:
    return text if text.lower().startswith("mailto:") else f"mailto:{text}" if "@" in text else ""


_LINKS: Final[Mapping[str, Callable[[str], str]]] = {"link": _link, "mail": _mail}
"""Forms that give an IRI where the text can be one."""
