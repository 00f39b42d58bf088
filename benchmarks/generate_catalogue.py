"""Makes a catalogue in DCAT-AP-SE as N-Triples, of any size, one dataset in twenty with a defect.

    python -m benchmarks.generate_catalogue 1000 catalogue.nt

The same number always gives the same file: 60 triples a dataset with two distributions, contact, publisher,
keywords in two languages, place, period and checksum. Defects go round all that are listed in `DEFECTS`.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from ontology import iri

EVERY: Final = 20
"""One dataset in so many has a defect, unless told otherwise."""

Triple = tuple[str, str, str]
_NAL = "http://publications.europa.eu/resource/authority/"
_THEMES = ("ENVI", "TRAN", "EDUC", "GOVE", "SOCI", "ECON", "HEAL")
_FORMATS = (("CSV", "text/csv"), ("JSON", "application/json"), ("GEOJSON", "application/geo+json"))


def catalogue(
    datasets: int, publishers: int = 26, *, defects: bool = True, every: int = EVERY
) -> Iterator[Triple]:
    """All triples of a catalogue of so many datasets, as N-Triples terms; one in `every` has a defect."""
    home = "<https://katalog.example/>"
    yield from _catalogue(home)
    for number in range(publishers):
        yield from _publisher(number)
    for number in range(datasets):
        triples = list(_dataset(number, publishers))
        if defects and number % every == every - 1:
            triples = DEFECTS[number // every % len(DEFECTS)](triples)
        yield home, iri("dcat:dataset"), _name("dataset", number)
        yield from triples


def write_catalogue(path: Path, datasets: int, *, defects: bool = True, every: int = EVERY) -> int:
    """Write a catalogue as N-Triples; returns the number of triples."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for subject, predicate, value in catalogue(datasets, defects=defects, every=every):
            file.write(f"{subject} <{predicate}> {value} .\n")
            count += 1
    return count


def _name(kind: str, number: int, part: str = "") -> str:
    return f"<https://katalog.example/{kind}/{number}{part}>"


def _agent(number: int) -> str:
    return f"<http://dataportal.se/organisation/SE{2120000100 + number}>"


def _iri(curie: str) -> str:
    return f"<{iri(curie)}>"


def _code(scheme: str, code: str) -> str:
    return f"<{_NAL}{scheme}/{code}>"


def _typed(text: str, datatype: str) -> str:
    return f'"{text}"^^{_iri(datatype)}'


def _say(subject: str, *pairs: tuple[str, str]) -> Iterator[Triple]:
    for predicate, value in pairs:
        yield subject, iri(predicate), value


def _catalogue(home: str) -> Iterator[Triple]:
    yield from _say(
        home,
        ("rdf:type", _iri("dcat:Catalog")),
        ("dcterms:title", '"Öppna data i länet"@sv'),
        ("dcterms:title", '"Open data of the county"@en'),
        ("dcterms:description", '"Alla kommuners öppna data."@sv'),
        ("dcterms:publisher", _agent(0)),
        ("dcterms:license", "<http://creativecommons.org/publicdomain/zero/1.0/>"),
        ("dcterms:language", _code("language", "SWE")),
        ("dcterms:issued", _typed("2024-01-01", "xsd:date")),
        ("dcterms:modified", _typed("2026-11-01", "xsd:date")),
        ("foaf:homepage", "<https://katalog.example/om>"),
        ("dcterms:spatial", "<https://sws.geonames.org/2673722/>"),
        ("dcat:themeTaxonomy", f"<{_NAL}data-theme>"),
    )


def _publisher(number: int) -> Iterator[Triple]:
    yield from _say(
        _agent(number),
        ("rdf:type", _iri("foaf:Organization")),
        ("foaf:name", f'"Kommun {number}"@sv'),
        ("dcterms:description", '"En kommun i länet."@sv'),
        ("dcterms:type", "<http://purl.org/adms/publishertype/LocalAuthority>"),
        ("dcterms:identifier", f'"212000-{number:04}"'),
    )


def _dataset(number: int, publishers: int) -> Iterator[Triple]:
    name, contact, period = _name("dataset", number), _name("contact", number), f"_:p{number}"
    yield from _say(
        name,
        ("rdf:type", _iri("dcat:Dataset")),
        ("dcterms:title", f'"Datamängd {number}"@sv'),
        ("dcterms:title", f'"Dataset {number}"@en'),
        ("dcterms:description", f'"Beskrivning av datamängd {number}."@sv'),
        ("dcterms:description", f'"Description of dataset {number}."@en'),
        ("dcterms:publisher", _agent(number % publishers)),
        ("dcat:contactPoint", contact),
        ("dcat:keyword", '"badplats"@sv'),
        ("dcat:keyword", '"bathing place"@en'),
        ("dcat:theme", _code("data-theme", _THEMES[number % len(_THEMES)])),
        ("dcterms:identifier", f'"{number}"'),
        ("dcterms:issued", _typed("2024-05-17", "xsd:date")),
        ("dcterms:modified", _typed("2025-05-17T10:00:00Z", "xsd:dateTime")),
        ("dcterms:language", _code("language", "SWE")),
        ("dcat:landingPage", f"<https://kommun.example/data/{number}>"),
        ("dcterms:conformsTo", "<https://www.dataportal.se/specifications/badplatser>"),
        ("dcterms:spatial", "<https://sws.geonames.org/2673730/>"),
        ("dcterms:accrualPeriodicity", _code("frequency", "ANNUAL")),
        ("dcterms:accessRights", _code("access-right", "PUBLIC")),
        ("dcterms:temporal", period),
    )
    yield from _say(period, ("rdf:type", _iri("dcterms:PeriodOfTime")))
    yield from _say(period, ("dcat:startDate", _typed("2020-01-01", "xsd:date")))
    yield from _say(period, ("dcat:endDate", _typed("2024-12-31", "xsd:date")))
    yield from _contact(contact, number)
    for part in (0, 1):
        yield name, iri("dcat:distribution"), _name("distribution", number, f"/{part}")
        yield from _distribution(number, part)


