"""Starts the servers that are compared, each over the same data, and ends them again."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Store

from benchmarks import virtuoso
from benchmarks.graphs import BASE, write_graph
from loaders.releases.release import Manifest, Release, current, publish, unfinished

ROOT = Path(__file__).parent.parent
PLACES_EACH = 20
"""Datasets for each place with a point."""
NAMES = ("odis", "odis on disk", "oxigraph on disk", "oxigraph in memory", "rdflib-endpoint", "virtuoso")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it is asked, its process, and the seconds until its first answer."""

    name: str
    url: str
    pid: int
    start: float


def prepare(folder: Path, datasets: int) -> Release:
    """The release with so many datasets and their places; made once for a folder and a size."""
    data = folder / str(datasets)
    if (data / "current").is_symlink():
        return current(data)
    place = unfinished(data)
    write_graph(place / "graph.nq", datasets, more=_places(datasets))
    store = Store(str(place / "store"))
    store.bulk_load(path=str(place / "graph.nq"))
    store.optimize()
    quads = len(store)
    del store
    named = re.compile(rb"> <[^<>]*graph/source/[^<>]*> \.$")
    with (place / "graph.nq").open("rb") as file:
        default = sum(1 for line in file if not named.search(line))
    return publish(data, place, Manifest(base=BASE, triples=min(default, quads), quads=quads))


def _places(datasets: int) -> Iterator[str]:
    wkt = "http://www.opengis.net/ont/geosparql#wktLiteral"
    for number in range(datasets // PLACES_EACH):
        east, north = 17.5 + number * 37 % 1500 / 1000, 58.7 + number * 53 % 1400 / 1000
        point = f'"POINT({east:.4f} {north:.4f})"^^<{wkt}>'
        yield f"<{BASE}id/place/{number}> <http://www.opengis.net/ont/geosparql#asWKT> {point} .\n"


@contextmanager
def started(name: str, release: Release) -> Iterator[Server]:
    """One of NAMES over a release, ready to be measured; gone afterwards."""
    port = _free_port()
    command, path = _command(name, release, port)
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}{path}"
            _wait(process, lambda: _answers(url))
            start = time.perf_counter() - began
            if name == "odis":
                _wait(process, lambda: _in_memory(port))
            if name == "oxigraph in memory":
                _load(port, release)
            yield Server(name, url, process.pid, start)
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _command(name: str, release: Release, port: int) -> tuple[list[str], str]:
    bind = f"127.0.0.1:{port}"
    if name == "oxigraph on disk":
        return [_program("oxigraph"), "serve-read-only", "-l", str(release.store), "-b", bind], "/query"
    if name == "oxigraph in memory":
        return [_program("oxigraph"), "serve", "-b", bind], "/query"
    if name == "rdflib-endpoint":
        serve = ["serve", str(release.graph), "--host", "127.0.0.1", "--port", str(port)]
        return [_program(name), *serve], "/"
    if name == "virtuoso":
        return virtuoso.command(release, port, _free_port()), "/sparql"
    limit = 0 if name == "odis on disk" else 64 << 30
    program = (
        "from pathlib import Path\n"
        "from server.serve import serve\n"
        "from server.settings import ServerSettings\n"
        f"serve(ServerSettings(Path({str(release.path.parent.parent)!r}), port={port}, log_requests=False, "
        f"in_memory_limit={limit}, deadline=300, "
        "queue=1000, client_queue=1000, client_slow=32, slow_slots=16))"
    )
    return [sys.executable, "-c", program], "/sparql"


def _program(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed; get it with: pip install {name}")
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", ready: object) -> None:
    assert callable(ready)
    end = time.monotonic() + 900
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit("the server did not start")
        time.sleep(0.02)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}?query=ASK%7B%7D", timeout=10) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _in_memory(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
        return b"odis_pool_in_memory 1.0" in response.read()


def _load(port: int, release: Release) -> None:
    """Send the release to the native server, a part at a time: it holds each request in memory."""
    with release.graph.open("rb") as file:
        while part := file.readlines(32 << 20):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/store",
                data=b"".join(part),
                headers={"Content-Type": "application/n-quads"},
                method="POST",
            )
            urllib.request.urlopen(request, timeout=900).close()
