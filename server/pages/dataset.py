"""The page of one dataset: what it is, its files, how good it is, and what can be asked of it."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from loaders.search.subjects import Text, text
from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.records import Entity, Records
from loaders.views.schema_org import CONTEXT, SchemaOrg
from loaders.views.terms import Pair, literal, name, value, values
from ontology import iri
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.frame import render
from server.pages.maps import map_of
from server.pages.points import points_of, stars_of
from server.pages.quality import changes_of, findings_of
from server.pages.sending import Page, Reading, moved
from server.pages.shapes import Dot
from server.pages.shelf import Dataset, Shelf
from server.pages.tables import tables_of
from server.pages.terms import Teller, Value

PREVIEWED: Final = 8
"""Rows of the dataset that its page shows."""
_PARTS = ("dcterms:title", "dcterms:description", "dcat:distribution", "rdf:type", "dcterms:publisher")
_ABOUT = tuple(iri(one) for one in _PARTS)
_FILE = tuple(
    iri(one)
    for one in (
        *("dcterms:title", "dcterms:description", "rdf:type", "dcterms:format", "dcat:mediaType"),
        *("dcat:accessURL", "dcat:downloadURL", "dcterms:license", "dcat:byteSize"),
    )
)


@dataclass(frozen=True, slots=True)
class File:
    """A distribution as its page shows it."""

    title: Text
    notes: Text
    format: str
    download: tuple[str, ...]
    access: tuple[str, ...]
    licences: tuple[Value, ...]
    size: int
    stars: int | None
    rest: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A question that suits the dataset, and where it is answered."""

    title: str
    notes: str
    address: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a dataset, and all its places on a map."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: int
    map: Markup | None


def dataset(reading: Reading) -> Page:
    """`/datasets/<name>`; an address with an older title leads to the present one."""
    wanted = reading.asked.path.removeprefix("/datasets/").rstrip("/")
    shelf = reading.shelf
    found = shelf.dataset("slug", wanted)
    if found is None:
        match = re.search(r"([0-9a-f]{8})$", wanted)
        found = shelf.dataset("mark", match[1]) if match else None
        if found is None:
            detail = Words(
                f"Det finns ingen datamängd {wanted[:100]}.", f"There is no dataset {wanted[:100]}."
            )
            raise Problem(problems.NOT_FOUND, detail)
        return moved(found.page, 301)
    return Page(_page(reading, found))


def _page(reading: Reading, found: Dataset) -> bytes:
    shelf, language = reading.shelf, reading.language
    records = Records(shelf.graph, shelf.manifest.base, frozenset())
    record = records.record(f"<{found.iri}>")
    teller = Teller(shelf, language)
    described = {"@context": CONTEXT, **SchemaOrg(records, language).dataset(record)}
    return render(
        "dataset.html",
        reading.asked,
        dataset=found,
        publisher=shelf.organisation(found.publisher),
        publisher_name=teller.name(found.publisher),
        files=[
            _file(entity, teller, stars_of(shelf, value(entity.node.subject)))
            for entity in record.distributions
        ],
        fields=teller.fields(found.iri, _ABOUT),
        findings=findings_of(shelf, found.iri),
        points=points_of(shelf, found.iri),
        changes=changes_of(shelf, found.iri),
        preview=_preview(shelf, teller, found),
        tables=tables_of(reading.release, dataset=found.iri),
        ready=_ready(reading, found),
        specification=_specification(shelf, found),
        member_of=shelf.selected(
            "WHERE iri IN (SELECT value FROM json_each(?))", _series(record.root.node.pairs)
        ),
        schema_org=_script(described),
        base=shelf.manifest.base,
        release=reading.release.id,
    )


def _series(pairs: tuple[Pair, ...]) -> str:
    return json.dumps([value(term) for term in values(pairs, name("dcat:inSeries"))])


