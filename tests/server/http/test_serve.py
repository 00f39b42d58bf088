"""The server as a process: its address, its signals, and one clear line for what is wrong."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from loaders.releases.release import Release
from ontology.errors import ConfigError, ReleaseError
from server.serve import serve
from server.settings import ServerSettings

Publish = Callable[[Path, Iterable[str]], Release]
PROGRAM = """
import sys
from pathlib import Path
from server.serve import serve
from server.settings import ServerSettings
serve(ServerSettings(Path(sys.argv[1]), port=0, workers=1, in_memory_limit=0, shutdown_grace=20),
      lambda address: print(address, flush=True))
"""


@pytest.fixture
def process(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A server of its own, killed if a test leaves it behind."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        yield running
        if running.poll() is None:
            running.kill()


def address(process: subprocess.Popen[str]) -> str:
    """What the server prints when it is ready."""
    assert process.stdout
    line = process.stdout.readline().strip()
    assert line.startswith("http://127.0.0.1:"), process.stderr.read() if process.stderr else ""
    return line


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_good_order(process: subprocess.Popen[str], order: signal.Signals) -> None:
    """The answer under way is finished, the exit code is 0, and no worker is left."""
    place = address(process)
    query = {"query": "SELECT * { ?s ?p ?o }"}
    plain = {"Accept-Encoding": "identity"}
    with httpx2.stream("GET", f"{place}sparql", params=query, headers=plain, timeout=30) as response:
        parts = response.iter_raw()
        body = next(parts)
        process.send_signal(order)
        body += b"".join(parts)
    assert body.endswith(b"]}}")
    assert process.wait(30) == 0
    assert processes(process.pid) == []


def test_an_early_order_is_followed(data: Path) -> None:
    """A server that is told to stop while it starts does not go on."""
    program = PROGRAM.replace("lambda address:", "lambda address: os.kill(os.getpid(), 15) or").replace(
        "import sys", "import os, sys"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(data)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_worker_does_not_outlive_a_killed_server(process: subprocess.Popen[str]) -> None:
    """Nothing is left running when the server is killed outright."""
    place = address(process)
    assert httpx2.get(f"{place}sparql", params={"query": "ASK {}"}).status_code == 200
    group = process.pid
    process.kill()
    process.wait(30)
    end = time.monotonic() + 30
    while processes(group):
        assert time.monotonic() < end, "a worker is still running"
        time.sleep(0.05)


def processes(group: int) -> list[int]:
    """The processes of a session that are still running; zombies are not."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = status.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue  # it ended just now
        if int(session) == group and state != "Z":
            found.append(int(status.parent.name))
    return found


def test_the_log_names_no_client(process: subprocess.Popen[str]) -> None:
    """A line of JSON for each request, with a hash for query and client, and no text."""
    place = address(process)
    httpx2.get(f"{place}sparql", params={"query": "ASK { <a:secret> ?p ?o }"})
    process.terminate()
    _, log = process.communicate(timeout=30)
    assert '"route": "sparql"' in log
    assert '"query": "' in log
    assert "127.0.0.1" not in log
    assert "secret" not in log


def test_no_release(tmp_path: Path) -> None:
    """The message says how to build one."""
    with pytest.raises(ReleaseError, match="odis build"):
        serve(ServerSettings(tmp_path))


def test_a_port_in_use(data: Path) -> None:
    """The message names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port}: .*--port"):
            serve(ServerSettings(data, port=port))


def test_a_host_that_is_not_here(data: Path) -> None:
    """One line, not a traceback."""
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1"):
        serve(ServerSettings(data, host="192.0.2.1", port=0))


def exchange(place: str, sent: bytes) -> bytes:
    """Send bytes, and read until the server closes."""
    port = int(place.rsplit(":", 1)[1].strip("/"))
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(sent)
        except OSError:
            return b""  # it was closed while we were still sending
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
    return b"".join(parts)


def test_a_head_without_end_is_refused(server: str) -> None:
    """Neither an address nor headers may fill the memory."""
    for sent in (
        b"GET /" + b"a" * 700_000,
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 300_000 + b"\r\nz: " + b"y" * 300_000,
    ):
        answer = exchange(server, sent + b" HTTP/1.1\r\n\r\n")
        assert not answer or answer.startswith(b"HTTP/1.1 400")


def test_garbage_is_refused(server: str) -> None:
    """400, and the connection is closed."""
    assert exchange(server, b"\x16\x03\x01 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_long_query_fits_in_an_address(server: str) -> None:
    """Up to 64 KiB; longer ones are sent with POST or QUERY."""
    text = quote("ASK { VALUES ?x {" + " 1" * 15_000 + " } }")
    sent = f"GET /sparql?query={text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert exchange(server, sent.encode()).startswith(b"HTTP/1.1 200")
