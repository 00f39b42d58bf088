"""High-value datasets as the member state reports them (Implementing Regulation (EU) 2023/138)."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from loaders.views.ledger import HVD, preferred
from loaders.views.read import Filter, OpenViews, Row
from loaders.views.records import PUBLISHER
from loaders.views.terms import Node, name, value, values
from server.harvest.holder import ViewsHolder
from server.harvest.sending import Sheet, etag_of, send_text
from server.http.endpoint import Call

_LAW = (name("dcatap:applicableLegislation"), HVD)
_CATEGORY = name("dcatap:hvdCategory")
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
    """`/hvd.json` and `/hvd.csv`."""
    async with holder.use() as views:
        rows = await asyncio.to_thread(lambda: list(report(views)))
        modified = views.published
    if call.asked.path.endswith(".csv"):
        text, media_type = _csv(rows), "text/csv"
    else:
        text = json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1) + "\n"
        media_type = "application/json"
    await send_text(call, text, Sheet(media_type, etag_of(text), modified))


def report(views: OpenViews) -> Iterator[Reported]:
    """Every dataset and series that states the regulation, by IRI."""
    after = ""
    while rows := views.rows(Filter(after=after, hvd=True), _BATCH):
        yield from (_reported(views, row) for row in rows)
        after = rows[-1].iri


def _reported(views: OpenViews, row: Row) -> Reported:
    record = views.records.record(f"<{row.iri}>")
    pairs = record.root.node.pairs
    files = [entity.node for entity in record.distributions]
    services = [views.records.entity(term).node for term in _all(files, "dcat:accessService", bare=False)]
    publisher = next(iter(values(pairs, PUBLISHER)), "")
    said = views.records.entity(publisher).node.pairs if publisher else ()
    return Reported(
        row.iri,
        row.title,
        row.publisher,
        preferred(said, name("foaf:name")),
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
