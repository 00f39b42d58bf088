"""Sends pages: with validators, packed for those who unpack, made beside the event loop."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from loaders.releases.release import Release
from queries.saved import SavedQuery
from server.http.coding import whole
from server.http.endpoint import Call
from server.http.request import Asked
from server.http.words import Language
from server.pages.frame import SECURITY
from server.pages.shelf import Shelf, Shelves

SMALLEST = 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page is made from."""

    shelf: Shelf
    asked: Asked
    release: Release
    queries: Mapping[str, SavedQuery]

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.asked.language


@dataclass(frozen=True, slots=True)
class Page:
    """A page, or with `status` 301 or 303 the address of another."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = SECURITY["Content-Type"]


Maker = Callable[[Reading], Page]


def moved(address: str, status: int = 303) -> Page:
    """Sends the reader to another address."""
    return Page(status=status, headers={"Location": address})


async def answer(shelves: Shelves, maker: Maker, call: Call) -> None:
    """Make a page and send it; the work is done in a thread, so that queries go on beside it."""
    page = await asyncio.to_thread(_made, shelves, maker, call)
    await send(call, page)


def _made(shelves: Shelves, maker: Maker, call: Call) -> Page:
    return maker(reading(shelves, call))


def reading(shelves: Shelves, call: Call) -> Reading:
    """What the pages of one request are made from."""
    release = call.service.current.release
    return Reading(shelves.of(release), call.asked, release, call.service.queries)


async def send(call: Call, page: Page) -> None:
    """Send a page, or 304 to a client that has it."""
    call.exchange.release = call.service.current.release.id
    if page.status in (301, 303):
        await call.reply.whole(page.status, {"Vary": "Accept, Accept-Language", **page.headers})
        return
    tag = f'"{hashlib.sha256(page.body).hexdigest()[:24]}"'
    headers = {
        **SECURITY,
        "Content-Type": page.media_type,
        "Content-Language": call.asked.language,
        "Cache-Control": "no-cache",
        "Vary": "Accept, Accept-Language, Accept-Encoding",
        "ETag": f"W/{tag}",
        **page.headers,
    }
    known = {one.strip().removeprefix("W/") for one in call.asked.headers.get("if-none-match", "").split(",")}
    if tag in known and page.status == 200:
        await call.reply.whole(304, headers)
        return
    coding = call.asked.coding if len(page.body) >= SMALLEST else ""
    body = await asyncio.to_thread(whole, coding, page.body) if coding else page.body
    if coding:
        headers["Content-Encoding"] = coding
    await call.reply.whole(page.status, headers, body)
