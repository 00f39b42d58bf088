"""What is said over the sockets between front, zygote and workers, byte by byte.

Front to worker: a length and a query as JSON.
Worker to front: frames with a kind, a length, the CPU seconds the worker has used in its life, and
whether it takes another query. An answer is either WHOLE, or HEAD, any number of PART, END; or FAILURE at any
point. Only WHOLE, END and FAILURE end an answer: a stream that stops without one of them was cut.
Front to zygote: orders of fixed size. Zygote to front: records of fixed size, a new worker's file descriptors
travelling with its record.
"""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any

from server.workers.query import Cause, Failure, Query

READY, WHOLE, HEAD, PART, END, FAILURE = b"R", b"W", b"H", b"D", b"E", b"F"
FRAME = struct.Struct("<cId?")

FORK, FORK_WITH_NETWORK, KILL = b"F", b"N", b"K"
ORDER = struct.Struct("<ci")

LOADED, BORN, GONE = b"L", b"B", b"G"
RECORD = struct.Struct("<ciiH499s")
_RECORD_TEXT = 499

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Record:
    """News from the zygote: `value` is the exit code of a worker that is GONE, negative for a signal."""

    kind: bytes
    pid: int = 0
    value: int = 0
    text: str = ""

    def pack(self) -> bytes:
        """The record as it travels; a long text keeps its end."""
        text = self.text.encode(errors="replace")[-_RECORD_TEXT:]
        return RECORD.pack(self.kind, self.pid, self.value, len(text), text)

    @classmethod
    def unpack(cls, data: bytes) -> "Record":
        """The record that `pack` wrote."""
        kind, pid, value, length, text = RECORD.unpack(data)
        return cls(kind, pid, value, text[:length].decode(errors="replace"))


def pack_query(query: Query) -> bytes:
    """A query as the worker reads it: what it needs to know, the client not included."""
    values = (
        query.text,
        query.media_type,
        query.default_graphs,
        query.named_graphs,
        query.deadline,
        query.row_cap,
        query.prefixes,
        query.base,
    )
    body = json.dumps(values).encode()
    return _LENGTH.pack(len(body)) + body


def receive_query(connection: socket.socket) -> Query | None:
    """Wait for the next query; None when the front has closed its end."""
    head = _receive(connection, _LENGTH.size)
    if head is None:
        return None
    body = _receive(connection, _LENGTH.unpack(head)[0])
    return None if body is None else _query(json.loads(body))


def _query(values: list[Any]) -> Query:
    text, media_type, default_graphs, named_graphs, deadline, row_cap, prefixes, base = values
    return Query(
        text,
        media_type,
        tuple(default_graphs),
        tuple(named_graphs),
        deadline,
        row_cap=row_cap,
        prefixes=tuple((prefix, namespace) for prefix, namespace in prefixes),
        base=base,
    )


def _receive(connection: socket.socket, size: int) -> bytes | None:
    data = connection.recv(size)
    while data and len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return None
        data += more
    return data or None


def pack_failure(failure: Failure) -> bytes:
    """The body of a FAILURE frame."""
    return json.dumps([failure.cause, failure.detail, failure.line, failure.column]).encode()


def unpack_failure(body: bytes) -> Failure:
    """The failure that `pack_failure` wrote."""
    cause, detail, line, column = json.loads(body)
    known: Cause = cause
    return Failure(known, detail, None, line, column)
