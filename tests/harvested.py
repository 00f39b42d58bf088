"""A small region as a release holds it, with everything in it that the views have to put right."""

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse, serialize

BASE = "https://odis.example/"

PREFIXES = f"""
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix odrs: <http://schema.theodi.org/odrs#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix g: <{BASE}.well-known/genid/> .
@prefix n: <https://nacka.example/> .
@prefix s: <https://stockholm.example/> .
@prefix org: <http://dataportal.se/organisation/> .
@prefix theme: <http://publications.europa.eu/resource/authority/data-theme/> .
"""

STOCKHOLM = """
s:catalogue a dcat:Catalog ;
  dcterms:title "Stockholms katalog"@sv ; dcterms:description "Allt öppet"@sv ;
  dcterms:publisher org:SE2120000142 ;
  dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
  dcterms:hasPart s:empty, s:nested ;
  dcat:record s:record ;
  dcat:dataset s:bathing, s:noise, s:gone ; dcat:service s:api .
s:nested a dcat:Catalog ; dcterms:title "Delkatalog"@sv ; dcterms:description "En del"@sv ;
  dcterms:publisher org:SE2120000142 ; dcterms:isPartOf s:catalogue ; dcat:dataset s:series .
s:empty a dcat:Catalog .
s:record a dcat:CatalogRecord ; foaf:primaryTopic s:bathing ;
  dcterms:modified "2020-01-01"^^xsd:date .
org:SE2120000142 a foaf:Organization ; foaf:name "Stockholms stad"@sv ;
  dcterms:type <http://purl.org/adms/publishertype/LocalAuthority> .
s:contact a vcard:Organization ; vcard:fn "Öppna data" ; vcard:hasEmail <mailto:data@stockholm.example> ;
  vcard:hasTelephone g:stockholm-tel .
g:stockholm-tel a vcard:Voice ; vcard:hasValue <tel:+468123456> .
s:bathing a dcat:Dataset ;
  dcterms:title "Badplatser & bryggor"@sv, "Bathing places"@en ;
  dcterms:description "Stadens badplatser <och> bryggor, med läge, djup och tillgänglighet för alla."@sv ;
  dcterms:publisher org:SE2120000142 ; dcat:contactPoint s:contact ;
  dcterms:identifier "b0f1a1b2-0000-4000-8000-000000000001" ;
  adms:identifier "badplatser-1" ;
  dcat:keyword "bad"@sv, "badplats"@sv ; dcat:theme theme:ENVI ;
  dcterms:spatial g:stockholm-box, <https://odis.example/area> ; dcterms:temporal g:stockholm-period ;
  dcterms:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
  dcatap:hvdCategory <http://data.europa.eu/bna/c_dd313021> ;
  dcterms:issued "2024-05-01"^^xsd:date ;
  dcterms:language <http://publications.europa.eu/resource/authority/language/SWE> ;
  dcat:inSeries s:series ; dcat:version "2.0" ;
  dcat:distribution s:bathing-csv, s:bathing-api .
g:stockholm-period a dcterms:PeriodOfTime ; dcat:startDate "2020-01-01"^^xsd:date .
g:stockholm-box a dcterms:Location ; dcat:bbox
  "POLYGON((17.7 59.2,18.2 59.2,18.2 59.5,17.7 59.5,17.7 59.2))"^^geo:wktLiteral .
s:bathing-csv a dcat:Distribution ; dcterms:title "CSV"@sv ; dcterms:format "text/csv" ;
  dcat:accessURL <https://stockholm.example/bad> ;
  dcat:downloadURL <https://stockholm.example/bad.csv?a=1&b=2> ;
  dcat:byteSize "0123"^^xsd:nonNegativeInteger ;
  dcterms:license <http://creativecommons.org/licenses/by/4.0/> ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
  adms:status <http://publications.europa.eu/resource/authority/distribution-status/COMPLETED> ;
  spdx:checksum g:stockholm-sum ; dcterms:rights g:stockholm-rights .
g:stockholm-sum a spdx:Checksum ; spdx:checksumValue "AB01" ; spdx:algorithm spdx:checksumAlgorithm_sha1 .
g:stockholm-rights a odrs:RightsStatement ; odrs:attributionText "Stockholms stad"@sv .
s:bathing-api a dcat:Distribution ; dcterms:format "application/vnd.sthlm+json" ;
  dcat:accessURL <https://stockholm.example/api> ; dcat:accessService s:api ;
  dcterms:license <http://creativecommons.org/licenses/by/4.0/> .
s:api a dcat:DataService ; dcterms:title "Badplatser som API"@sv ;
  dcat:endpointURL <https://stockholm.example/api> ; dcat:servesDataset s:bathing ;
  dcat:contactPoint s:contact ; dcterms:publisher org:SE2120000142 .
s:series a dcat:DatasetSeries ; dcterms:title "Bad, år för år"@sv ; dcterms:description "Serie"@sv ;
  dcterms:publisher org:SE2120000142 .
s:noise a dcat:Dataset ; dcterms:title "Buller\\u0001"@sv ; dcterms:description "Kort"@sv ;
  dcterms:publisher org:SE2120000142 ; <https://egen.example/ns/färg> "röd" ;
  <https://egen.example/ns/1> "ingen tagg" ; dcterms:relation <geo:59.3,18.1> .
<https://odis.example/area> a <http://schema.org/AdministrativeArea> ; skos:prefLabel "Stockholm"@sv .
theme:ENVI a skos:Concept ; skos:prefLabel "Miljö"@sv .
"""

NACKA = """
n:catalogue a dcat:Catalog ; dcterms:title "Nackas katalog"@sv ; dcterms:description "Allt öppet"@sv ;
  dcterms:publisher n:org ; dcat:dataset n:parks .
n:org a foaf:Agent, vcard:Organization ; foaf:name "Nacka kommun"@sv ; foaf:mbox <mailto:data@nacka.example> ;
  vcard:fn "Nacka" .
n:parks a dcat:Dataset ; dcterms:title "Parker"@sv ; dcterms:description "Kommunens parker"@sv ;
  dcterms:publisher n:org ; dcat:contactPoint n:org ; dcat:distribution n:parks-shp .
n:parks-shp a dcat:Distribution ; dcat:accessURL <https://nacka.example/parker> ;
  dcterms:format "application/x-shapefile" .
"""


def quads(turtle: str, source: str) -> list[Quad]:
    """What a source gives to a release: its own graph, and the same in the default graph."""
    found = list(parse(PREFIXES + turtle, format=RdfFormat.TURTLE))
    graph = NamedNode(f"{BASE}graph/source/{source}")
    both = [
        Quad(quad.subject, quad.predicate, quad.object, name)
        for quad in found
        for name in (DefaultGraph(), graph)
    ]
    return both


def write_nq(path: Path, found: Iterable[Quad]) -> Path:
    """A graph.nq: canonical lines, sorted by bytes, without repeats."""
    lines = (serialize(found, format=RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    path.write_bytes(b"".join(sorted(set(lines))))
    return path


def region(stockholm: str = STOCKHOLM, nacka: str = NACKA) -> list[Quad]:
    """The quads of the small region."""
    return [*quads(stockholm, "stockholm"), *quads(nacka, "nacka")]
