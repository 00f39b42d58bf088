"""Real engines on loopback: the binary of Oxigraph, and Virtuoso where it is installed."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2

from loaders.engines.client import Engine

OXIGRAPH: Final = Path(sys.executable).with_name("oxigraph")
VIRTUOSO: Final = shutil.which("virtuoso-t")
_SETTINGS: Final = """
[Database]
DatabaseFile = {0}/virtuoso.db
ErrorLogFile = {0}/virtuoso.log
LockFile = {0}/virtuoso.lck
TransactionFile = {0}/virtuoso.trx
xa_persistent_file = {0}/virtuoso.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {0}/temp.db
TransactionFile = {0}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{1}
ServerThreads = 10
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{2}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000
"""


@contextmanager
def oxigraph() -> Iterator[tuple[Engine, "subprocess.Popen[bytes]"]]:
    """An empty Oxigraph server in memory, and its process."""
    port = free_port()
    with running([str(OXIGRAPH), "serve", "--bind", f"127.0.0.1:{port}"], port) as process:
        address = f"http://127.0.0.1:{port}"
        yield Engine(f"{address}/query", f"{address}/store"), process


@contextmanager
def virtuoso(folder: Path) -> Iterator[Engine]:
    """An empty Virtuoso with its default user dba."""
    sql, port = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_SETTINGS.format(folder, sql, port))
    with running([str(VIRTUOSO), "+foreground", "+configfile", str(settings)], port, cwd=folder):
        address = f"http://127.0.0.1:{port}"
        yield Engine(f"{address}/sparql", f"{address}/sparql-graph-crud-auth", "dba")


@contextmanager
def running(
    command: Sequence[str], port: int, cwd: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A server process, from its first answer until the block ends."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=cwd, stdout=quiet, stderr=quiet) as process:
        try:
            _wait(process, port)
            yield process
        finally:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + 60
    with httpx2.Client(trust_env=False) as client:
        while process.poll() is None and time.monotonic() < end:
            try:
                client.get(f"http://127.0.0.1:{port}/")
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
    raise AssertionError(f"no server came up at port {port}")


def free_port() -> int:
    """A port that nobody listens at just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
