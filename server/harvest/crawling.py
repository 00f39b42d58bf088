"""What crawlers look for: sitemap, robots.txt, and the dumps with their checksums."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

from loaders.search.naming import slug
from loaders.views.dumps import Dump
from loaders.views.read import Filter, OpenViews, Row
from loaders.views.syntaxes import xml_text
from server.harvest.holder import ViewsHolder
from server.harvest.sending import FRESH, Sheet, etag_of, send_text
from server.http import problems
from server.http.endpoint import Call
from server.http.problems import Problem
from server.http.words import Words

MOST: Final = 50_000
"""Addresses in one sitemap (sitemaps.org); more need an index."""
_READ = 256 * 1024
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


Address = Callable[[str, Row], str]


def page_address(base: str, row: Row) -> str:
    """Where the page about a dataset is: the address itself, not one that leads there."""
    return f"{base}datasets/{slug(row.iri, row.title)}"


def data_address(base: str, row: Row) -> str:
    """Where the data about a dataset are, whoever minted its IRI."""
    return f"{base}data?iri={quote(row.iri, safe='')}"


async def sitemap(holder: ViewsHolder, call: Call) -> None:
    """`/sitemap.xml`: every dataset's page, or an index of `/sitemap-1.xml` …"""
    number = call.asked.path.rpartition("/sitemap")[2].removesuffix(".xml").removeprefix("-")
    async with holder.use() as views:
        address = page_address if holder.page else data_address
        text = await asyncio.to_thread(sitemap_text, views, number, address)
        if text is None:
            raise _missing(call.asked.path)
        await send_text(call, text, Sheet("application/xml", etag_of(text), views.published))


def sitemap_text(views: OpenViews, number: str, address: Address, most: int = MOST) -> str | None:
    """The sitemap of a number, the only one or the index without; None when there is none such."""
    files = -(-views.count(Filter()) // most)
    if not number and files > 1:
        return _index(views, files)
    if number and not (number.isascii() and number.isdigit() and 1 <= int(number) <= files):
        return None
    rows = views.rows(Filter(), most, (int(number or 1) - 1) * most)
    return f"{_HEAD}<urlset {_SCHEMA}>\n{''.join(_entries(views, rows, address))}</urlset>\n"


def _entries(views: OpenViews, rows: list[Row], address: Address) -> Iterator[str]:
    for row in rows:
        location = xml_text(address(views.base, row))
        yield f"<url><loc>{location}</loc><lastmod>{row.stamp}</lastmod></url>\n"


def _index(views: OpenViews, files: int) -> str:
    found = "".join(
        f"<sitemap><loc>{xml_text(views.base)}sitemap-{number}.xml</loc></sitemap>\n"
        for number in range(1, files + 1)
    )
    return f"{_HEAD}<sitemapindex {_SCHEMA}>\n{found}</sitemapindex>\n"


async def robots(holder: ViewsHolder, call: Call) -> None:
    """`/robots.txt`: everything may be read but what costs us a query for each address."""
    async with holder.use() as views:
        text = f"User-agent: *\nDisallow: /sparql\nDisallow: /queries/\nSitemap: {views.base}sitemap.xml\n"
        await send_text(call, text, Sheet("text/plain", etag_of(text)))


async def dump(holder: ViewsHolder, call: Call) -> None:
    """`/dumps/odis.nq.gz` and the like, and `/dumps/SHA256SUMS`."""
    wanted = call.asked.path.rpartition("/")[2]
    async with holder.use() as views:
        if wanted == "SHA256SUMS":
            text = "".join(f"{one.sha256}  {one.file}\n" for one in views.dumps)
            await send_text(call, text, Sheet("text/plain", etag_of(text), views.published))
            return
        found = next((one for one in views.dumps if one.file == wanted), None)
        if found is None:
            raise _missing(call.asked.path)
        await _send_dump(call, views, found)


async def _send_dump(call: Call, views: OpenViews, found: Dump) -> None:
    """A gzip file as such: it is downloaded packed, whatever the client unpacks by itself."""
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        "Content-Type": "application/gzip",
        "Content-Length": str(found.bytes),
        "ETag": f'"{found.sha256[:32]}"',
        "Cache-Control": FRESH,
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Disposition": f'attachment; filename="{found.file}"',
    }
    if call.asked.headers.get("if-none-match", "").strip() in (headers["ETag"], "*"):
        for name in ("Content-Type", "Content-Length", "Content-Disposition"):
            headers.pop(name)
        await call.reply.whole(304, headers)
        return
    await call.reply.begin(200, headers)
    if call.asked.method != "HEAD":
        with (views.folder / "dumps" / found.file).open("rb") as file:
            while block := await asyncio.to_thread(file.read, _READ):
                await call.reply.part(block)
    await call.reply.end()


def _missing(what: str) -> Problem:
    shown = what[:200]
    return Problem(problems.NOT_FOUND, Words(f"{shown} finns inte.", f"There is no {shown}."))
