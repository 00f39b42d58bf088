"""Makes a `graph.nq` as a release has it, of any size: catalogues, datasets, and what hangs on them."""

import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from loaders.views.terms import A, name, quote

BASE = "https://odis.example/"
CREATED = datetime(2026, 11, 24, 8, tzinfo=UTC)
_NAL = "http://publications.europa.eu/resource/authority/"
_FORMATS = ("text/csv", "application/json", "application/geo+json", "application/x-shapefile")
_WORDS = ("bad", "park", "skola", "väg", "buller", "cykel", "träd", "lekplats", "budget", "diarium")


def write_graph(
    path: Path,
    datasets: int,
    publishers: int = 26,
    base: str = BASE,
    changed: int = 0,
    more: Iterable[str] = (),
) -> None:
    """Write a sorted file of about 60 default-graph triples a dataset, each also in its source's graph.

    The first `changed` datasets have another title than they would have without; `more` are further lines.
    """
    raw = path.with_suffix(".raw")
    with raw.open("w", encoding="utf-8") as file:
        for line, source in _triples(datasets, publishers, base, changed):
            file.write(f"{line} .\n{line} <{base}graph/source/{source}> .\n")
        file.writelines(more)
    environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    subprocess.run(["sort", "-u", "-o", path, raw], check=True, env=environment)
    raw.unlink()


def _triples(datasets: int, publishers: int, base: str, changed: int) -> Iterator[tuple[str, str]]:
    for number in range(min(publishers, datasets)):
        yield from ((line, f"kommun{number}") for line in _publisher(number))
    for number in range(datasets):
        publisher = number % publishers
        source = f"kommun{publisher}"
        lines = _dataset(number, publisher, base, source, number < changed)
        yield from ((line, source) for line in lines)


def _say(subject: str, *pairs: tuple[str, str]) -> Iterator[str]:
    for predicate, term in pairs:
        yield f"<{subject}> {A if predicate == 'a' else name(predicate)} {term}"


def _both(swedish: str, english: str) -> tuple[str, str]:
    return quote(swedish, "sv"), quote(english, "en")


def agent(number: int) -> str:
    """IRI of a publisher."""
    return f"http://dataportal.se/organisation/SE{2120000000 + number}"


def dataset(number: int) -> str:
    """IRI of a dataset."""
    return f"https://kommun.example/dataset/{number:06}"


def _publisher(number: int) -> Iterator[str]:
    catalogue = f"https://kommun.example/catalogue/{number}"
    sv, en = _both(f"Öppna data i kommun {number}", f"Open data of municipality {number}")
    yield from _say(
        catalogue,
        ("a", name("dcat:Catalog")),
        ("dcterms:title", sv),
        ("dcterms:title", en),
        ("dcterms:description", sv),
        ("dcterms:publisher", f"<{agent(number)}>"),
        ("dcterms:license", "<http://creativecommons.org/publicdomain/zero/1.0/>"),
        ("dcterms:language", f"<{_NAL}language/SWE>"),
    )
    yield from _say(
        agent(number),
        ("a", name("foaf:Organization")),
        ("foaf:name", quote(f"Kommun {number}", "sv")),
        ("dcterms:type", "<http://purl.org/adms/publishertype/LocalAuthority>"),
    )
    yield from _say(
        f"https://kommun.example/contact/{number}",
        ("a", name("vcard:Organization")),
        ("vcard:fn", quote(f"Öppna data, kommun {number}")),
        ("vcard:hasEmail", f"<mailto:oppnadata@kommun{number}.example>"),
    )


def _dataset(number: int, publisher: int, base: str, source: str, changed: bool) -> Iterator[str]:
    iri, word = dataset(number), _WORDS[number % len(_WORDS)]
    period = f"{base}.well-known/genid/{source}-p{number:06}"
    title = _both(f"{word.capitalize()} {number}{' (ny)' if changed else ''}", f"Data {number}")
    text = _both(
        f"Uppgifter om {word} & {word}, nummer {number}. " * 3, f"Information about “{word}” <{number}>. " * 3
    )
    yield f"<https://kommun.example/catalogue/{publisher}> {name('dcat:dataset')} <{iri}>"
    yield from _say(
        iri,
        ("a", name("dcat:Dataset")),
        *(("dcterms:title", term) for term in title),
        *(("dcterms:description", term) for term in text),
        *(("dcat:keyword", quote(found, "sv")) for found in (word, f"{word}data", "öppna data")),
        ("dcat:keyword", quote(f"{word} data", "en")),
        ("dcterms:publisher", f"<{agent(publisher)}>"),
        ("dcat:contactPoint", f"<https://kommun.example/contact/{publisher}>"),
        ("dcterms:identifier", quote(f"{number:08x}-0000-4000-8000-000000000000")),
        ("dcat:theme", f"<{_NAL}data-theme/ENVI>"),
        ("dcterms:accessRights", f"<{_NAL}access-right/PUBLIC>"),
        ("dcterms:accrualPeriodicity", f"<{_NAL}frequency/DAILY>"),
        ("dcterms:issued", quote("2024-01-02", datatype=name("xsd:date"))),
        ("dcterms:modified", quote("2025-03-04", datatype=name("xsd:date"))),
        ("dcterms:language", f"<{_NAL}language/SWE>"),
        ("dcterms:spatial", "<https://sws.geonames.org/2673722/>"),
        ("dcat:landingPage", f"<https://kommun.example/data/{number}>"),
        ("dcterms:temporal", f"<{period}>"),
        *(("dcat:distribution", f"<{iri}/{part}>") for part in range(2)),
    )
    yield from _say(
        period,
        ("a", name("dcterms:PeriodOfTime")),
        ("dcat:startDate", quote("2020-01-01", datatype=name("xsd:date"))),
    )
    for part in range(2):
        yield from _distribution(f"{iri}/{part}", _FORMATS[(number + part) % len(_FORMATS)], number)


def _distribution(iri: str, media_type: str, number: int) -> Iterator[str]:
    address = f"<https://kommun.example/files/{number}?form={media_type}>"
    sv, en = _both(f"Fil som {media_type}", f"File as {media_type}")
    yield from _say(
        iri,
        ("a", name("dcat:Distribution")),
        ("dcterms:title", sv),
        ("dcterms:title", en),
        ("dcterms:description", sv),
        ("dcat:accessURL", address),
        ("dcat:downloadURL", address),
        ("dcterms:format", quote(media_type)),
        ("dcterms:license", "<http://creativecommons.org/publicdomain/zero/1.0/>"),
        ("dcat:byteSize", quote(str(number * 17 + 1), datatype=name("xsd:nonNegativeInteger"))),
        ("dcatap:availability", f"<{_NAL}planned-availability/STABLE>"),
        ("dcterms:issued", quote("2024-01-02", datatype=name("xsd:date"))),
        ("dcterms:language", f"<{_NAL}language/SWE>"),
        ("adms:status", f"<{_NAL}distribution-status/COMPLETED>"),
        ("dcterms:conformsTo", "<https://dataportal.se/specifications/example>"),
    )
