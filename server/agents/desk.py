"""What agents can have done: search, describe, saved queries, SPARQL; answers short, in plain values."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from loaders.search import schema
from loaders.search.find import Hit, find, hits
from ontology import PREFIXES
from ontology.errors import OdisError
from queries.binding import page
from queries.parameters import expectation
from queries.saved import SavedQuery, with_known_prefixes
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.saved.geojson import plain
from server.service import Service
from server.sparql.failures import problem_of
from server.sparql.gate import Passed
from server.usage import Event
from server.workers.query import Failure, Query

MOST_ROWS: Final = 500
MOST_CHARACTERS: Final = 40_000
"""What one answer may hold: about ten thousand tokens, which every agent can still read."""
LONGEST: Final = 1000
"""Characters of one value."""
DEADLINE: Final = 20.0
MOST_HITS: Final = 25
MOST_TRIPLES: Final = 200
_TSV, _NTRIPLES, _CSV = "text/tab-separated-values", "application/n-triples", "text/csv"

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers one agent; `client` is the key under which the pool is fair."""

    service: Service
    client: str

    # ------------------------------------------------------------------ search and description

    async def search(self, words: str, kind: str, limit: int) -> Answer:
        """Entries of the index that words find, best first."""
        found = await asyncio.to_thread(self._search, words, kind, min(max(limit, 1), MOST_HITS))
        return found

    def _search(self, words: str, kind: str, limit: int) -> Answer:
        file = self.service.current.release.path / schema.FOLDER / schema.FILE
        if not file.is_file():
            raise Problem(
                problems.UNAVAILABLE, Words("Utgåvan har inget index.", "The release has no index.")
            )
        with closing(schema.open_index(file)) as index:
            found = find(index, words[:LONGEST], kind)
            shown = hits(index, found.ids[:limit])
        return {
            "total": len(found.ids),
            "kinds": found.kinds,
            "corrected": dict(found.corrected),
            "results": [_hit(hit) for hit in shown],
        }

    async def describe(self, iri: str) -> Answer:
        """What the graph says of a thing, and what refers to it."""
        try:
            node = str(NamedNode(iri))
        except ValueError as error:
            raise Problem(problems.BAD_REQUEST, Words("Ange en hel IRI.", "Give a whole IRI.")) from error
        genid = f"{self.service.current.release.manifest.base}.well-known/genid/"
        out = await self._rows(
            f"SELECT ?p ?o ?p2 ?o2 {{ {node} ?p ?o OPTIONAL {{ ?o ?p2 ?o2 "
            f'FILTER(STRSTARTS(STR(?o), "{genid}") || STRSTARTS(STR(?o), CONCAT(STR({node}), "#"))) }} }}',
            MOST_TRIPLES,
        )
        into = await self._rows(f"SELECT ?s ?p {{ ?s ?p {node} }}", 20)
        if not out.rows and not into.rows:
            detail = Words(f"Grafen känner inte {iri[:200]}.", f"The graph knows no {iri[:200]}.")
            raise Problem(problems.NOT_FOUND, detail)
        return {
            "iri": iri,
            "properties": _properties(out.rows),
            "more": out.more,
            "referredToBy": [{"iri": subject, "property": _short(p)} for subject, p in into.rows],
            "moreReferences": into.more,
        }

    # ------------------------------------------------------------------ saved queries

    def saved_queries(self, words: str) -> Answer:
        """The saved queries whose name, title, description or tags hold all the words, in full."""
        wanted = words.lower().split()
        found = [query for query in self.service.queries.values() if _holds(query, wanted)]
        return {"queries": [described(query) for query in found]}

    async def ask_saved(self, name: str, values: Mapping[str, Any], limit: int, offset: int) -> Answer:
        """The rows (or triples) of a saved query."""
        query = self.service.queries.get(name)
        if query is None:
            detail = Words(f"Det finns ingen sparad fråga {name}.", f"There is no saved query {name}.")
            raise Problem(problems.NOT_FOUND, detail)
        text = query.bind({key: _texts(value) for key, value in values.items()})
        answer = await self._asked(text, limit, offset)
        self.service.usage.event(Event("saved query", f"/queries/{name}", text))
        return answer

    async def sparql(self, text: str, limit: int, offset: int) -> Answer:
        """The rows (or triples) of a query; prefixes of ODIS need no declaration."""
        answer = await self._asked(with_known_prefixes(text), limit, offset)
        self.service.usage.event(Event("sparql", "/sparql", text))
        return answer

    async def _asked(self, text: str, limit: int, offset: int) -> Answer:
        passed = await self.service.gate.examine_aside(text)
        await self.service.federation.admit(passed.services)
        limit, offset = min(max(limit, 1), MOST_ROWS), max(offset, 0)
        if passed.kind == "ask":
            body = await self._run(passed, _CSV)
            return {"answer": body.strip() == b"true"}
        if passed.kind == "graph":
            return await self._graph(passed, limit, offset)
        rows = await self._select(replace(passed, text=page(passed.text, limit + 1, offset)), limit)
        return _told(rows, offset)

    # ------------------------------------------------------------------ engine

    async def _rows(self, text: str, limit: int) -> "Rows":
        return await self._select(Passed(page(text, limit + 1, 0), "select"), limit)

    async def _select(self, passed: Passed, limit: int) -> "Rows":
        found = parse_query_results(await self._run(passed, _TSV), QueryResultsFormat.TSV)
        assert isinstance(found, QuerySolutions)  # noqa: S101 -- a SELECT
        columns = [variable.value for variable in found.variables]
        rows = [[_cut(plain(term)) for term in row] for row in found]
        return Rows(columns, rows[:limit], len(rows) > limit)

    async def _graph(self, passed: Passed, limit: int, offset: int) -> Answer:
        body = await self._run(passed, _NTRIPLES, lines=limit + offset + 1)
        lines = body.decode().splitlines()
        triples = [line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in lines[offset:]]
        return _told(Rows(["triple"], [[triple] for triple in triples[:limit]], len(triples) > limit), offset)

    async def _run(self, passed: Passed, media_type: str, lines: int = 0) -> bytes:
        """The body of an answer, or with `lines` so many of its lines: then the worker is let go."""
        service = self.service
        query = Query(
            text=passed.text,
            media_type=media_type,
            default_graphs=passed.default_graphs,
            named_graphs=passed.named_graphs,
            deadline=min(DEADLINE, service.settings.deadline),
            client=self.client,
            network=bool(passed.services),
            base=service.current.release.manifest.base,
        )
        parts: list[bytes] = []
        try:
            async with service.current.pool.run(query) as answer:
                async for part in answer.parts():
                    parts.append(part)
                    if lines and sum(one.count(b"\n") for one in parts) >= lines:
                        break
        except Failure as failure:
            raise problem_of(failure, passed.text) from failure
        whole = b"".join(parts)
        return b"".join(whole.splitlines(keepends=True)[:lines]) if lines else whole


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of plain values, and whether there are more."""

    columns: Sequence[str]
    rows: list[list[Any]]
    more: bool


def _told(found: Rows, offset: int) -> Answer:
    """Rows as an answer that is short enough, with the offset of the next ones when there are more."""
    size, kept = 0, 0
    for row in found.rows:
        size += len(json.dumps(row, ensure_ascii=False))
        if kept and size > MOST_CHARACTERS:
            break
        kept += 1
    answer: Answer = {"columns": list(found.columns), "rows": found.rows[:kept]}
    if found.more or kept < len(found.rows):
        answer["nextOffset"] = offset + kept
    return answer


def _cut(value: Any) -> Any:
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _texts(value: Any) -> list[str]:
    """The values of a parameter as agents give them: one or several texts, numbers or truth values."""
    several = value if isinstance(value, list) else [value]
    return [json.dumps(one) if isinstance(one, bool | int | float) else str(one) for one in several]


def _hit(hit: Hit) -> Answer:
    about = hit.about.sv or hit.about.en
    found = {
        "kind": hit.kind,
        "name": hit.page.removeprefix("/queries/") if hit.kind == "query" else "",
        "iri": hit.iri,
        "page": hit.page,
        "title": hit.title.sv or hit.title.en,
        "titleEn": hit.title.en if hit.title.sv else "",
        "about": about if len(about) <= 300 else f"{about[:300]}…",
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


def _holds(query: SavedQuery, words: Sequence[str]) -> bool:
    said = (query.name, query.group, *query.title.values(), *query.description.values(), *query.tags)
    text = " ".join(said).lower()
    return all(word in text for word in words)


def described(query: SavedQuery) -> Answer:
    """All that an agent needs to ask a saved query."""
    parameters = [
        {
            "name": one.name,
            "expected": expectation(one)["en"],
            "required": not (one.optional or one.default),
            "title": one.title.get("en", ""),
            "example": one.example[0] if len(one.example) == 1 else list(one.example),
        }
        for one in query.parameters
    ]
    return {
        "name": query.name,
        "title": query.title.get("en", ""),
        "description": query.description.get("en", ""),
        "parameters": parameters,
        "columns": [column.name for column in query.columns],
    }


def told_problem(error: OdisError) -> str:
    """A fault as a sentence that an agent can act on."""
    if not isinstance(error, Problem):
        return str(error)
    return f"{error.sort.title.en}: {error.detail.en} {error.sort.action.en}"
