"""Use is counted by dataset, publisher and saved query, together by several servers, and never by person."""

import asyncio
import json
import multiprocessing
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest
from pyoxigraph import RdfFormat, Store, parse

from loaders.releases.release import Release, current
from loaders.releases.usage import Count, Key, add, counts, file_of, fold, write_usage
from loaders.search import schema
from queries.saved import load
from server.settings import ServerSettings
from server.usage import MANY, MOST, Event, Usage
from server.used import used, used_of_publisher
from tests.loaders.quiet import built
from tests.server.live import serving

DAY = date(2026, 11, 24)
QUERIES = load()
NACKA = "http://dataportal.se/organisation/SE2120000167"
DATASET = "https://nacka.example/datasets/badplatser"


@pytest.fixture(scope="module")
def release(sample_region: Path) -> Release:
    """The sample region."""
    return current(sample_region / "var")


@pytest.fixture
def counted(release: Release, tmp_path: Path) -> "Iterator[tuple[Usage, Path]]":
    """Counting over the sample region into an empty folder."""
    yield Usage(tmp_path, lambda: release, QUERIES, today=lambda: DAY), tmp_path


def note(usage: Usage, *events: Event) -> None:
    """Take events as a server does, and write them."""

    async def run() -> None:
        for event in events:
            usage.event(event)
        await usage.close()

    asyncio.run(run())


def told(data: Path) -> dict[tuple[str, str], int]:
    """The counts of a folder by subject and kind."""
    return {(count.subject, count.kind): count.number for count in counts(data)}


def one(release: Release, query: str) -> str:
    """A value of the index."""
    index = schema.open_index(release.path / schema.FOLDER / schema.FILE)
    found: str = index.execute(query).fetchone()[0]
    index.close()
    return found


def test_a_query_counts_for_what_it_names(counted: tuple[Usage, Path]) -> None:
    """A dataset and a publisher by their IRIs, once for each query; unknown IRIs are nowhere."""
    usage, data = counted
    text = f"SELECT * {{ <{DATASET}> ?p <{NACKA}> . <{DATASET}> ?q <https://example.org/my-secret> }}"
    note(usage, Event("sparql", "/sparql", text), Event("sparql", "/sparql", text))
    assert told(data) == {("service/sparql", "query"): 2, (DATASET, "query"): 2, (NACKA, "query"): 2}
    assert b"secret" not in file_of(data).read_bytes()


def test_a_call_counts_for_query_data_and_publisher(counted: tuple[Usage, Path]) -> None:
    """A saved query counts for itself, the kind of data in its group, and the dataset it is asked about."""
    usage, data = counted
    text = QUERIES["distributions-of-dataset"].bind({"dataset": DATASET})
    note(
        usage,
        Event("saved query", "/queries/distributions-of-dataset", text),
        Event("saved query", "/queries/bathing-places-near.csv", "SELECT ?s {}"),
        Event("saved query", "/queries/nothing", "SELECT ?s {}"),
    )
    assert told(data) == {
        ("query/distributions-of-dataset", "call"): 1,
        (DATASET, "call"): 1,
        ("query/bathing-places-near", "call"): 1,
        ("specification/bathing-places", "call"): 1,
    }


def test_downloads_and_views(counted: tuple[Usage, Path], release: Release) -> None:
    """Data of a thing count for its dataset, a page for what it is about, a dump for the service."""
    usage, data = counted
    thing = one(release, "SELECT iri FROM thing WHERE iri LIKE 'https://odis.example/id/%' LIMIT 1")
    owner = one(release, f"SELECT dataset FROM thing WHERE iri = '{thing}'")
    slug = one(release, f"SELECT slug FROM dataset WHERE iri = '{DATASET}'")
    publisher = one(release, f"SELECT slug FROM organisation WHERE iri = '{NACKA}'")
    note(
        usage,
        Event("thing", thing.removeprefix("https://odis.example"), ""),
        Event("description of any thing", "/data", thing),
        Event("dataset", f"/datasets/{slug}", ""),
        Event("publisher", f"/publishers/{publisher}", ""),
        Event("catalogue of a publisher", f"/catalog/{publisher}", ""),
        Event("dump", "/dumps/odis.nq.gz", ""),
        Event("home", "/", ""),
        Event("thing", "/id/nothing", ""),
    )
    assert told(data) == {
        (owner, "download"): 2,
        (DATASET, "view"): 1,
        (NACKA, "view"): 1,
        (NACKA, "download"): 1,
        ("service/dump", "download"): 1,
    }


