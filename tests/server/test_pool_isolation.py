"""What a hostile query costs: itself, and nobody else anything."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from loaders.releases.release import Release
from server.settings import ServerSettings
from server.workers.pool import Failure, Pool, Query

pytestmark = pytest.mark.anyio

JSON, CSV = "application/sparql-results+json", "text/csv"
QUICK = "SELECT (COUNT(*) AS ?n) { ?s a ?c }"
PRODUCT = "{ ?a ?b ?c . ?d ?e ?f }"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {PRODUCT}"
MEBIBYTE = 1 << 20

OpenPool = Callable[..., AbstractAsyncContextManager[Pool]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture(scope="module")
async def pool(
    anyio_backend: object, release: Release, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pool]:
    """One pool that all these queries are aimed at, one after the other."""
    settings = ServerSettings(tmp_path_factory.mktemp("data"), in_memory_limit=0, memory=200 * MEBIBYTE)
    shared = Pool(release, settings)
    await shared.start()
    yield shared
    await shared.close()


async def body(pool: Pool, query: Query) -> bytes:
    """The whole body, however it comes."""
    async with pool.run(query) as answer:
        return b"".join([part async for part in answer.parts()])


def workers(pool: Pool) -> list[int]:
    """The process ids of the workers."""
    assert pool._workforce.current is not None
    return list(pool._workforce.current.links)


def gone(pid: int) -> bool:
    """Whether no process of this number runs; a dead orphan may wait for the system to bury it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def doubled(times: int) -> str:
    """A query that makes a string of 2**times letters out of one."""
    return "SELECT (STRLEN(?x) AS ?n) { BIND(" + "CONCAT(" * times + '"aa"' + ',"a")' * times + " AS ?x) }"


BINDS = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))

HOSTILE = {
    "aggregate": (ENDLESS, {"deadline"}),
    "sort": (f"SELECT * {PRODUCT} ORDER BY ?c ?f", {"deadline", "memory"}),
    "group": (f"SELECT ?a ?d (COUNT(*) AS ?n) {PRODUCT} GROUP BY ?a ?d", {"deadline", "memory"}),
    "distinct": (f"SELECT DISTINCT ?a ?f {PRODUCT}", {"deadline", "memory", "stopped"}),
    "path": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<a:b>|^!<a:b>)* ?b . ?c (!<a:b>|^!<a:b>)* ?d }",
        {"deadline", "memory"},
    ),
    "regex": (
        'SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(REGEX(STR(?o), "((a{1,1000}){1,1000}){1,1000}")) '
        'FILTER(REGEX(CONCAT(STR(?o), STR(?p)), "((a{1,900}){1,900}){1,900}")) }',
        {"deadline", "memory"},
    ),
    "string": (
        'SELECT (STRLEN(?x40) AS ?n) { BIND("aaaaaaaa" AS ?x0) ' + BINDS + " }",
        {"memory", "deadline"},
    ),
    "braces": ("ASK " + "{" * 20_000 + "}" * 20_000, {"too-deep"}),
    "brackets": ("ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }", {"too-deep"}),
    "or": ("ASK { FILTER(" + "true || " * 20_000 + "true) }", {"too-deep"}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_query_costs_itself_only(pool: Pool, name: str, until: Until) -> None:
    """A query that would never end, or break the engine, fails with its cause, and the pool goes on."""
    text, causes = HOSTILE[name]
    with pytest.raises(Failure) as caught:
        await body(pool, Query(text, JSON, deadline=1.5))
    assert caught.value.cause in causes
    assert await body(pool, Query(QUICK, CSV)) == b"n\r\n3000\r\n"
    assert pool.state().fast == pool.state().slow == 0
    await until(lambda: pool.state().idle == 4)


async def test_memory_limit(open_pool: OpenPool) -> None:
    """A query that wants more than a worker may have ends as want of memory, long before the deadline."""
    async with open_pool(memory=64 * MEBIBYTE) as pool:
        with pytest.raises(Failure) as caught:
            await body(pool, Query(f"SELECT * {PRODUCT} ORDER BY ?c ?f", JSON, deadline=60))
        assert caught.value.cause == "memory"
        assert caught.value.retry_after


async def test_reader_who_goes_stops_the_query(pool: Pool, until: Until) -> None:
    """When nobody waits for the answer any more, its worker is gone and its place free."""
    reading = asyncio.create_task(body(pool, Query(ENDLESS, JSON)))
    await until(lambda: len(pool.running()) == 1)
    (link,) = pool._running.values()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: gone(link.pid))
    assert pool.running() == ()


