"""ODIS beside the native Oxigraph server and others: the same data, the same queries, one run.

    python -m benchmarks.sparql --datasets 1600 --seconds 5          # 0.1 million triples, each twice
    python -m benchmarks.sparql --datasets 16000 --seconds 20 --servers odis "oxigraph on disk"

For each server: every kind of query by itself, then mixes with 1, 8 and 32 clients, then the ratios.
"unrepeated" asks no query twice; in "realistic" 69 of 100 are exact repeats; "tiny" are unrepeated look-ups.
"""

import argparse
import asyncio
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hostile import memory
from benchmarks.load import Client, Tally, load, percentile
from benchmarks.servers import NAMES, Server, prepare, started
from benchmarks.sparql_queries import TEMPLATES, TINY, query, realistic, unrepeated

ALL = tuple(TEMPLATES)
MIXES: dict[str, tuple[Callable[[tuple[str, ...], int, int], Callable[[], str]], tuple[str, ...]]] = {
    "unrepeated": (unrepeated, ALL),
    "realistic": (realistic, ALL),
    "tiny": (unrepeated, TINY),
}


@dataclass(slots=True)
class Measured:
    """What was measured of one server."""

    start: float = 0.0
    queries: dict[str, Tally] = field(default_factory=dict)
    mixes: dict[tuple[str, int], Tally] = field(default_factory=dict)
    peak: int = 0
    killed: list[float] = field(default_factory=list)
    """Seconds until the next answer after every worker was killed."""


@contextmanager
def watched(pid: int, measured: Measured) -> Iterator[None]:
    """Note the most memory that a server and its workers have meanwhile."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.3):
            measured.peak = max(measured.peak, memory(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def measure(server: Server, options: argparse.Namespace, measured: Measured) -> None:
    """Each kind of query alone, then the mixes."""
    client = Client(server.url)
    await client.ask(query("count all", 1, options.datasets), Tally())
    for name in ALL:
        measured.queries[name] = tally = Tally()
        for number in range(options.rounds):
            await client.ask(query(name, 900_000 + number, options.datasets), tally)
    await client.close()
    for name in options.mixes:
        make, names = MIXES[name]
        kinds = tuple(kind for kind in names if kind not in options.without)
        for clients in options.clients:
            following = make(kinds, options.datasets, clients)
            measured.mixes[name, clients] = await load(server.url, clients, options.seconds, following)


async def kill_workers(server: Server, options: argparse.Namespace, measured: Measured) -> None:
    """Kill every worker at once, and note how long it takes until a query is answered again."""
    client = Client(server.url)
    for number in range(options.rounds):
        zygotes = _children(server.pid)
        for worker in (pid for zygote in zygotes for pid in _children(zygote)):
            os.kill(worker, signal.SIGKILL)
        tally = Tally()
        began = time.perf_counter()
        while not tally.whole:  # the worker that took the query may have been about to die
            await client.ask(query("look-up", 950_000 + number, options.datasets), tally)
        measured.killed.append(time.perf_counter() - began)
        await asyncio.sleep(1)
    await client.close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def each_query(found: dict[str, Measured]) -> str:
    """The median of each kind of query, one client, in milliseconds, and of its first byte."""
    rows = []
    for name in ALL:
        cells = [name]
        for measured in found.values():
            tally = measured.queries[name]
            failed = f" ({tally.failed} failed)" if tally.failed else ""
            cells.append(f"{tally.percentile(0.5):.1f} / {percentile(tally.first, 0.5):.1f}{failed}")
        rows.append(cells)
    return table(["query, ms: whole / first byte", *found], rows)


def each_mix(found: dict[str, Measured]) -> str:
    """Answers a second and waiting times under each mix."""
    rows = []
    for name, measured in found.items():
        for (mix, clients), tally in measured.mixes.items():
            times = [f"{tally.percentile(share):.1f}" for share in (0.5, 0.95, 0.99)]
            first = f"{percentile(tally.first, 0.5):.1f}"
            rows.append([mix, str(clients), name, f"{tally.rate:.1f}", *times, first, str(tally.failed)])
    rows.sort(key=lambda row: (list(MIXES).index(row[0]), int(row[1])))
    return table(["mix", "clients", "server", "answers/s", "p50", "p95", "p99", "first", "failed"], rows)


def ratios(found: dict[str, Measured]) -> str:
    """How many times as many answers a second ODIS gives as each other server."""
    own = found.get("odis")
    others = {name: measured for name, measured in found.items() if not name.startswith("odis")}
    if own is None or not others:
        return ""
    rows = []
    for (mix, clients), tally in own.mixes.items():
        cells = [
            f"{tally.rate / other.mixes[mix, clients].rate:.2f}" if other.mixes[mix, clients].rate else "–"
            for other in others.values()
        ]
        rows.append([mix, str(clients), *cells])
    return table(["odis ÷ …", "clients", *others], rows)


def overall(found: dict[str, Measured]) -> str:
    """Start, memory, and the million rows."""
    rows = []
    for name, measured in found.items():
        tally = measured.queries["million rows"]
        speed = tally.size / sum(tally.whole) / 1e6 if tally.whole else 0.0
        first = f"{percentile(tally.first, 0.5):.0f} ms"
        killed = f"{percentile(measured.killed, 0.5):.0f} ms" if measured.killed else "–"
        rows.append(
            [name, f"{measured.start:.2f} s", f"{measured.peak} MB", first, f"{speed:.0f} MB/s", killed]
        )
    head = ["server", "start to first answer", "peak memory", "million rows: first byte", "speed"]
    return table([*head, "answer after all workers were killed"], rows)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--datasets", type=int, default=1600, help="62 triples each, in two graphs")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each mix and number of clients")
    parser.add_argument("--rounds", type=int, default=5, help="how often each kind of query is asked alone")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--mixes", nargs="+", default=list(MIXES), choices=list(MIXES))
    parser.add_argument("--without", nargs="*", default=[], choices=ALL, help="kinds left out of the mixes")
    parser.add_argument("--servers", nargs="+", default=list(NAMES[:4]), choices=NAMES)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "odis-benchmark")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = arguments()
    release = prepare(options.folder, options.datasets)
    manifest = release.manifest
    print(f"{manifest.triples:,} triples by default, {manifest.quads:,} quads; {os.cpu_count()} cores\n")
    found: dict[str, Measured] = {}
    for name in options.servers:
        began = time.perf_counter()
        with started(name, release) as server:
            found[name] = measured = Measured(start=server.start)
            with watched(server.pid, measured):
                asyncio.run(measure(server, options, measured))
            if name.startswith("odis"):
                asyncio.run(kill_workers(server, options, measured))
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    print()
    for part in (overall(found), each_query(found), each_mix(found), ratios(found)):
        print(part)


if __name__ == "__main__":
    main()
