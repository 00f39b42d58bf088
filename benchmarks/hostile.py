"""Hostile queries beside normal users: does a SPARQL server stay up, and how long do normal users wait?

    python benchmarks/hostile.py --seconds 30                       # ODIS, on a generated release
    python benchmarks/hostile.py --server oxigraph --seconds 30     # the same against `oxigraph serve`
    python benchmarks/hostile.py --server rdflib-endpoint --seconds 30
    python benchmarks/hostile.py --url http://127.0.0.1:8000/sparql --pid 1234

Normal users first have the server to themselves for a quarter of the time; then the siege begins.
Normal requests are look-ups and small listings, no two alike, so that no cache answers them.
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
PRODUCT = "{ ?a ?b ?c . ?d ?e ?f }"
BINDS = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
HOSTILE = {
    "cross product": f"SELECT (COUNT(*) AS ?n) {PRODUCT}",
    "huge ORDER BY": f"SELECT * {PRODUCT} ORDER BY ?c ?f",
    "huge GROUP BY": f"SELECT ?a ?d (COUNT(*) AS ?n) {PRODUCT} GROUP BY ?a ?d",
    "path": "SELECT (COUNT(*) AS ?n) { ?a (!<a:b>|^!<a:b>)* ?b . ?c (!<a:b>|^!<a:b>)* ?d }",
    "regex": 'SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), "((a{1,1000}){1,1000}){1,1000}")) }',
    "string": f'SELECT (STRLEN(?x40) AS ?n) {{ BIND("aaaaaaaa" AS ?x0) {BINDS} }}',
    "40 kB of braces": "ASK " + "{" * 20_000 + "}" * 20_000,
    "40 kB of brackets": "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
    "SERVICE to loopback": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "slow reader": f"SELECT * {PRODUCT}",
    "gone at once": f"SELECT ?a {PRODUCT} ORDER BY ?f",
}


@dataclass(slots=True)
class Tally:
    """What became of one kind of request: how long the good ones took, and what the others ended in."""

    seconds: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """The time, in milliseconds, within which this share of the good ones was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")

    @property
    def failed(self) -> int:
        """How many were not answered."""
        return sum(count for end, count in self.ends.items() if end != "200")


@dataclass(frozen=True, slots=True)
class Target:
    """A server: its query address and the process to measure."""

    url: str
    pid: int | None


async def ask(target: Target, text: str, address: str, patience: float, pace: float = 0.0) -> str:
    """Send one query by POST and read the answer, `pace` seconds a piece; how it ended."""
    parts = urlsplit(target.url)
    body = urlencode({"query": text}).encode()
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        "Accept: application/sparql-results+json\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer = None
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(
                parts.hostname, parts.port, local_addr=(address, 0), limit=65536
            )
            writer.write(head.encode() + body)
            return await _read(reader, pace)
    except TimeoutError:
        return "no answer in time"
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        return type(error).__name__
    finally:
        if writer is not None:
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader, pace: float) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = head.split()[1]
    chunked = "transfer-encoding: chunked" in head
    tail = b""
    while piece := await reader.read(65536):
        tail = (tail + piece)[-5:]
        if pace:
            await asyncio.sleep(pace)
    return status if not chunked or tail == b"0\r\n\r\n" else "broken off"


def normal_queries() -> Iterator[str]:
    """Look-ups and small listings without end, no two alike."""
    for number in itertools.count():
        yield f"SELECT ?p ?o {{ <https://odis.example/id/dataset/{number}> ?p ?o }}"
        yield (
            "SELECT ?d ?t { ?d a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?t }"
            f" LIMIT {20 + number % 5} OFFSET {number % 200}"
        )
        yield f'ASK {{ ?d <http://www.w3.org/ns/dcat#keyword> "bad {number}"@sv }}'


async def behave(target: Target, queries: Iterator[str], until: float, tally: Tally, address: str) -> None:
    """One normal user: asks, reads, thinks for a moment, asks again."""
    while (began := time.monotonic()) < until:
        end = await ask(target, next(queries), address, patience=30)
        tally.ends[end] += 1
        if end == "200":
            tally.seconds.append(time.monotonic() - began)
        await asyncio.sleep(0.05)


async def besiege(target: Target, names: Iterator[str], until: float, tally: Tally, address: str) -> None:
    """One attacker: one hostile query after the other."""
    while (left := until - time.monotonic()) > 0:
        name = next(names)
        gone = name == "gone at once"
        patience = 0.2 if gone else max(left, 0.1)
        end = await ask(target, HOSTILE[name], address, patience, pace=0.5 if name == "slow reader" else 0.0)
        tally.ends["left it" if gone else end] += 1
        await asyncio.sleep(0.02)


async def run(target: Target, options: argparse.Namespace) -> dict[str, object]:
    """The quiet phase and the siege; what was measured."""
    queries, names = normal_queries(), itertools.cycle(HOSTILE)
    quiet, besieged, hostile = Tally(), Tally(), Tally()
    peak = Peak(target.pid)

    def users(tally: Tally, until: float) -> list[asyncio.Task[None]]:
        return [
            asyncio.create_task(behave(target, queries, until, tally, f"127.0.1.{number + 1}"))
            for number in range(options.users)
        ]

    await asyncio.gather(*users(quiet, time.monotonic() + options.seconds / 4))
    before = memory(target.pid)
    until = time.monotonic() + options.seconds
    attackers = [
        asyncio.create_task(
            besiege(target, names, until, hostile, f"127.0.2.{number % options.addresses + 1}")
        )
        for number in range(options.attackers)
    ]
    watching = asyncio.create_task(peak.watch())
    await asyncio.gather(*users(besieged, until), *attackers)
    watching.cancel()
    await asyncio.sleep(2)
    return {
        "quiet": summary(quiet),
        "siege": summary(besieged),
        "hostile": dict(hostile.ends.most_common()),
        "memory MB": {"before": before, "peak": peak.megabytes, "after": memory(target.pid)},
        "processor after": await busy(target.pid),
    }


