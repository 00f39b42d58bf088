"""High-value datasets as the member state reports them (Implementing Regulation (EU) 2023/138)."""

import asyncio
import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from loaders.views.ledger import HVD, preferred
from loaders.views.read import Filter, OpenViews, Row
from loaders.views.records import PUBLISHER
from loaders.views.terms import Node, name, value, values
from server.harvest.holder import ViewsHolder
from server.harvest.sending import Sheet, etag_of, send_text
from server.http.endpoint import Call
from server.http.request import Asked
from server.pages.frame import SECURITY, render

_LAW = (name("dcatap:applicableLegislation"), HVD)
_CATEGORY = name("dcatap:hvdCategory")
_TITLE = name("dcterms:title")
_LABEL = name("skos:prefLabel")
_SERVES = name("dcat:servesDataset")
_BATCH = 500


class Reported(NamedTuple):
    """A line of the report; what is missing is an empty list or false."""

    dataset: str
    title: str
    publisher: str
    publisher_name: str
    categories: list[str]
    apis: list[str]
    """Endpoints of data services."""
    downloads: list[str]
    """Addresses for bulk download."""
    licences: list[str]
    documented: bool
    """Whether every service has documentation and a contact, as the regulation asks."""
    marked: bool
    """Whether a distribution is marked as high-value too."""


async def hvd(holder: ViewsHolder, call: Call) -> None:
    """`/hvd` is a page, `/hvd.json` and `/hvd.csv` are for programs."""
    asked = call.asked
    async with holder.use() as views:
        if asked.path.endswith("/hvd"):
            body = await asyncio.to_thread(_page, views, asked)
            await send_text(call, body, _page_sheet(asked, body))
            return
        rows = await asyncio.to_thread(lambda: list(report(views)))
        modified = views.published
    if asked.path.endswith(".csv"):
        text, media_type = _csv(rows), "text/csv"
    else:
        text = json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1) + "\n"
        media_type = "application/json"
    await send_text(call, text, Sheet(media_type, etag_of(text), modified))


def _page(views: OpenViews, asked: Asked) -> bytes:
    rows = list(report(views, asked.language))
    stated = {category for row in rows for category in row.categories}
    labels = {
        iri: preferred(views.graph.node(f"<{iri}>").pairs, _LABEL, asked.language) or iri for iri in stated
    }
    return render("hvd.html", asked, rows=rows, labels=labels)


def _page_sheet(asked: Asked, body: bytes) -> Sheet:
    headers = {**SECURITY, "Content-Language": asked.language}
    vary = ("Accept-Language", "Accept-Encoding")
    return Sheet("text/html", etag_of(body.decode()), vary=vary, headers=headers)


def report(views: OpenViews, language: str = "sv") -> Iterator[Reported]:
    """Every dataset and series that states the regulation, by IRI; titles in a language if they have it."""
    serving = _serving(views)
    after = ""
    while rows := views.rows(Filter(after=after, hvd=True), _BATCH):
        yield from (_reported(views, row, serving, language) for row in rows)
        after = rows[-1].iri


def _serving(views: OpenViews) -> Mapping[str, set[str]]:
    """The services that say which datasets they serve, by dataset."""
    found = defaultdict(set)
    after = ""
    while rows := views.rows(Filter(after=after, kinds=("service",)), _BATCH):
        for row in rows:
            service = f"<{row.iri}>"
            for dataset in values(views.records.entity(service).node.pairs, _SERVES):
                found[dataset].add(service)
        after = rows[-1].iri
    return found


def _reported(views: OpenViews, row: Row, serving: Mapping[str, set[str]], language: str) -> Reported:
    record = views.records.record(f"<{row.iri}>")
    pairs = record.root.node.pairs
    files = [entity.node for entity in record.distributions]
    found = {*_all(files, "dcat:accessService", bare=False), *serving.get(f"<{row.iri}>", ())}
    services = [views.records.entity(term).node for term in sorted(found)]
    publisher = next(iter(values(pairs, PUBLISHER)), "")
    said = views.records.entity(publisher).node.pairs if publisher else ()
    return Reported(
        row.iri,
        preferred(pairs, _TITLE, language),
        row.publisher,
        preferred(said, name("foaf:name"), language),
        [value(term) for term in values(pairs, _CATEGORY)],
        _all(services, "dcat:endpointURL"),
        _all(files, "dcat:downloadURL"),
        _all([*files, *services], "dcterms:license"),
        bool(services) and all(_documented(service) for service in services),
        any(_LAW in file.pairs for file in files),
    )


def _documented(service: Node) -> bool:
    said = {predicate for predicate, _ in service.pairs}
    return {name("foaf:page"), name("dcat:contactPoint")} <= said


def _all(nodes: list[Node], curie: str, *, bare: bool = True) -> list[str]:
    found = {term for node in nodes for term in values(node.pairs, name(curie))}
    return sorted(value(term) if bare else term for term in found)


_COLUMNS: Final = Reported._fields


def _csv(rows: list[Reported]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow(" ".join(cell) if isinstance(cell, list) else cell for cell in row)
    return target.getvalue()