async def test_reader_who_goes_midway_stops_the_query(pool: Pool, until: Until) -> None:
    """The same for a long answer that has begun."""
    async with pool.run(Query(f"SELECT * {PRODUCT}", CSV)) as answer:
        async for part in answer.parts():
            assert part.startswith(b"a,b,c")
            break
        (link,) = pool._running.values()
    await until(lambda: gone(link.pid))


async def test_slow_reader_holds_the_worker_back(pool: Pool, until: Until) -> None:
    """A reader who reads nothing stops the worker, which takes no more memory, until the deadline ends it."""
    async with pool.run(Query(f"SELECT * {PRODUCT}", CSV, deadline=2)) as answer:
        parts = answer.parts()
        await anext(parts)
        await until(lambda: answer.held_up > 0)
        used = answer.cpu
        await until(lambda: answer.held_up > 0.5)
        assert answer.cpu - used < 0.2
        assert answer.slow  # it holds no place that quick queries need
        assert answer._size < 3 * MEBIBYTE
        with pytest.raises(Failure) as caught:
            await until(lambda: answer.finished)
            await anext(parts)
    assert caught.value.cause == "deadline"


@pytest.mark.parametrize("pattern", ["SERVICE", "SERVICE SILENT"])
async def test_service_reaches_nobody(pool: Pool, pattern: str) -> None:
    """The kernel refuses a worker the network, so that not even a query past the gate gets out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        text = f"SELECT * {{ {pattern} <http://127.0.0.1:{listener.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
        try:
            await body(pool, Query(text, JSON))
        except Failure as failure:
            assert failure.cause == "refused"
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_service_with_network_gets_out(pool: Pool, until: Until) -> None:
    """A query that was allowed to ask others has a worker of its own that can, gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        text = f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
        asking = asyncio.create_task(body(pool, Query(text, JSON, network=True)))
        connection, _ = await asyncio.to_thread(listener.accept)
        (link,) = pool._running.values()
        connection.sendall(b"HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n")
        connection.close()
        with pytest.raises(Failure):
            await asking
    await until(lambda: gone(link.pid))
    assert pool.state().slow == 0


async def test_killed_worker_is_replaced(pool: Pool, until: Until) -> None:
    """A worker that somebody kills while it is idle is replaced, and no query notices."""
    before = workers(pool)
    os.kill(before[0], signal.SIGKILL)
    await until(lambda: before[0] not in workers(pool) and pool.state().idle == 4)
    assert await body(pool, Query(QUICK, CSV)) == b"n\r\n3000\r\n"


async def test_worker_is_killed_without_handles_on_processes(pool: Pool, until: Until) -> None:
    """Where there are no handles on processes, the zygote, which knows its children, does the killing."""
    asking = asyncio.create_task(body(pool, Query(ENDLESS, JSON, deadline=0.5)))
    await until(lambda: len(pool.running()) == 1)
    (link,) = pool._running.values()
    assert link._handle is not None
    os.close(link._handle)
    link._handle = None
    with pytest.raises(Failure) as caught:
        await asking
    assert caught.value.cause == "deadline"
    await until(lambda: gone(link.pid))


async def test_worker_killed_by_others_fails_its_query(pool: Pool, until: Until) -> None:
    """A worker that the system kills, as it does when memory runs out, fails its query with that cause."""
    asking = asyncio.create_task(body(pool, Query(ENDLESS, JSON)))
    await until(lambda: len(pool.running()) == 1)
    (link,) = pool._running.values()
    os.kill(link.pid, signal.SIGKILL)
    with pytest.raises(Failure) as caught:
        await asking
    assert caught.value.cause == "memory"


async def test_kernel_alarm_is_the_second_wall(pool: Pool) -> None:
    """When the front is too busy to keep the deadline, the kernel ends the worker by itself."""
    async with asyncio.timeout(30):
        answer = asyncio.create_task(pool.obtain(Query(ENDLESS, JSON, deadline=0.5)))
        while not pool._running:
            await asyncio.sleep(0)
        (running,) = pool._running
        assert running.timer is not None
        running.timer.cancel()  # as if the front never looked
        with pytest.raises(Failure) as caught:
            await answer
    assert caught.value.cause == "deadline"


