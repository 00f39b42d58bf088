"""Sends documents with validators: stored ones as they lie on the disk, made ones whole."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from loaders.views.pieces import gzipped
from loaders.views.read import OpenViews, Stored
from server.http.endpoint import Call
from server.http.negotiation import content_type
from server.http.request import Asked

FRESH = "public, no-cache"
"""May be kept, has to be asked for again: a 304 costs next to nothing."""
FOR_EVER = "public, max-age=604800, immutable"
_COMPRESS_FROM = 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is told about a document before its body."""

    media_type: str
    etag: str
    """Without quotes; the same for the same content."""
    modified: str = ""
    """Since when it has had this content, ``2026-11-24T08:00:00Z``."""
    vary: tuple[str, ...] = ("Accept-Encoding",)
    links: tuple[str, ...] = ()
    cache: str = FRESH
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


async def send_stored(call: Call, views: OpenViews, stored: Stored, sheet: Sheet) -> None:
    """Send a stored document: packed as it is to those who take gzip, else unpacked on the way."""
    packed = accepts_gzip(call.asked)
    if await _not_modified(call, sheet, packed):
        return
    blocks = views.gzip(stored) if packed else views.text(stored)
    length = stored.size if packed else stored.sum.plain
    headers = {**_headers(sheet, packed), "Content-Length": str(length)}
    await call.reply.begin(200, headers)
    if call.asked.method != "HEAD":
        await _stream(call, blocks)
    await call.reply.end()


async def _stream(call: Call, blocks: Iterator[bytes]) -> None:
    """Send blocks; reading and unpacking happen beside the event loop."""
    while block := await asyncio.to_thread(next, blocks, b""):
        await call.reply.part(block)


async def send_text(call: Call, text: str | bytes, sheet: Sheet) -> None:
    """Send a document that was just made."""
    body = text.encode() if isinstance(text, str) else text
    packed = accepts_gzip(call.asked) and len(body) >= _COMPRESS_FROM
    if sheet.status == 200 and await _not_modified(call, sheet, packed):
        return
    body = gzipped(body) if packed else body
    headers = {**_headers(sheet, packed), "Content-Length": str(len(body))}
    await call.reply.begin(sheet.status, headers)
    await call.reply.end(b"" if call.asked.method == "HEAD" else body)


def etag_of(*parts: str) -> str:
    """A validator for a document that follows from these parts alone."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


async def _not_modified(call: Call, sheet: Sheet, packed: bool) -> bool:
    """Answer 304 if the client has the document already (RFC 9110, section 13.2.2)."""
    known = _entity_tags(call.asked.headers.get("if-none-match", ""))
    since = call.asked.headers.get("if-modified-since", "")
    if known:
        matches = "*" in known or sheet.etag in {tag.removesuffix("-gzip") for tag in known}
    else:
        matches = bool(since and sheet.modified) and not _newer(sheet.modified, since)
    if matches:
        headers = _headers(sheet, packed)
        for name in ("Content-Type", "Content-Encoding"):
            headers.pop(name, None)
        await call.reply.whole(304, headers)
    return matches


def _entity_tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/").strip('"') for part in header.split(",") if part.strip()}


def _newer(modified: str, since: str) -> bool:
    try:
        limit = parsedate_to_datetime(since)
    except ValueError:
        return True
    limit = limit if limit.tzinfo else limit.replace(tzinfo=UTC)
    return datetime.fromisoformat(modified) > limit


def _headers(sheet: Sheet, packed: bool) -> dict[str, str]:
    headers = {
        "Content-Type": content_type(sheet.media_type),
        "Cache-Control": sheet.cache,
        "Vary": ", ".join(sheet.vary),
        # A strong validator names one sequence of bytes, so the packed form has another (RFC 9110, 8.8.3).
        "ETag": f'"{sheet.etag}-gzip"' if packed else f'"{sheet.etag}"',
    }
    if sheet.modified:
        headers["Last-Modified"] = format_datetime(datetime.fromisoformat(sheet.modified), usegmt=True)
    if sheet.links:
        headers["Link"] = ", ".join(sheet.links)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return {**headers, **sheet.headers}


def accepts_gzip(asked: Asked) -> bool:
    """Whether a client takes gzip at all; it is what lies on the disk."""
    for part in asked.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