def test_a_rush_is_bounded(counted: tuple[Usage, Path]) -> None:
    """While a first part is being written, events beyond the bound go uncounted, and memory stays."""
    usage, data = counted
    note(usage, *[Event("dump", f"/dumps/{number}", "") for number in range(MANY + MOST + 10)])
    assert told(data) == {("service/dump", "download"): MANY + MOST}


def test_a_folder_that_cannot_be_written(
    release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Serving goes on; it is told once."""
    (tmp_path / "usage").write_text("a file where the folder should be")
    usage = Usage(tmp_path, lambda: release, {}, today=lambda: DAY)
    note(usage, Event("dump", "/dumps/a", ""))
    note(usage, Event("dump", "/dumps/a", ""))
    assert [record.message[:31] for record in caplog.records] == ["the use of the data is not coun"]


def _add_often(data: Path) -> None:
    for _ in range(20):
        add(data, {Key("service/sparql", "query"): 1, Key("service/dump", "download"): 2}, DAY)


def test_several_processes_count_together(tmp_path: Path) -> None:
    """No count is lost when several servers write at once."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add_often, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert told(tmp_path) == {("service/sparql", "query"): 60, ("service/dump", "download"): 120}


def test_days_become_months_and_end(tmp_path: Path) -> None:
    """Old days are summed into their month, and what is older than ten years is forgotten."""
    key = Key("query/publishers", "call")
    for day in ("2016-10-31", "2016-11-30", "2026-01-05", "2026-01-06", "2026-11-23", "2026-11-24"):
        add(tmp_path, {key: 2}, date.fromisoformat(day))
    fold(tmp_path, DAY)
    fold(tmp_path, DAY)
    assert counts(tmp_path) == [
        Count(*key, "2016-11", 2),
        Count(*key, "2026-01", 4),
        Count(*key, "2026-11-23", 2),
        Count(*key, "2026-11-24", 2),
    ]


def test_nothing_but_counts_is_kept(counted: tuple[Usage, Path]) -> None:
    """The file has one table of subject, kind, period and number: there is no place for a person."""
    usage, data = counted
    note(usage, Event("sparql", "/sparql", "SELECT * {}"))
    with sqlite3.connect(file_of(data)) as table:
        columns = table.execute("SELECT name FROM pragma_table_info('use')").fetchall()
        tables = table.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    table.close()
    assert [name for (name,) in columns] == ["subject", "kind", "period", "number"]
    assert tables == [("use",)]


def test_use_is_a_graph(tmp_path: Path) -> None:
    """The months of the last year as counters of schema.org, sorted, and the same each time."""
    add(tmp_path, {Key(DATASET, "query"): 3, Key("query/publishers", "call"): 1}, DAY)
    add(tmp_path, {Key(DATASET, "query"): 4}, date(2026, 11, 2))
    add(tmp_path, {Key(DATASET, "query"): 9}, date(2024, 2, 2))
    target = tmp_path / "usage.nq"
    assert write_usage(tmp_path, "https://odis.example/", DAY, target) == 12
    lines = target.read_bytes().splitlines()
    assert lines == sorted(lines)
    found = list(parse(path=target, format=RdfFormat.N_QUADS))
    assert {quad.graph_name.value for quad in found} == {"https://odis.example/graph/usage"}
    subjects = {quad.subject.value for quad in found if quad.predicate.value.endswith("interactionStatistic")}
    assert subjects == {DATASET, "https://odis.example/queries/publishers"}
    numbers = [quad.object.value for quad in found if quad.predicate.value.endswith("userInteractionCount")]
    assert sorted(numbers) == ["1", "7"]
    assert write_usage(tmp_path / "empty", "https://odis.example/", DAY, target) == 0


def test_pages_are_told(release: Release) -> None:
    """A page gets what was used of late and in all; a publisher has the use of its datasets too."""
    data = release.path.parents[1]
    before = used(release, DATASET, today=DAY).recent["call"]
    add(data, {Key(DATASET, "call"): 5, Key(NACKA, "view"): 1}, DAY)
    add(data, {Key(DATASET, "call"): 5}, date(2026, 9, 1))
    found = used(release, DATASET, today=DAY)
    assert (found.recent["call"] - before, found.total["call"] >= 10) == (5, True)
    assert {"2026-09", "2026-11"} <= {month for month, _ in found.months}
    publisher = used_of_publisher(release, NACKA, today=DAY)
    assert publisher.total["call"] >= 10 and publisher.total["view"] >= 1
    assert used(release).total == {"query": 0, "call": 0, "download": 0, "view": 0}


def test_what_is_asked_over_http_is_counted(sample_region: Path) -> None:
    """From the request to /usage.json: written when the server ends, without any address of a client."""
    settings = ServerSettings(sample_region / "var", in_memory_limit=0, log_requests=False)
    with serving(settings) as server:
        before = httpx2.get(f"{server}/usage.json").json()["total"]
        asked = httpx2.get(f"{server}/usage.json", params={"about": "publishers"}).json()["recent"]["call"]
        httpx2.get(f"{server}/queries/publishers.csv", headers={"User-Agent": "Jane Doe"})
        httpx2.get(f"{server}/queries/publishers.csv?language=nope")
        httpx2.head(f"{server}/queries/publishers.csv")
        httpx2.get(f"{server}/sparql", params={"query": f"DESCRIBE <{DATASET}>"})
    with serving(settings) as server:
        whole = httpx2.get(f"{server}/usage.json").json()
        about = httpx2.get(f"{server}/usage.json", params={"about": DATASET}).json()
        query = httpx2.get(f"{server}/usage.json", params={"about": "publishers"}).json()
        unknown = httpx2.get(f"{server}/usage.json", params={"about": "https://example.org/x"})
    assert whole["total"]["call"] - before["call"] == 1
    assert whole["total"]["query"] - before["query"] == 1
    assert "publishers" in {one["about"] for one in whole["queries"]}
    assert {one["about"]: one["title"] for one in whole["datasets"]}[DATASET]["sv"]
    assert NACKA in {one["about"] for one in whole["publishers"]}
    assert about["total"]["query"] >= 1 and query["recent"]["call"] == asked + 1
    assert unknown.status_code == 404
    written = file_of(sample_region / "var").read_bytes() + json.dumps(whole).encode()
    assert b"127.0.0.1" not in written and b"Jane" not in written


def test_the_next_build_can_be_asked(tmp_path: Path) -> None:
    """Use is in the graph of the release that is built next, where SPARQL finds it."""
    catalogue = "<https://example.org/a> a <http://www.w3.org/ns/dcat#Dataset> ."
    (tmp_path / "a.ttl").write_text(catalogue)
    source = '[[source]]\nid = "a"\nkind = "dcat"\ntitle = "A"\nlocation = "a.ttl"\n'
    (tmp_path / "odis.toml").write_text(source)
    (tmp_path / "var").mkdir()
    add(tmp_path / "var", {Key("https://example.org/a", "query"): 3}, datetime.now(UTC).date())
    release = built(tmp_path / "odis.toml").release
    text = (
        "ASK { GRAPH <https://odis.example/graph/usage> { <https://example.org/a> "
        "<http://schema.org/interactionStatistic>/<http://schema.org/userInteractionCount> 3 } }"
    )
    assert Store.read_only(str(release.store)).query(text)
    assert built(tmp_path / "odis.toml").release == release