def _contact(contact: str, number: int) -> Iterator[Triple]:
    phone, address = f"_:t{number}", f"_:a{number}"
    yield from _say(
        contact,
        ("rdf:type", _iri("vcard:Organization")),
        ("vcard:fn", '"Öppna data"'),
        ("vcard:hasEmail", "<mailto:oppnadata@kommun.example>"),
        ("vcard:hasTelephone", phone),
        ("vcard:hasAddress", address),
    )
    yield from _say(phone, ("rdf:type", _iri("vcard:Voice")), ("vcard:hasValue", "<tel:+46851000000>"))
    yield from _say(
        address,
        ("rdf:type", _iri("vcard:Address")),
        ("vcard:street-address", '"Storgatan 1"'),
        ("vcard:postal-code", '"131 81"'),
        ("vcard:locality", '"Nacka"'),
        ("vcard:country-name", '"Sverige"'),
    )


def _distribution(number: int, part: int) -> Iterator[Triple]:
    file_type, media_type = _FORMATS[(number + part) % len(_FORMATS)]
    yield from _say(
        _name("distribution", number, f"/{part}"),
        ("rdf:type", _iri("dcat:Distribution")),
        ("dcterms:description", '"En rad per badplats."@sv'),
        ("dcat:accessURL", f"<https://kommun.example/data/{number}/{part}>"),
        ("dcat:downloadURL", f"<https://kommun.example/data/{number}/{part}.{file_type.lower()}>"),
        ("dcterms:format", _code("file-type", file_type)),
        ("dcat:mediaType", f"<https://www.iana.org/assignments/media-types/{media_type}>"),
        ("dcat:byteSize", _typed(str(1000 + number), "xsd:nonNegativeInteger")),
        ("dcterms:license", "<http://creativecommons.org/publicdomain/zero/1.0/>"),
        ("dcatap:availability", _code("planned-availability", "STABLE")),
    )


Defect = Callable[[list[Triple]], list[Triple]]


def _without(predicate: str) -> Defect:
    """Every value of a property is missing."""
    return lambda triples: [t for t in triples if t[1] != iri(predicate)]


def _instead(predicate: str, value: str) -> Defect:
    """Every value of a property is replaced by this one."""
    return lambda triples: [(s, p, value if p == iri(predicate) else o) for s, p, o in triples]


def _also(predicate: str, value: str) -> Defect:
    """The dataset has one more value for a property."""
    return lambda triples: [*triples, (triples[0][0], iri(predicate), value)]


DEFECTS: Final[tuple[Defect, ...]] = (
    _without("dcterms:title"),
    _without("dcterms:description"),
    _without("dcterms:publisher"),
    _without("dcat:accessURL"),
    _without("dcat:keyword"),
    _without("dcat:contactPoint"),
    _without("dcterms:license"),
    _without("vcard:hasEmail"),
    _also("dcterms:publisher", _agent(1)),
    _also("dcterms:issued", _typed("2023-01-01", "xsd:date")),
    _also("dcatap:hvdCategory", "<http://data.europa.eu/bna/c_b79e35eb>"),
    _instead("dcterms:title", '"Utan språktagg"'),
    _instead("dcat:keyword", '"Skolor, Förskolor"@sv'),
    _instead("dcat:theme", _code("data-theme", "MILJO")),
    _instead("dcterms:accrualPeriodicity", "<http://purl.org/cld/freq/annual>"),
    _instead("dcterms:issued", _typed("2024-13-01", "xsd:date")),
    _instead("dcterms:format", '"CSV-fil"'),
    _instead("dcat:byteSize", _typed("1000", "xsd:decimal")),
    _instead("dcterms:license", "<https://creativecommons.org/licenses/by/4.0/deed.sv>"),
    _instead("dcat:accessURL", '"https://kommun.example/data"'),
    _instead("dcterms:publisher", '"Kommunen"'),
    _instead("dcterms:language", '"sv"'),
)


if __name__ == "__main__":
    print(write_catalogue(Path(sys.argv[2]), int(sys.argv[1])))
