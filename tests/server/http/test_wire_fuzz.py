"""Whatever bytes come to the port: an answer that is HTTP and no fault of the server's, or the end."""

import re
import socket
from urllib.parse import urlsplit

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import FUZZ, bounded

pytestmark = FUZZ

HEADERS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Encoding", "Content-Length",
    "Content-Type", "Expect", "Forwarded", "Host", "If-Modified-Since", "If-None-Match", "Origin", "Prefer",
    "Range", "TE", "Transfer-Encoding", "Upgrade", "X-Forwarded-For", "X-Forwarded-Proto",
)  # fmt: skip
PATHS = (
    "/", "/sparql", "/sparql?query=ASK{}", "/search?q=a", "/datasets", "/catalog", "/catalog.ttl", "/feed",
    "*", "//", "/oai?verb=Identify", "/queries/datasets-with-words?words=a", "/api/3/action/package_search",
    "/check", "/mcp", "/data?iri=a:b", "/health/ready", "/metrics", "http://a/b", "/%00", "/..%2f..",
)  # fmt: skip
VALUES = (
    "", "*", "*/*;q=", "text/turtle;q=nan, */*;q=1e9", "sv;q=0,en;q=0", 'W/"a", "b', "0", "-1", "9" * 30,
    "chunked", "chunked, chunked", "gzip;q=0", "application/sparql-query; charset=\xff", "a/b" * 2000, "h2c",
    "bytes=0-,-1",
    "Thu, 99 Foo 2026", "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "100-continue",
)  # fmt: skip
PATIENCE = 0.3
"""Seconds that we wait for a server that itself waits for a body, or for the rest of a head."""
END = "Connection: close\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")

words = st.sampled_from(VALUES) | st.text(
    st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20
)
heads = st.builds(
    lambda method, path, headers: (
        f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + END
    ).encode("latin-1"),
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "QUERY", "PUT", "get", "\x00"]),
    st.sampled_from(PATHS),
    st.lists(st.tuples(st.sampled_from(HEADERS), words), max_size=5),
)


@bounded(100)
@given(
    heads | st.binary(max_size=60),
    st.binary(max_size=40) | st.sampled_from([b"query=ASK{}", b"5\r\nASK{}\r\n"]),
)
def ask(address: str, head: bytes, body: bytes) -> None:
    """Send it, with the end of what is sent after it."""
    answer = exchange(urlsplit(address).port or 0, head + body)
    statuses = [int(status) for status in STATUS.findall(answer)]
    assert not answer or statuses
    assert all(status < 500 or status in (501, 503) for status in statuses), answer[:300]


def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes, and take what comes until the server closes or has nothing more to say."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.sendall(sent)
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return answer


def test_any_bytes(server: str) -> None:
    """Heads with headers that contradict each other, paths that lead nowhere, and noise."""
    ask(server)
    assert httpx2.get(f"{server}/health/ready").status_code == 200
