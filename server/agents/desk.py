"""What agents can have done: search, describe, saved queries, SPARQL; answers short, in plain values."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from loaders.search import schema
from loaders.search.find import Hit, find, hits
from ontology import PREFIXES
from queries.saved import SavedQuery, with_known_prefixes
from server.agents.reading import Reader
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.service import Service
from server.sparql.gate import Passed
from server.usage import Event

MOST_TRIPLES: Final = 200
MOST_REFERENCES: Final = 20
_OUT: Final = """
SELECT ?p ?o ?p2 ?o2 {
  %s ?p ?o
  OPTIONAL { ?o ?p2 ?o2 FILTER(STRSTARTS(STR(?o), %s) || STRSTARTS(STR(?o), CONCAT(STR(%s), "#"))) }
}"""
"""What is said of a thing, and of what exists only as a part of it."""
_ABOUT: Final = 300
"""Characters of the line below a hit."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers one agent; `client` is the key under which the pool is fair."""

    service: Service
    client: str

    async def search(self, words: str, kind: str, limit: int) -> Answer:
        """Entries of the index that words find, best first."""
        return await asyncio.to_thread(self._search, words, kind, limit)

    def _search(self, words: str, kind: str, limit: int) -> Answer:
        file = self.service.current.release.path / schema.FOLDER / schema.FILE
        if not file.is_file():
            raise Problem(
                problems.UNAVAILABLE, Words("Utgåvan har inget index.", "The release has no index.")
            )
        with closing(schema.open_index(file)) as index:
            found = find(index, words, kind)
            shown = hits(index, found.ids[:limit])
        return {
            "total": len(found.ids),
            "kinds": found.kinds,
            "corrected": dict(found.corrected),
            "everyWord": not found.some,
            "results": [_hit(hit) for hit in shown],
        }

    async def describe(self, iri: str) -> Answer:
        """What the graph says of a thing, and what refers to it."""
        try:
            node = NamedNode(iri)
        except ValueError as error:
            raise Problem(problems.BAD_REQUEST, Words("Ange en hel IRI.", "Give a whole IRI.")) from error
        reader = Reader(self.service, self.client)
        genid = Literal(f"{self.service.current.release.manifest.base}.well-known/genid/")
        out = await reader.rows(Passed(_OUT % (node, genid, node), "select"), MOST_TRIPLES)
        into = await reader.rows(Passed(f"SELECT ?s ?p {{ ?s ?p {node} }}", "select"), MOST_REFERENCES)
        if not out.rows and not into.rows:
            detail = Words(f"Grafen känner inte {iri[:200]}.", f"The graph knows no {iri[:200]}.")
            raise Problem(problems.NOT_FOUND, detail)
        return {
            "iri": iri,
            "properties": _properties(out.rows),
            "more": out.more,
            "referredToBy": [{"iri": subject, "property": _short(name)} for subject, name in into.rows],
            "moreReferences": into.more,
        }

    async def saved(self, query: SavedQuery, values: Mapping[str, Any], limit: int, offset: int) -> Answer:
        """The rows (or triples) of a saved query."""
        text = query.bind({name: _texts(value) for name, value in values.items()})
        answer = await self._asked(text, limit, offset)
        self.service.usage.event(Event("saved query", f"/queries/{query.name}", text))
        return answer

    async def sparql(self, text: str, limit: int, offset: int) -> Answer:
        """The rows (or triples) of a query; prefixes of ODIS need no declaration."""
        answer = await self._asked(with_known_prefixes(text), limit, offset)
        self.service.usage.event(Event("sparql", "/sparql", text))
        return answer

    async def _asked(self, text: str, limit: int, offset: int) -> Answer:
        reader = Reader(self.service, self.client)
        passed = await reader.passed(text)
        if passed.kind == "ask":
            return {"answer": await reader.ask(passed)}
        found = await reader.rows(passed, limit, offset)
        answer: Answer = {"columns": list(found.columns), "rows": found.rows}
        if found.more:
            answer["nextOffset"] = offset + len(found.rows)
        return answer


def _texts(value: Any) -> list[str]:
    """The values of a parameter as agents give them: none, one or several texts, numbers or truth values."""
    several = value if isinstance(value, list) else [value] if value is not None else []
    return [json.dumps(one) if isinstance(one, bool | int | float) else str(one) for one in several]


def _hit(hit: Hit) -> Answer:
    about = hit.about.sv or hit.about.en
    found = {
        "kind": hit.kind,
        "tool": hit.page.removeprefix("/queries/") if hit.kind == "query" else "",
        "iri": hit.iri,
        "page": hit.page,
        "title": hit.title.sv or hit.title.en,
        "titleEn": hit.title.en if hit.title.sv else "",
        "about": about if len(about) <= _ABOUT else f"{about[:_ABOUT]}…",
    }
    return {key: value for key, value in found.items() if value}


def _properties(rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Values by property; a thing that exists only as a part is told with what is said of it."""
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    parts: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for predicate, value, inner, what in rows:
        values[_short(predicate)][json.dumps(value)] = value
        if inner is not None:
            parts[_short(predicate), json.dumps(value)][_short(inner)].append(what)
    return {
        name: [
            {"iri": value, **parts[name, key]} if (name, key) in parts else value
            for key, value in own.items()
        ]
        for name, own in values.items()
    }


def _short(iri: str) -> str:
    """An IRI with a prefix of ODIS where it has one."""
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name.replace("-", "").isalnum():
            return f"{prefix}:{name}"
    return iri
