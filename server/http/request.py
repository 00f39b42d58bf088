"""Reads what a client asks: SPARQL 1.1 Protocol over GET, form POST, direct POST and HTTP QUERY."""

import re
from binascii import a2b_qp
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_to_bytes

from server.http import negotiation, problems
from server.http.limiter import client_key
from server.http.problems import Problem
from server.http.words import Language, Words
from server.settings import ServerSettings
from server.sparql.gate import read_only, too_large

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_PARAMETERS = 1000
_FORM_GROWTH = 3  # percent-encoding makes at most three bytes of one


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood: its parameters and what the client accepts."""

    method: str
    path: str
    host: str
    """Scheme and authority the client used, such as ``https://odis.example``."""
    parameters: tuple[tuple[str, str], ...]
    query: str | None
    """The text sent as the body of a direct POST, else the parameter `query`."""
    headers: dict[str, str]
    client: str
    old_http: bool
    """HTTP/1.0, where an answer without length that is cut off looks whole."""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a parameter that may be repeated."""
        return tuple(value for key, value in self.parameters if key == name)

    def one(self, name: str) -> str:
        """The value of a parameter, "" when it is not given; raises Problem when it is given twice."""
        return _single(self.all(name), name) or ""

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.headers.get("accept", "")

    @property
    def coding(self) -> str:
        """The content coding to answer with."""
        return negotiation.encoding(self.headers.get("accept-encoding", ""))

    @property
    def language(self) -> Language:
        """The language of pages and problems: `?lang=`, else Accept-Language."""
        wanted = next((value for key, value in self.parameters if key == "lang"), "")
        if wanted in ("sv", "en"):
            return "sv" if wanted == "sv" else "en"
        return negotiation.language(self.headers.get("accept-language", ""))

    @property
    def wants_html(self) -> bool:
        """Whether a browser is asking: HTML is liked better than anything a program would want."""
        offers = (*negotiation.FORMATS["select"], *negotiation.FORMATS["graph"], negotiation.HTML)
        choice = negotiation.by_accept(self.accept, offers) if "html" in self.accept else None
        return choice is not None and choice.format is negotiation.HTML


def bare(scope: Scope) -> Asked:
    """What can be told before the parameters are read, enough to answer a request that cannot be."""
    headers: dict[str, str] = {}
    for raw, content in scope["headers"]:
        name, value = raw.decode("latin-1"), content.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    client = scope.get("client")
    return Asked(
        method=scope["method"],
        path=scope["path"],
        host=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
        parameters=_language_of(scope["query_string"]),
        query=None,
        headers=headers,
        client=client_key(client[0]) if client else "",
        old_http=scope.get("http_version") == "1.0",
    )


def _language_of(encoded: bytes) -> tuple[tuple[str, str], ...]:
    match = re.search(rb"(?:^|&)lang=(sv|en)(?:&|$)", encoded)
    return (("lang", match[1].decode()),) if match else ()


def read_address(asked: Asked, scope: Scope) -> Asked:
    """Add the parameters of the address alone."""
    return replace(asked, parameters=tuple(_parse(scope["query_string"])))


async def read(asked: Asked, scope: Scope, receive: Receive, settings: ServerSettings) -> Asked:
    """Add the parameters and, for POST and QUERY, the body; raises Problem for what is not allowed."""
    parameters = _parse(scope["query_string"])
    text: str | None = None
    if asked.method in ("POST", "QUERY"):
        kind = _content_type(asked.headers.get("content-type", ""))
        if "content-encoding" in asked.headers:
            raise _unsupported(asked.headers["content-encoding"])
        limit = settings.query_bytes * (_FORM_GROWTH if kind == FORM else 1)
        body = await _body(receive, limit)
        if kind == FORM:
            parameters += _parse(body)
        else:
            text = _utf8(body)
    if any(name == "update" for name, _ in parameters):
        raise read_only()
    queries = [value for name, value in parameters if name == "query"]
    if text is not None:
        queries.append(text)
    return replace(asked, parameters=tuple(parameters), query=_single(queries, "query"))


def _single(values: Iterable[str], name: str) -> str | None:
    found = list(values)
    if len(found) > 1:
        raise _bad(f"{name} ges {len(found)} gånger.", f"{name} is given {len(found)} times.")
    return found[0] if found else None


def _content_type(header: str) -> str:
    """The media type of a body that may hold a query; its character set can only be UTF-8."""
    kind, *parameters = header.split(";")
    kind = kind.strip().lower()
    if kind == UPDATE:
        raise read_only()
    if kind not in (FORM, QUERY):
        raise _unsupported(header)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in ("utf-8", "utf8"):
            raise _unsupported(header)
    return kind


def _unsupported(given: str) -> Problem:
    shown = given[:100] or "—"
    return Problem(
        problems.UNSUPPORTED,
        Words(f"Angivet: {shown}.", f"Given: {shown}."),
        members={"accepted": [QUERY, FORM]},
        headers={"Accept-Post": f"{QUERY}, {FORM}", "Accept-Query": f"{QUERY}, {FORM}"},
    )


async def _body(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _bad("Innehållet kom aldrig fram.", "The body never arrived.")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(size, limit)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(
            f"Byte {error.start + 1} är inte UTF-8.", f"Byte {error.start + 1} is not UTF-8."
        ) from error


def _parse(encoded: bytes) -> list[tuple[str, str]]:
    """The parameters of a query string or form (WHATWG URL, 5.1), in order."""
    if encoded.count(b"&") >= MOST_PARAMETERS:
        raise _bad("Det är för många parametrar.", "There are too many parameters.")
    try:
        pairs = (pair.partition(b"=") for pair in encoded.split(b"&") if pair)
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError as error:
        raise _bad(
            "Parametrarna är inte procentkodad UTF-8.", "The parameters are not percent-encoded UTF-8."
        ) from error


def _decoded(text: bytes) -> str:
    text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text.decode()
    if _BROKEN_ESCAPE.search(text):
        return unquote_to_bytes(text).decode()
    # Quoted-printable writes the same escapes with another sign, and its decoder is not written in Python:
    # a query has so many escapes that decoding it would else cost as much as all the rest of this module.
    return a2b_qp(text.replace(b"=", b"=3D").replace(b"%", b"=")).decode()


_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})|[\r\n]")


def _bad(sv: str, en: str) -> Problem:
    return Problem(problems.BAD_REQUEST, Words(sv, en))
