"""The process that answers queries, one at a time, until it is killed, tired, or no longer asked."""

import os
import resource
import signal
import socket
import sys
from pathlib import Path

from pyoxigraph import Store

from server.workers import faults, sandbox
from server.workers.answering import Sources, answer
from server.workers.frames import FAILURE, READY, pack_failure, receive_query
from server.workers.output import Output
from server.workers.query import Failure, Query

_GRACE = 1.0
"""The kernel's alarm goes off this many seconds after the deadline that the front keeps."""
_TIRED = 4
"""A worker that has kept more than this fraction (1/_TIRED) of its allowance of memory is replaced."""


def work(connection: socket.socket, sources: Sources, memory: int, *, network: bool) -> None:
    """Lock the process down, say that it is ready, and answer until the front closes the connection.

    `memory` is what it may use, in bytes on top of the store.
    """
    walls = sandbox.lock_down(memory, network=network)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    output = Output(connection, peak + memory // _TIRED // _rss_unit())
    output.send(READY, bytes([walls.memory, walls.kernel]))
    while (query := receive_query(connection)) is not None:
        signal.setitimer(signal.ITIMER_REAL, query.deadline + _GRACE)
        _answer(query, sources, output)
        signal.setitimer(signal.ITIMER_REAL, 0)


def open_store(path: Path) -> Store:
    """The store on disk, opened for reading and touched once, so that the first query finds it warm."""
    store = Store.read_only(str(path))
    store.query("ASK { ?s ?p ?o }")
    return store


def _answer(query: Query, sources: Sources, output: Output) -> None:
    try:
        answer(query, sources, output)
        output.finish()
    except (BrokenPipeError, ConnectionResetError):  # the front has let go of this query
        os._exit(0)
    except Failure as failure:
        output.send(FAILURE, pack_failure(failure))
    except Exception as error:  # whatever the engine raises becomes an answer; the front decides its status
        output.send(FAILURE, pack_failure(faults.from_exception(error, query.text)))


def _rss_unit() -> int:
    return 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, KiB elsewhere