def _script(found: dict[str, Any]) -> Markup:
    """JSON that stands in a script element: nothing in it can end the element."""
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _file(entity: Entity, teller: Teller, stars: int | None) -> File:
    pairs = entity.node.pairs
    stated = [recognise(term) for key in (FORMAT, MEDIA_TYPE) for term in values(pairs, key)]
    code = next((one.code or one.media_type for one in stated if one.code or one.media_type), "")
    size = next(iter(values(pairs, name("dcat:byteSize"))), "")
    digits = literal(size).text if size.startswith('"') else ""
    return File(
        title=_text(pairs, "dcterms:title"),
        notes=_text(pairs, "dcterms:description"),
        format=code or next((value(term) for term in values(pairs, FORMAT)), ""),
        download=_addresses(pairs, "dcat:downloadURL"),
        access=_addresses(pairs, "dcat:accessURL"),
        licences=tuple(teller.value(term) for term in values(pairs, name("dcterms:license"))),
        size=int(digits) if digits.isdigit() else 0,
        stars=stars,
        rest=teller.fields(value(entity.node.subject), _FILE),
    )


def _text(pairs: tuple[Pair, ...], curie: str) -> Text:
    return text(pairs, name(curie))


def _addresses(pairs: tuple[Pair, ...], curie: str) -> tuple[str, ...]:
    found = (value(term) for term in values(pairs, name(curie)))
    return tuple(one for one in found if one.startswith(("http://", "https://", "ftp://")))


def _specification(shelf: Shelf, found: Dataset) -> tuple[str, Text] | None:
    bit = 1 << found.id
    for one in shelf.facets.get("specification", ()):
        row = shelf.one("SELECT slug, sv, en FROM specification WHERE slug = ?", one.key)
        if one.bits & bit and row:
            return row[0], Text(row[1], row[2])
    return None


# ---------------------------------------------------------------------- rows


def _preview(shelf: Shelf, teller: Teller, found: Dataset) -> Preview | None:
    if not found.things:
        return None
    rows = shelf.rows(
        "SELECT iri, sv, en, municipality FROM thing WHERE dataset = ? ORDER BY sv LIMIT ?",
        found.iri,
        PREVIEWED,
    )
    return Preview(
        (),
        tuple(thing_row(teller, *row) for row in rows),
        found.things,
        dataset_map(shelf, "dataset = ?", found.iri),
    )


def thing_row(teller: Teller, address: str, sv: str, en: str, area: str) -> tuple[Value, ...]:
    """Name, municipality and a few facts of a thing."""
    title = Value(sv or en or address, page=teller.page(address))
    facts = [
        field.title
        for field in teller.fields(address, depth=0)
        if len(field.values) == 1 and field.values[0].text in ("ja", "yes")
    ]
    return title, Value(teller.name(area)), Value(", ".join(facts[:5]))


def dataset_map(shelf: Shelf, where: str, *values_: str) -> Markup | None:
    """All places of some things on a map; None when none has a place."""
    rows = shelf.rows(
        f"SELECT longitude, latitude, sv FROM thing WHERE {where} AND latitude IS NOT NULL LIMIT 20000",  # noqa: S608
        *values_,
    )
    return map_of([Dot(longitude, latitude, title) for longitude, latitude, title in rows])


# ---------------------------------------------------------------------- questions


def _ready(reading: Reading, found: Dataset) -> list[Ready]:
    """Questions that suit: about the rows when there are any, and about the description."""
    language = reading.language
    ready: list[Ready] = []
    if found.things:
        ready.append(_rows_query(reading, found))
        specification = _specification(reading.shelf, found)
        group = specification[0] if specification else ""
        near = [query for query in reading.queries.values() if query.group == group]
        ready += [
            Ready(query.title[language], query.description[language], f"/queries/{query.name}")
            for query in near[:4]
        ]
    for wanted in ("distributions-of-dataset", "violations-of-dataset", "dataset-as-dcat"):
        if query := reading.queries.get(wanted):
            address = f"/queries/{wanted}?{urlencode({'dataset': found.iri})}"
            ready.append(Ready(query.title[language], query.description[language], address))
    return ready


def _rows_query(reading: Reading, found: Dataset) -> Ready:
    text = (
        "PREFIX dcterms: <http://purl.org/dc/terms/>\nPREFIX schema: <http://schema.org/>\n\n"
        f"SELECT ?thing ?name ?property ?value WHERE {{\n  ?thing dcterms:isPartOf <{found.iri}> ;\n"
        "    schema:name ?name ;\n    ?property ?value .\n}\nORDER BY ?name ?property\nLIMIT 200"
    )
    swedish = reading.language == "sv"
    return Ready(
        "Alla rader och egenskaper" if swedish else "All rows and properties",
        "Öppnas i SPARQL, där frågan kan ändras." if swedish else "Opens in SPARQL, where it can be changed.",
        f"/sparql?{urlencode({'query': text})}",
    )
