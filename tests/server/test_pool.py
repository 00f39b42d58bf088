"""What comes out of the pool: bodies in every format, datasets, caps, and what is wrong with a query."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from loaders.releases.release import Release
from server.settings import ServerSettings
from server.workers.pool import Failure, Pool, Query

pytestmark = pytest.mark.anyio

EX = "https://odis.example/test/"
SUBJECTS = 3000
A, B = f"{EX}graph/a", f"{EX}graph/b"
ALL = "SELECT ?s ?o { ?s <http://purl.org/dc/terms/title> ?o }"
NOTES = f"SELECT ?s ?o {{ ?s <{EX}def#note> ?o }}"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
JSON, XML, CSV, TSV = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """These run on plain asyncio, the others where the server runs."""
    return "asyncio"


OpenPool = Callable[..., AbstractAsyncContextManager[Pool]]


@pytest.fixture(scope="module")
async def pool(
    anyio_backend: object, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pool]:
    """One pool that the tests of this module share; none of them changes it."""
    shared = Pool(
        release, ServerSettings(tmp_path_factory.mktemp("data"), in_memory_limit=0, merge_limit=1000)
    )
    await shared.start()
    yield shared
    await shared.close()


async def body(pool: Pool, query: Query) -> bytes:
    """The whole body, however it comes."""
    async with pool.run(query) as answer:
        return b"".join([part async for part in answer.parts()])


async def failure(pool: Pool, query: Query) -> Failure:
    """The failure that the query must end in."""
    with pytest.raises(Failure) as caught:
        await body(pool, query)
    return caught.value


RESULTS = {
    JSON: QueryResultsFormat.JSON,
    XML: QueryResultsFormat.XML,
    TSV: QueryResultsFormat.TSV,
}


@pytest.mark.parametrize("media_type", RESULTS, ids=["json", "xml", "tsv"])
async def test_select_is_complete_in_every_format(pool: Pool, media_type: str) -> None:
    """A long SELECT gives all rows in each format of results that can be read back."""
    rows = parse_query_results(await body(pool, Query(ALL, media_type)), RESULTS[media_type])
    assert isinstance(rows, QuerySolutions)
    assert len(list(rows)) == SUBJECTS


async def test_select_as_csv(pool: Pool) -> None:
    """CSV has a line of names and one line per row."""
    lines = (await body(pool, Query(ALL, CSV))).split(b"\r\n")
    assert lines[0] == b"s,o"
    assert len(lines) == SUBJECTS + 2


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/trig", RdfFormat.TRIG),
        ("application/n-quads", RdfFormat.N_QUADS),
    ],
    ids=["turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"],
)
async def test_construct_is_complete_in_every_format(pool: Pool, media_type: str, form: RdfFormat) -> None:
    """A long CONSTRUCT gives all triples in each RDF format."""
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    document = await body(pool, Query(text, media_type, prefixes=(("dct", "http://purl.org/dc/terms/"),)))
    assert len(set(parse(document, form))) == 4 * SUBJECTS


async def test_ask(pool: Pool) -> None:
    """ASK answers with a boolean."""
    assert json.loads(await body(pool, Query("ASK {}", JSON)))["boolean"] is True


async def test_small_answer_is_whole(pool: Pool) -> None:
    """A small answer is there in one piece, with the CPU it took and the release it is from."""
    async with pool.run(Query(COUNT, CSV)) as answer:
        assert answer.whole == b"n\r\n12000\r\n"
        assert 0 < answer.cpu < 5
        assert answer.release == "first"
        assert [part async for part in answer.parts()] == [answer.whole]


async def test_long_answer_comes_in_parts(pool: Pool) -> None:
    """A long answer is not held back until it is complete."""
    async with pool.run(Query("SELECT * { ?s ?p ?o }", JSON)) as answer:
        assert answer.whole is None
        assert len([part async for part in answer.parts()]) > 1


async def test_only_used_prefixes_are_written(pool: Pool) -> None:
    """Turtle declares the prefixes that shorten something, and no others."""
    prefixes = (("dct", "http://purl.org/dc/terms/"), ("no", "http://nowhere.example/"), ("t", f"{EX}def#"))
    text = f"DESCRIBE <{EX}thing/7>"
    turtle = (await body(pool, Query(text, "text/turtle", prefixes=prefixes))).decode()
    assert '"Sak 7"@sv' in turtle
    assert "dct:title" in turtle
    assert "a t:Thing" in turtle
    assert "@prefix no:" not in turtle


async def test_describe_reads_the_default_graph(pool: Pool) -> None:
    """DESCRIBE finds what the default graph says of a thing."""
    assert (
        len(list(parse(await body(pool, Query(f"DESCRIBE <{EX}thing/7>", "text/turtle")), RdfFormat.TURTLE)))
        == 4
    )


@pytest.mark.parametrize(
    ("defaults", "named", "expected"),
    [
        ((), (), (4 * SUBJECTS, 4)),
        ((A,), (), (2, 0)),
        ((A, B), (), (3, 0)),  # one triple is in both: SPARQL 1.1, 13.1, counts it once
        ((A, A), (), (2, 0)),
        ((A, B), (A,), (3, 2)),
        ((A,), (B,), (2, 2)),
        ((), (A,), (0, 2)),
        ((A, f"{EX}graph/none"), (), (2, 0)),
    ],
    ids=["store", "one", "merged", "twice", "merged-named", "one-named", "only-named", "missing"],
)
async def test_dataset(
    pool: Pool, defaults: tuple[str, ...], named: tuple[str, ...], expected: tuple[int, int]
) -> None:
    """The default graph is a merge in which no triple counts twice; named graphs are those asked for."""
    counted = []
    for pattern in ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }"):
        text = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
        counted.append(int((await body(pool, Query(text, CSV, defaults, named))).split()[1]))
    assert tuple(counted) == expected


async def test_merge_beyond_the_limit_is_refused(open_pool: OpenPool) -> None:
    """Several default graphs too large to merge are refused with an explanation, never miscounted."""
    async with open_pool(merge_limit=3) as pool:
        refused = await failure(pool, Query(COUNT, CSV, (A, B)))
    assert refused.cause == "too-large"
    assert "merged" in refused.detail


async def test_bad_graph_iri_is_refused(pool: Pool) -> None:
    """A graph name that is no IRI is refused."""
    assert (await failure(pool, Query(COUNT, CSV, ("not an iri",)))).cause == "refused"


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
@pytest.mark.parametrize("cap", [1, 10, 2999])
async def test_row_cap_refuses_or_breaks_off(pool: Pool, media_type: str, cap: int) -> None:
    """An answer with one row too many fails, early or midway, though its literals look like row ends."""
    assert (await failure(pool, Query(NOTES, media_type, row_cap=cap))).cause == "row-cap"


@pytest.mark.parametrize("media_type", [JSON, XML, CSV, TSV])
async def test_row_cap_lets_a_full_answer_pass(pool: Pool, media_type: str) -> None:
    """An answer with exactly as many rows as the cap is whole."""
    assert await body(pool, Query(NOTES, media_type, row_cap=SUBJECTS)) == await body(
        pool, Query(NOTES, media_type)
    )


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json"])
async def test_row_cap_counts_triples(pool: Pool, media_type: str) -> None:
    """For a graph the cap counts triples."""
    query = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert (await failure(pool, Query(query, media_type, row_cap=4 * SUBJECTS - 1))).cause == "row-cap"
    assert await body(pool, Query(query, media_type, row_cap=4 * SUBJECTS))


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("SELECT * {\n ?s ?p ?o", 2, 10, "expected one of"),
        ("SELECT *\n{ ?s dct:title ?o }", 2, 6, 'prefix "dct:" is not declared'),
        ("SELECT * { ?s ?p ?o }\n\n junk", 3, 6, "from “junk”"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o }", 1, 41, "a variable that is unbound"),
        ('SELECT * { ?s ?p "å", :b }', 1, 23, 'prefix ":" is not declared'),
    ],
    ids=["early", "prefix", "junk", "unbound", "empty-prefix"],
)
async def test_syntax_errors_name_the_place(pool: Pool, text: str, line: int, column: int, says: str) -> None:
    """A syntax error tells line and column, counted in characters from 1, and what is wrong there."""
    wrong = await failure(pool, Query(text, JSON))
    assert wrong.cause == "syntax"
    assert (wrong.line, wrong.column) == (line, column)
    assert says in wrong.detail


@pytest.mark.parametrize(
    ("text", "media_type", "says"),
    [
        ("SELECT (<http://no.example/f>(1) AS ?x) {}", JSON, "custom function"),
        ("SELECT * {}", "text/turtle", "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv", "text/csv"),
    ],
    ids=["unknown-function", "select-as-turtle", "construct-as-csv"],
)
async def test_what_cannot_be_evaluated_is_refused(pool: Pool, text: str, media_type: str, says: str) -> None:
    """Well-formed queries that cannot be answered are refused with the reason."""
    refused = await failure(pool, Query(text, media_type))
    assert refused.cause == "refused"
    assert says in refused.detail


async def test_failures_cost_no_worker(pool: Pool) -> None:
    """A query that is wrong, or refused, leaves its worker in place."""
    before = pool.state().spawned
    for _ in range(5):
        await failure(pool, Query("SELECT", JSON))
        await failure(pool, Query(COUNT, "text/turtle"))
    assert pool.state().spawned == before


async def test_sparql_1_2_passes_through(pool: Pool) -> None:
    """Triple terms of SPARQL 1.2 are evaluated and written."""
    text = 'SELECT ?t { BIND(<<( <a:s> <a:p> "o" )>> AS ?t) }'
    assert json.loads(await body(pool, Query(text, JSON)))["results"]["bindings"][0]["t"]["type"] == "triple"


async def test_many_at_once(pool: Pool) -> None:
    """200 queries at the same moment, of different clients, are all answered, each with its own answer."""

    async def one(number: int) -> bool:
        text = f"SELECT ?o {{ <{EX}thing/{number}> <{EX}def#number> ?o }}"
        return await body(pool, Query(text, CSV, client=str(number % 7))) == f"o\r\n{number}\r\n".encode()

    assert all(await asyncio.gather(*(one(number) for number in range(200))))
