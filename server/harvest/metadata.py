"""The forms a record has in OAI-PMH: simple Dublin Core, and DCAT-AP as RDF/XML."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from loaders.views.profiles import EUROPEAN
from loaders.views.read import OpenViews, Row
from loaders.views.records import PUBLISHER
from loaders.views.sweep import record_node
from loaders.views.syntaxes import RdfXml, xml_text
from loaders.views.terms import Pair, is_iri, literal, name, value, values


@dataclass(frozen=True, slots=True)
class Metadata:
    """A metadata format: where its schema is, and how a record is written in it."""

    schema: str
    namespace: str
    write: Callable[[OpenViews, Row], str]


_DC_HEAD = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">
"""
_DC: Final = {
    "title": "dcterms:title",
    "description": "dcterms:description",
    "subject": "dcat:keyword",
    "date": "dcterms:modified",
    "language": "dcterms:language",
    "coverage": "dcterms:spatial",
    "relation": "dcat:landingPage",
    "rights": "dcterms:accessRights",
}
"""Dublin Core element: the property of the dataset it is taken from."""
_RDFXML = RdfXml()


def dublin_core(views: OpenViews, row: Row) -> str:
    """A record in unqualified Dublin Core, which every repository has to offer (section 2.4)."""
    return f"{_DC_HEAD}{''.join(_elements(views, row))}</oai_dc:dc>\n"


def _elements(views: OpenViews, row: Row) -> Iterator[str]:
    record = views.records.record(f"<{row.iri}>")
    pairs = record.root.node.pairs
    yield _element("identifier", "", row.iri)
    for text in (value(term) for term in values(pairs, name("dcterms:identifier"))):
        yield _element("identifier", "", text)
    for element, curie in _DC.items():
        yield from _from(element, pairs, curie)
    for term in values(pairs, PUBLISHER):
        if is_iri(term):
            yield from _from("publisher", views.records.entity(term).node.pairs, "foaf:name")
    yield _element("type", "", "Dataset")
    found = [entity.node.pairs for entity in record.distributions]
    for element, curie in (("format", "dcterms:format"), ("rights", "dcterms:license")):
        for text in sorted({value(term) for said in found for term in values(said, name(curie))}):
            yield _element(element, "", text)


def _from(element: str, pairs: Iterable[Pair], curie: str) -> Iterator[str]:
    for term in values(pairs, name(curie)):
        language = "" if is_iri(term) else literal(term).language
        yield _element(element, language, value(term))


def _element(element: str, language: str, text: str) -> str:
    attribute = f' xml:lang="{language}"' if language else ""
    return f"<dc:{element}{attribute}>{xml_text(text)}</dc:{element}>\n"


def dcat_ap(views: OpenViews, row: Row) -> str:
    """A record in the EU profile with all it refers to, as one rdf:RDF element."""
    record = views.records.record(f"<{row.iri}>")
    nodes = [*record.own]
    for subject in record.shared:
        nodes += views.records.entity(subject).nodes
    shaped = [found for node in nodes for found in EUROPEAN.shape(node, views.base)]
    shaped.append(record_node(views.base, row.iri, row.times))
    return _RDFXML.element(shaped[0]) + "".join(map(_RDFXML.node, shaped[1:])) + _RDFXML.close()


FORMATS: Final[dict[str, Metadata]] = {
    "oai_dc": Metadata(
        "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        "http://www.openarchives.org/OAI/2.0/oai_dc/",
        dublin_core,
    ),
    "dcat_ap": Metadata(
        "https://www.w3.org/1999/02/22-rdf-syntax-ns.xsd",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        dcat_ap,
    ),
}
"""Metadata formats by prefix."""
