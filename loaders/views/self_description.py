"""The graph as catalogue content of its own: a catalogue, a dataset, its distributions and services."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, Quad

from ontology import iri

_SV = {
    "catalogue": "Öppna data i Stockholms län",
    "about": "Kommunernas och regionens datakataloger och data, samlade som länkade data.",
    "dataset": "ÖDIS kunskapsgraf över öppna data",
    "dump": "Hela grafen som en fil",
    "view": "Alla kataloger som en fil",
    "query": "Fråga grafen med SPARQL",
}
_EN = {
    "catalogue": "Open data in Stockholm County",
    "about": "The catalogues and data of the municipalities and the region, gathered as linked data.",
    "dataset": "ODIS knowledge graph of open data",
    "dump": "The whole graph as one file",
    "view": "All catalogues as one file",
    "query": "Query the graph with SPARQL",
}
PUBLISHER: Final = "https://odis.example/id/organisation/storsthlm"
CC0: Final = "http://creativecommons.org/publicdomain/zero/1.0/"
PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"
_NAL = "http://publications.europa.eu/resource/authority/"
_FILE_TYPE = f"{_NAL}file-type/"
_IANA = "https://www.iana.org/assignments/media-types/"
_GZIP = f"{_IANA}application/gzip"
DUMPS: Final = {"nq": ("RDF_N_QUADS", "application/n-quads"), "trig": ("RDF_TRIG", "application/trig")}
"""Dumps of the whole graph: file ending, EU file type, media type."""


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A dataset the graph makes itself: the rows of one specification from all sources."""

    name: str
    title: dict[str, str]
    """By language."""


def main_catalogue(base: str) -> str:
    """IRI of the one main catalogue, of which all harvested catalogues are parts."""
    return f"{base}id/catalogue/odis"


def graph_dataset(base: str) -> str:
    """IRI of the graph as a dataset, in DCAT, VoID and the service description alike."""
    return f"{base}id/dataset/odis"


def dump_distribution(base: str, ending: str) -> str:
    """IRI of the distribution that is a dump of the whole graph."""
    return f"{base}id/distribution/odis-{ending}"


def self_description(base: str, aggregated: Sequence[Aggregated] = ()) -> Iterator[Quad]:
    """Quads for the default graph; nothing in them depends on when or where a release was built."""
    yield from _catalogue(base, aggregated)
    yield from _dataset(base)
    yield from _service(base, aggregated)
    for ending in DUMPS:
        yield from _dump(base, ending)
    yield from _view(base)
    for found in aggregated:
        yield from _aggregated(base, found)


def _say(subject: str, *statements: tuple[str, str]) -> Iterator[Quad]:
    """Statements with an IRI as value."""
    for predicate, found in statements:
        yield Quad(NamedNode(subject), NamedNode(iri(predicate)), NamedNode(found))


def _texts(subject: str, predicate: str, key: str) -> Iterator[Quad]:
    for language, words in (("sv", _SV), ("en", _EN)):
        yield Quad(NamedNode(subject), NamedNode(iri(predicate)), Literal(words[key], language=language))


def _catalogue(base: str, aggregated: Sequence[Aggregated]) -> Iterator[Quad]:
    catalogue = main_catalogue(base)
    yield from _texts(catalogue, "dcterms:title", "catalogue")
    yield from _texts(catalogue, "dcterms:description", "about")
    yield from _say(
        catalogue,
        ("rdf:type", iri("dcat:Catalog")),
        ("dcterms:publisher", PUBLISHER),
        ("dcterms:license", CC0),
        ("dcterms:language", f"{_NAL}language/SWE"),
        ("dcterms:language", f"{_NAL}language/ENG"),
        ("foaf:homepage", base),
        ("dcat:themeTaxonomy", f"{_NAL}data-theme"),
        ("dcat:service", f"{base}id/service/sparql"),
        ("dcat:dataset", graph_dataset(base)),
        *(("dcat:dataset", f"{base}id/dataset/{found.name}") for found in aggregated),
    )
    yield from _say(PUBLISHER, ("rdf:type", iri("foaf:Agent")))
    yield Quad(NamedNode(PUBLISHER), NamedNode(iri("foaf:name")), Literal("Storsthlm", language="sv"))


def _dataset(base: str) -> Iterator[Quad]:
    dataset = graph_dataset(base)
    yield from _texts(dataset, "dcterms:title", "dataset")
    yield from _texts(dataset, "dcterms:description", "about")
    yield from _keywords(dataset)
    parts = [dump_distribution(base, ending) for ending in DUMPS]
    parts += [f"{base}id/distribution/catalogue", f"{base}id/distribution/sparql"]
    yield from _say(
        dataset,
        ("dcat:landingPage", base),
        ("dcterms:spatial", "https://sws.geonames.org/2673722/"),
        *_open(),
        *(("dcat:distribution", part) for part in parts),
    )


