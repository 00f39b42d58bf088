"""The page of one dataset: what it is, its files, how good it is, and what can be asked of it."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from loaders.search.subjects import Text, text
from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.read import Row
from loaders.views.records import Entity, Records
from loaders.views.schema_org import CONTEXT, SchemaOrg
from loaders.views.terms import Pair, literal, name, value, values
from ontology import iri
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.entries import Dataset
from server.pages.frame import render
from server.pages.points import points_of, stars_of
from server.pages.quality import changes_of, findings_of
from server.pages.ready import ready_questions
from server.pages.rows import preview_of
from server.pages.sending import Page, Reading, moved
from server.pages.shelf import Shelf
from server.pages.tables import tables_of
from server.pages.terms import Teller, Value
from server.pages.use import used_of

MEMBERS: Final = 200
"""Datasets of a series that its page names."""
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


def gone(tombstone: Row) -> Problem:
    """What is told of a dataset that was removed: what it was called, and since when it is gone."""
    title, day = tombstone.title or tombstone.iri, tombstone.stamp[:10]
    return Problem(problems.GONE, Words(f"”{title}” togs bort {day}.", f"“{title}” was removed on {day}."))


def dataset(reading: Reading) -> Page:
    """`/datasets/<name>`; an address with an older title leads to the present one."""
    wanted = reading.asked.path.removeprefix("/datasets/").rstrip("/")
    shelf = reading.shelf
    found = shelf.dataset("slug", wanted)
    if found is None:
        match = re.search(r"([0-9a-f]{8})$", wanted)
        found = shelf.dataset("mark", match[1]) if match else None
        if match and found is None and (tombstone := shelf.buried(mark=match[1])):
            raise gone(tombstone)
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
    specification = _specification(shelf, found)
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
        preview=preview_of(shelf, teller, found),
        used=used_of(reading, found.iri),
        record=shelf.record(found.iri),
        tables=tables_of(reading.release, dataset=found.iri),
        ready=ready_questions(reading, found, specification),
        specification=specification,
        member_of=shelf.selected("WHERE iri IN (SELECT series FROM member WHERE dataset = ?)", found.id),
        members=shelf.selected(
            "WHERE id IN (SELECT dataset FROM member WHERE series = ?) ORDER BY id LIMIT ?",
            found.iri,
            MEMBERS,
        ),
        schema_org=_script(described),
        base=shelf.manifest.base,
        release=reading.release.id,
    )


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
