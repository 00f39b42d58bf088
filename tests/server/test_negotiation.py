"""Format, coding and language are chosen as RFC 9110 section 12.5 says."""

import pytest

from server.http import negotiation
from server.http.negotiation import FORMATS, HTML, by_accept, by_name, content_type, encoding, language

SELECT = FORMATS["select"]
GRAPH = FORMATS["graph"]
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

ACCEPT = [
    ("", SELECT, "application/sparql-results+json"),
    ("*/*", SELECT, "application/sparql-results+json"),
    ("*/*", GRAPH, "text/turtle"),
    ("text/*", SELECT, "text/csv"),
    ("text/csv;q=0.5, text/tab-separated-values", SELECT, "text/tab-separated-values"),
    ("text/csv, */*", SELECT, "text/csv"),
    ("*/*;q=0.1, application/sparql-results+xml;q=0.2", SELECT, "application/sparql-results+xml"),
    ("application/json", SELECT, "application/json"),
    ("application/json", GRAPH, "application/json"),
    ("application/xml", GRAPH, "application/xml"),
    ("text/plain", GRAPH, "text/plain"),
    ("text/turtle;charset=utf-8", GRAPH, "text/turtle"),
    ("APPLICATION/LD+JSON", GRAPH, "application/ld+json"),
    (CHROMIUM, (*SELECT, HTML), "text/html"),
    ("*/*", (*SELECT, HTML), "application/sparql-results+json"),
    ("text/turtle;q=0, */*", GRAPH, "application/n-triples"),
]
NOTHING = ["image/png", "text/csv;q=0", "*/*;q=0", "text/csv;q=abc", "text/csv;q=2", "text/html"]


@pytest.mark.parametrize(("accept", "offers", "expected"), ACCEPT)
def test_the_best_offer_wins(accept: str, offers: tuple[negotiation.Format, ...], expected: str) -> None:
    """Quality first, then what was asked for by name, then the server's order."""
    choice = by_accept(accept, offers)
    assert choice is not None
    assert choice.media_type == expected


@pytest.mark.parametrize("accept", NOTHING)
def test_nothing_acceptable(accept: str) -> None:
    """A quality of zero, an unreadable quality or a foreign type is never answered with something else."""
    assert by_accept(accept, SELECT) is None


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("json", "select", "application/sparql-results+json"),
        ("json", "graph", "application/ld+json"),
        ("xml", "select", "application/sparql-results+xml"),
        ("xml", "graph", "application/rdf+xml"),
        ("ttl", "graph", "text/turtle"),
        ("NT", "graph", "application/n-triples"),
        ("text/csv", "ask", "text/csv"),
        ("application/json", "select", "application/json"),
    ],
)
def test_formats_have_short_names(name: str, kind: negotiation.Kind, expected: str) -> None:
    """`?format=` takes short names, file endings and media types; what they mean depends on the answer."""
    choice = by_name(name, FORMATS[kind])
    assert choice is not None
    assert choice.media_type == expected


def test_a_format_of_another_kind_is_none() -> None:
    """Rows cannot be written as Turtle, nor triples as CSV."""
    assert by_name("turtle", SELECT) is None
    assert by_name("csv", GRAPH) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("*", "zstd"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("identity, gzip;q=0.5", ""),
        ("deflate", ""),
    ],
)
def test_content_coding(header: str, expected: str) -> None:
    """The preferred coding both sides know, or none."""
    assert encoding(header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("sv", "sv"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("en-GB,en;q=0.9,sv;q=0.8", "en"),
        ("de, sv;q=0.1", "sv"),
        ("fr", "en"),
        ("sv;q=0.4, *;q=0.5", "en"),
    ],
)
def test_language(header: str, expected: str) -> None:
    """Swedish when it is preferred, else English."""
    assert language(header) == expected


def test_text_types_name_their_character_set() -> None:
    """text/csv defaults to US-ASCII for some clients; JSON and XML say it themselves."""
    assert content_type("text/csv") == "text/csv; charset=utf-8"
    assert content_type("application/sparql-results+json") == "application/sparql-results+json"