def _open() -> tuple[tuple[str, str], ...]:
    return (
        ("rdf:type", iri("dcat:Dataset")),
        ("dcterms:publisher", PUBLISHER),
        ("dcterms:accessRights", f"{_NAL}access-right/PUBLIC"),
        ("dcat:theme", f"{_NAL}data-theme/GOVE"),
        ("dcterms:accrualPeriodicity", f"{_NAL}frequency/DAILY"),
    )


def _keywords(dataset: str) -> Iterator[Quad]:
    for word, language in (
        ("länkade data", "sv"),
        ("öppna data", "sv"),
        ("linked data", "en"),
        ("open data", "en"),
    ):
        yield Quad(NamedNode(dataset), NamedNode(iri("dcat:keyword")), Literal(word, language=language))


def _service(base: str, aggregated: Sequence[Aggregated]) -> Iterator[Quad]:
    """The SPARQL service, and the distribution that leads to it."""
    service, distribution = f"{base}id/service/sparql", f"{base}id/distribution/sparql"
    served = [graph_dataset(base), *(f"{base}id/dataset/{found.name}" for found in aggregated)]
    yield from _texts(service, "dcterms:title", "query")
    yield from _texts(distribution, "dcterms:title", "query")
    yield from _say(
        service,
        ("rdf:type", iri("dcat:DataService")),
        ("dcat:endpointURL", f"{base}sparql"),
        ("dcat:endpointDescription", f"{base}sparql"),
        ("dcterms:conformsTo", PROTOCOL),
        ("dcterms:publisher", PUBLISHER),
        ("dcterms:license", CC0),
        *(("dcat:servesDataset", dataset) for dataset in served),
    )
    yield from _say(PROTOCOL, ("rdf:type", iri("dcterms:Standard")))
    title = Literal("SPARQL 1.1 Protocol", language="en")
    yield Quad(NamedNode(PROTOCOL), NamedNode(iri("dcterms:title")), title)
    yield from _say(
        distribution,
        ("rdf:type", iri("dcat:Distribution")),
        ("dcat:accessURL", f"{base}sparql"),
        ("dcat:accessService", service),
        ("dcterms:license", CC0),
        ("dcterms:format", f"{_FILE_TYPE}SPARQLQRES"),
    )


def _dump(base: str, ending: str) -> Iterator[Quad]:
    distribution = dump_distribution(base, ending)
    code, media_type = DUMPS[ending]
    address = f"{base}dumps/odis.{ending}.gz"
    yield from _texts(distribution, "dcterms:title", "dump")
    yield from _file(distribution, address, code, media_type)
    yield from _say(distribution, ("dcat:compressFormat", _GZIP))


def _view(base: str) -> Iterator[Quad]:
    distribution = f"{base}id/distribution/catalogue"
    yield from _texts(distribution, "dcterms:title", "view")
    yield from _file(distribution, f"{base}catalog.rdf", "RDF_XML", "application/rdf+xml")


def _file(distribution: str, address: str, code: str, media_type: str) -> Iterator[Quad]:
    yield from _say(
        distribution,
        ("rdf:type", iri("dcat:Distribution")),
        ("dcat:accessURL", address),
        ("dcat:downloadURL", address),
        ("dcterms:license", CC0),
        ("dcterms:format", f"{_FILE_TYPE}{code}"),
        ("dcat:mediaType", f"{_IANA}{media_type}"),
    )


def _aggregated(base: str, found: Aggregated) -> Iterator[Quad]:
    """The converted rows of a specification as a dataset, read with a query."""
    dataset, distribution = f"{base}id/dataset/{found.name}", f"{base}id/distribution/{found.name}"
    for language, title in sorted(found.title.items()):
        for predicate in ("dcterms:title", "dcterms:description"):
            text = Literal(title, language=language)
            yield Quad(NamedNode(dataset), NamedNode(iri(predicate)), text)
    graphs = f"{base}graph/data/{found.name}/"
    query = (
        f'CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{graphs}")) }}'
    )
    address = f"{base}sparql?{urlencode({'query': query})}"
    yield from _say(dataset, *_open(), ("dcat:distribution", distribution))
    yield from _file(distribution, address, "RDF_TURTLE", "text/turtle")
    yield from _say(distribution, ("dcat:accessService", f"{base}id/service/sparql"))
