"""What is packed on one side of a socket is unpacked on the other."""

import socket
from threading import Thread

import pytest

from server.workers.frames import (
    BORN,
    GONE,
    RECORD,
    Record,
    pack_failure,
    pack_query,
    receive_query,
    unpack_failure,
)
from server.workers.query import Failure, Query

QUERIES = {
    "plain": Query("ASK {}", "text/csv"),
    "full": Query(
        "SELECT * { ?s ?p 'å \U0001f600 \0' }",
        "text/turtle",
        ("a:a", "a:b"),
        ("a:c",),
        1.5,
        row_cap=10,
        prefixes=(("", "a:"), ("b", "a:b#")),
        base="http://a.example/",
    ),
    "long": Query("ASK {} #" + "x" * 200_000, "text/csv"),
    "surrogate": Query("ASK {} #\ud800", "text/csv"),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_query(query: Query) -> None:
    """A worker receives the query that was sent, all but the client, whom it need not know."""
    front, back = socket.socketpair()
    with front, back:
        sending = Thread(target=front.sendall, args=(pack_query(query) * 2,))
        sending.start()
        assert [receive_query(back), receive_query(back)] == [query, query]
        sending.join()


@pytest.mark.parametrize("size", [0, 2, 10])
def test_query_cut_short(size: int) -> None:
    """A query of which only the beginning came is no query."""
    front, back = socket.socketpair()
    with back:
        with front:
            front.sendall(pack_query(QUERIES["plain"])[:size])
        assert receive_query(back) is None


@pytest.mark.parametrize(
    "record",
    [Record(BORN, 42), Record(GONE, 42, -9, "thread panicked"), Record(GONE, 1, 0, "slut å")],
    ids=["born", "gone", "letters"],
)
def test_record(record: Record) -> None:
    """Records have one size and come out as they went in."""
    assert len(record.pack()) == RECORD.size
    assert Record.unpack(record.pack()) == record


def test_long_last_words_keep_their_end() -> None:
    """Of last words that are too long the end is kept: there the reason stands."""
    assert Record.unpack(Record(GONE, 1, 1, "x" * 600 + "reason").pack()).text.endswith("xreason")


def test_failure() -> None:
    """A failure keeps its cause, words and place."""
    failure = unpack_failure(pack_failure(Failure("syntax", "Rad 2: fel å", line=2, column=7)))
    assert (failure.cause, failure.detail, failure.line, failure.column) == ("syntax", "Rad 2: fel å", 2, 7)