def summary(tally: Tally) -> dict[str, object]:
    """The figures of one phase, times in milliseconds."""
    return {
        "answered": len(tally.seconds),
        "failed": tally.failed,
        "p50": round(tally.percentile(0.50), 1),
        "p95": round(tally.percentile(0.95), 1),
        "p99": round(tally.percentile(0.99), 1),
        "longest": round(tally.percentile(1.0), 1),
        "ends": dict(tally.ends),
    }


class Peak:
    """The most memory that the server's processes had together."""

    def __init__(self, pid: int | None) -> None:
        self.megabytes = 0
        self._pid = pid

    async def watch(self) -> None:
        """Look twice a second until cancelled."""
        while True:
            self.megabytes = max(self.megabytes, memory(self._pid))
            await asyncio.sleep(0.5)


def family(pid: int | None) -> list[int]:
    """A process and all that descend from it."""
    if pid is None:
        return []
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid] if pid in parents else []
    for known in found:
        found.extend(child for child, parent in parents.items() if parent == known)
    return found


def memory(pid: int | None) -> int:
    """Proportional set size of the server and its children in MB: what is shared counts once."""
    total = 0
    for process in family(pid):
        with suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(rollup.split("\nPss:")[1].split()[0])
    return total // 1024


async def busy(pid: int | None) -> float:
    """Processors that the server keeps busy although nobody asks it anything."""

    def used() -> int:
        ticks = 0
        for process in family(pid):
            with suppress(OSError):
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks

    before = used()
    await asyncio.sleep(1)
    return round((used() - before) / os.sysconf("SC_CLK_TCK"), 2)


@contextmanager
def started(options: argparse.Namespace) -> Iterator[Target]:
    """The server that was asked for, started over generated data; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="odis-hostile-"))
    port = _free_port()
    prepare = {"odis": _odis, "oxigraph": _oxigraph, "rdflib-endpoint": _rdflib_endpoint}[options.server]
    command, path = prepare(folder, port, options)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Target(f"http://127.0.0.1:{port}{path}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder)


def _graph(folder: Path, options: argparse.Namespace) -> Path:
    from benchmarks.graphs import write_graph

    path = folder / "graph.nq"
    write_graph(path, options.datasets)
    return path


def _load(folder: Path, options: argparse.Namespace) -> int:
    from pyoxigraph import Store

    store = Store(str(folder / "store"))
    store.bulk_load(path=str(_graph(folder, options)))
    store.optimize()
    return len(store)


def _odis(folder: Path, port: int, options: argparse.Namespace) -> tuple[list[str], str]:
    from loaders.releases.release import Manifest, publish, unfinished

    place = unfinished(folder)
    place.mkdir(parents=True, exist_ok=True)
    quads = _load(place, options)
    publish(folder, place, Manifest(base="https://odis.example/", triples=quads // 2, quads=quads))
    program = (
        "from pathlib import Path\n"
        "from server.serve import serve\n"
        "from server.settings import ServerSettings\n"
        f"serve(ServerSettings(Path({str(folder)!r}), port={port}, deadline={options.deadline}))"
    )
    return [sys.executable, "-c", program], "/sparql"


def _oxigraph(folder: Path, port: int, options: argparse.Namespace) -> tuple[list[str], str]:
    _load(folder, options)
    program = _program("oxigraph")
    serve = ["serve-read-only", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
    return [program, *serve, "--timeout-s", str(int(options.deadline))], "/query"


def _rdflib_endpoint(folder: Path, port: int, options: argparse.Namespace) -> tuple[list[str], str]:
    program = _program("rdflib-endpoint")
    return [program, "serve", str(_graph(folder, options)), "--host", "127.0.0.1", "--port", str(port)], "/"


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed; get it with: pip install {name}")
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("the server does not come up")


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--server", choices=["odis", "oxigraph", "rdflib-endpoint"], default="odis")
    parser.add_argument("--url", help="a server that runs already, instead of --server")
    parser.add_argument("--pid", type=int, help="its process, to measure memory")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--users", type=int, default=8, help="normal users, an address each")
    parser.add_argument("--attackers", type=int, default=16)
    parser.add_argument("--addresses", type=int, default=4, help="from so many addresses they come")
    parser.add_argument("--deadline", type=float, default=5, help="what the started server gives a query")
    parser.add_argument(
        "--datasets", type=int, default=1500, help="size of the generated data (120 quads each)"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, and print the figures as JSON."""
    options = arguments()
    sys.path.insert(0, str(ROOT))
    running = nullcontext(Target(options.url, options.pid)) if options.url else started(options)
    with running as target:
        print(json.dumps(asyncio.run(run(target, options)), indent=1))


if __name__ == "__main__":
    main()