async def test_killed_zygote_is_started_anew(open_pool: OpenPool, until: Until) -> None:
    """When the zygote dies, running queries fail as unavailable, and those that come then are answered."""
    async with open_pool() as pool:
        old = workers(pool)
        asking = asyncio.create_task(body(pool, Query(ENDLESS, JSON)))
        await until(lambda: len(pool.running()) == 1)
        assert pool._workforce.current is not None
        zygote = pool._workforce.current.pid
        assert zygote is not None
        os.kill(zygote, signal.SIGKILL)
        with pytest.raises(Failure) as caught:
            await asking
        assert caught.value.cause == "unavailable"
        assert caught.value.retry_after == 1
        assert await body(pool, Query(QUICK, CSV)) == b"n\r\n3000\r\n"
        assert pool.state().restarts == 1
        await until(lambda: all(gone(pid) for pid in [*old, zygote]))


async def test_store_that_cannot_be_opened(open_pool: OpenPool, tmp_path: Path, release: Release) -> None:
    """A release without a store is told at the start, and nothing is left behind."""
    broken = Release(tmp_path / "none", release.manifest)
    with pytest.raises(Failure) as caught:
        async with open_pool(broken):
            pass
    assert caught.value.cause == "unavailable"


async def test_operator_stops_a_query(pool: Pool, until: Until) -> None:
    """An operator sees what runs, and can stop it by its number."""
    asking = asyncio.create_task(body(pool, Query(ENDLESS, JSON)))
    await until(lambda: len(pool.running()) == 1)
    (running,) = pool.running()
    assert running.query.text == ENDLESS
    assert running.release == "first"
    assert pool.stop(running.number)
    assert not pool.stop(running.number)
    with pytest.raises(Failure) as caught:
        await asking
    assert caught.value.cause == "stopped"


async def test_close_leaves_nothing_running(open_pool: OpenPool, until: Until) -> None:
    """Closing stops what runs and ends every process."""
    async with open_pool() as pool:
        asking = asyncio.create_task(body(pool, Query(ENDLESS, JSON)))
        await until(lambda: len(pool.running()) == 1)
        pids = workers(pool)
    with pytest.raises(Failure) as caught:
        await asking
    assert caught.value.cause == "stopped"
    await until(lambda: all(gone(pid) for pid in pids))


FRONT = """
import asyncio, sys
from pathlib import Path
from loaders.releases.release import Manifest, Release
from server.workers.pool import Pool, Query
from server.settings import ServerSettings

async def main():
    release = Release(Path(sys.argv[1]), Manifest(base="https://odis.example/", triples=1, quads=1, id="r"))
    pool = Pool(release, ServerSettings(Path(), in_memory_limit=0))
    await pool.start()
    asking = asyncio.create_task(pool.obtain(Query(sys.argv[2], "text/csv")))
    while not pool.running():
        await asyncio.sleep(0.01)
    nursery = pool._workforce.current
    print(nursery.pid, *nursery.links, flush=True)
    await asking

asyncio.run(main())
"""


async def test_nothing_outlives_a_killed_server(release: Release, until: Until) -> None:
    """A server that is killed takes its zygote and its workers along, the one in a query too."""
    front = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FRONT, str(release.path), ENDLESS, stdout=asyncio.subprocess.PIPE
    )
    assert front.stdout is not None
    pids = [int(pid) for pid in (await front.stdout.readline()).split()]
    assert len(pids) > 1
    front.kill()
    await front.wait()
    await until(lambda: all(gone(pid) for pid in pids))


async def test_nothing_grows(open_pool: OpenPool, until: Until) -> None:
    """After 600 queries, good, wrong, cut and deadly, there are no more open files and no more memory."""
    mix = [
        Query(QUICK, CSV),
        Query("SELECT * { ?s ?p ?o } LIMIT 1000", JSON),
        Query("SELECT", JSON),
        Query("SELECT * { ?s ?p ?o }", JSON, row_cap=900),
        Query("DESCRIBE <https://odis.example/test/thing/1>", "text/turtle"),
    ]

    async def some(pool: Pool, number: int) -> None:
        for query in mix * number:
            try:
                await body(pool, query)
            except Failure as failure:
                assert failure.cause in ("syntax", "row-cap")
        with pytest.raises(Failure):
            await body(pool, Query("ASK " + "{" * 20_000, JSON))
        await until(lambda: pool.state().idle == 4)

    async with open_pool() as pool:
        await some(pool, 20)
        files, memory = _open_files(), _resident("self")
        theirs = sum(_resident(str(pid)) for pid in workers(pool))
        await some(pool, 100)
        assert _open_files() <= files
        assert _resident("self") < memory + 4 * MEBIBYTE
        assert sum(_resident(str(pid)) for pid in workers(pool)) < theirs + 24 * MEBIBYTE


def _resident(process: str) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
