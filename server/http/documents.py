"""Sends a document that was made just now: with a validator, packed for those who unpack."""

import asyncio
import hashlib
import json
from collections.abc import Mapping

from server.http.coding import whole
from server.http.endpoint import Call
from server.sparql.delivery import cache_control


async def send_json(call: Call, document: Mapping[str, object], media_type: str = "application/json") -> None:
    """Send a document as JSON, worded in the language of the request; see `send_document`."""
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    await send_document(call, media_type, body, {"Content-Language": call.asked.language})


async def send_document(
    call: Call, content_type: str, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    """Send a document, or 304 to a client that has it (RFC 9110, 13.1.2)."""
    release = call.exchange.release = call.service.current.release.id
    tag = hashlib.sha256(body).hexdigest()[:24]
    fields = {
        "Content-Type": content_type,
        "Vary": "Accept, Accept-Language, Accept-Encoding",
        "Cache-Control": cache_control(call.service.settings.max_age),
        "ETag": f'W/"{tag}"',
        "ODIS-Release": release,
        **(headers or {}),
    }
    given = call.asked.headers.get("if-none-match", "").split(",")
    if tag in {one.strip().removeprefix("W/").strip('"') for one in given}:
        await call.reply.whole(304, fields)
        return
    coding = call.asked.coding if len(body) >= call.service.settings.compress_from else ""
    if coding:
        body = await asyncio.to_thread(whole, coding, body)
        fields["Content-Encoding"] = coding
    await call.reply.whole(200, fields, body)
