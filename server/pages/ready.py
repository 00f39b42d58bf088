"""Questions that suit a dataset, and where each is answered."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from loaders.search.subjects import Text
from server.pages.entries import Dataset
from server.pages.sending import Reading

_ABOUT: Final = ("distributions-of-dataset", "violations-of-dataset", "dataset-as-dcat")
_KINDRED: Final = 4
"""Questions about the same kind of data that are offered."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A question that suits, and where it is answered."""

    title: str
    notes: str
    address: str


def ready_questions(reading: Reading, found: Dataset, specification: tuple[str, Text] | None) -> list[Ready]:
    """Questions about the rows when there are any, and about the description."""
    ready: list[Ready] = []
    if found.things:
        ready += _asked(reading, ("rows-of-dataset",), dataset=found.iri)
        ready.append(_every_property(reading, found))
        group = specification[0] if specification else ""
        kindred = [query.name for query in reading.queries.values() if query.group == group]
        ready += _asked(reading, kindred[:_KINDRED])
    return ready + _asked(reading, _ABOUT, dataset=found.iri)


def _asked(reading: Reading, names: tuple[str, ...] | list[str], **values: str) -> list[Ready]:
    known = [reading.queries[name] for name in names if name in reading.queries]
    ending = f"?{urlencode(values)}" if values else ""
    language = reading.language
    return [
        Ready(query.title[language], query.description[language], f"/queries/{query.name}{ending}")
        for query in known
    ]


def _every_property(reading: Reading, found: Dataset) -> Ready:
    text = (
        "PREFIX dcterms: <http://purl.org/dc/terms/>\nPREFIX prov: <http://www.w3.org/ns/prov#>\n\n"
        f"SELECT ?thing ?property ?value WHERE {{\n  ?thing dcterms:isPartOf <{found.iri}> ;\n"
        "    prov:wasDerivedFrom ?row ;\n    ?property ?value .\n}\nORDER BY ?thing ?property\nLIMIT 200"
    )
    swedish = reading.language == "sv"
    return Ready(
        "Alla egenskaper i SPARQL" if swedish else "All properties in SPARQL",
        "Frågan öppnas och kan ändras." if swedish else "The query opens and can be changed.",
        f"/sparql?{urlencode({'query': text})}",
    )
