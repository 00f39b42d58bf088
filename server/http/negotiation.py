"""Chooses format, content coding and language from what a client accepts (RFC 9110, section 12.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["select", "ask", "graph"]
"""What a query gives: rows, yes or no, or triples."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer; `media_type` is what a worker is asked for."""

    name: str
    media_type: str
    ending: str
    aliases: tuple[str, ...] = ()
    """Other media types that mean the same; an answer is labelled as it was asked for."""
    names: tuple[str, ...] = ()
    """Other words for `?format=`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The format of an answer and the value of its Content-Type, without the character set."""

    format: Format
    media_type: str


JSON = Format("json", "application/sparql-results+json", "json", ("application/json",), ("srj",))
XML = Format("xml", "application/sparql-results+xml", "xml", ("application/xml", "text/xml"), ("srx",))
CSV = Format("csv", "text/csv", "csv")
TSV = Format("tsv", "text/tab-separated-values", "tsv")
TURTLE = Format("turtle", "text/turtle", "ttl", ("application/x-turtle",), ("ttl",))
NTRIPLES = Format("ntriples", "application/n-triples", "nt", ("text/plain",), ("nt", "n-triples"))
RDFXML = Format(
    "rdfxml",
    "application/rdf+xml",
    "rdf",
    ("application/xml", "text/xml"),
    ("rdf", "xml", "rdf/xml", "rdf+xml"),
)
JSONLD = Format("jsonld", "application/ld+json", "jsonld", ("application/json",), ("json", "json-ld"))
HTML = Format("html", "text/html", "html", ("application/xhtml+xml",))

FORMATS: dict[Kind, tuple[Format, ...]] = {
    "select": (JSON, XML, CSV, TSV),
    "ask": (JSON, XML, CSV, TSV),
    "graph": (TURTLE, NTRIPLES, RDFXML, JSONLD),
}
"""What is offered for each kind of answer, in the server's order of preference."""

UTF8 = frozenset({"text/csv", "text/tab-separated-values", "text/turtle", "text/html", "text/plain"})
"""Text types whose default character set is not UTF-8 for every client, so it is always named."""

ENCODINGS = ("zstd", "br", "gzip")
"""Content codings in the server's order of preference."""


def content_type(media_type: str) -> str:
    """The value of Content-Type for a media type: text types name their character set."""
    return f"{media_type}; charset=utf-8" if media_type in UTF8 else media_type


def by_name(name: str, offers: Sequence[Format]) -> Choice | None:
    """The offer that `?format=` names, by short name, file ending or media type; None if there is none.

    Of several, separated by commas, the first that is offered.
    """
    for wanted in name.lower().split(","):
        for offer in offers:
            if wanted.strip() in (offer.name, offer.ending, *offer.names, offer.media_type):
                return Choice(offer, offer.media_type)
            if wanted.strip() in offer.aliases:
                return Choice(offer, wanted.strip())
    return None


@lru_cache(maxsize=1024)
def by_accept(accept: str, offers: tuple[Format, ...]) -> Choice | None:
    """The best offer for an Accept header, None if nothing is acceptable.

    The highest quality wins; of equals the one asked for by name, then the server's order. No header accepts
    everything (RFC 9110, section 12.5.1).
    """
    ranges = dict(_weighted(accept)) or {"*/*": 1.0}
    best: tuple[float, int] = (0.0, -1)
    choice: Choice | None = None
    for offer, media_type in _offered(offers):
        weight, precision = _match(media_type, ranges)
        if weight > 0 and (weight, precision) > best:
            best, choice = (weight, precision), Choice(offer, media_type)
    return choice


def _offered(offers: Sequence[Format]) -> Iterator[tuple[Format, str]]:
    for offer in offers:
        yield offer, offer.media_type
    for offer in offers:
        for alias in offer.aliases:
            yield offer, alias


def _match(media_type: str, ranges: dict[str, float]) -> tuple[float, int]:
    """Quality and precision of the most specific range that covers a media type."""
    major = media_type.partition("/")[0]
    for precision, candidate in ((2, media_type), (1, f"{major}/*"), (0, "*/*")):
        if candidate in ranges:
            return ranges[candidate], precision
    return 0.0, -1


@lru_cache(maxsize=256)
def encoding(accept: str) -> str:
    """The content coding for an Accept-Encoding header; "" sends the answer as it is."""
    weights = dict(_weighted(accept))
    plain = weights.get("identity", 0.0)
    best, chosen = 0.0, ""
    for name in ENCODINGS:
        weight = weights.get(name, weights.get("*", 0.0))
        if weight > best and weight >= plain:
            best, chosen = weight, name
    return chosen


@lru_cache(maxsize=256)
def language(accept: str) -> Literal["sv", "en"]:
    """Swedish or English, whichever an Accept-Language header prefers; English when it names neither."""
    best: dict[str, float] = {}
    for tag, weight in _weighted(accept):
        primary = tag.partition("-")[0]
        best[primary] = max(weight, best.get(primary, 0.0))
    other = best.get("*", 0.0)
    return "sv" if best.get("sv", other) > best.get("en", other) else "en"


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    """The members of a header with quality values; parameters but `q` and unreadable members are left out."""
    for member in header.split(","):
        value, *parameters = member.split(";")
        weight = 1.0
        for parameter in parameters:
            name, _, number = parameter.partition("=")
            if name.strip().lower() == "q":
                weight = _quality(number)
        if value.strip():
            yield value.strip().lower(), weight


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
