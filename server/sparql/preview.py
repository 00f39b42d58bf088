"""The beginning of an answer for a page: so much is read from the worker, then it is let go."""

from dataclasses import replace
from urllib.parse import urlencode

from server.http.endpoint import Call
from server.http.negotiation import FORMATS, HTML, Choice, Kind
from server.http.watch import Watch
from server.pages import SECURITY, Shown, sparql_page, table
from server.sparql.delivery import Delivery, cache_control
from server.sparql.failures import problem_of
from server.sparql.gate import Passed
from server.workers.query import Failure

MOST_ROWS = 500
MOST_BYTES = 400_000
_READ_AS = {"select": "text/tab-separated-values", "ask": "text/csv", "graph": "text/turtle"}


async def answer_page(call: Call, passed: Passed) -> None:
    """Send the page with the query and the beginning of its answer."""
    delivery = Delivery(call, passed, Choice(HTML, HTML.media_type))
    await call.service.federation.admit(passed.services)
    try:
        shown = await preview(delivery)
    except Failure as failure:
        raise problem_of(failure, passed.text) from failure
    cacheable = cache_control(call.service.settings.max_age)
    headers = {
        **SECURITY,
        "Cache-Control": "no-store" if passed.volatile else cacheable,
        "Vary": "Accept, Accept-Language, Accept-Encoding",
        "ODIS-Release": shown.release,
        "Server-Timing": call.exchange.timing(),
    }
    await call.reply.whole(200, headers, sparql_page(call.asked, call.asked.query or passed.text, shown))


async def preview(delivery: Delivery) -> Shown:
    """The beginning of an answer; raises Failure."""
    call, kind = delivery.call, delivery.passed.kind
    parts: list[bytes] = []
    size = 0
    with Watch(call.receive):
        async with call.service.current.pool.run(delivery.query(_READ_AS[kind])) as answer:
            async for part in answer.parts():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    break
            call.exchange.cpu = answer.cpu
    call.exchange.release = answer.release
    shown = Shown(answer.release, FORMATS[kind], _address(delivery))
    return _filled(shown, kind, b"".join(parts), cut=size > MOST_BYTES)


def _address(delivery: Delivery) -> str:
    """Where the same answer can be had in another format."""
    asked = delivery.call.asked
    kept = [(name, value) for name, value in asked.parameters if name not in _OURS]
    if asked.path == "/sparql":
        kept.insert(0, ("query", asked.query or ""))
    return f"{asked.path}?{urlencode(kept)}"


_OURS = frozenset({"query", "format", "download", "lang"})


def _filled(shown: Shown, kind: Kind, body: bytes, *, cut: bool) -> Shown:
    if kind == "ask":
        return replace(shown, boolean=body.strip() == b"true")
    lines = body.splitlines(keepends=True)
    if cut:
        lines = lines[:-1]  # the last line is likely not whole
    if kind == "graph":
        return replace(shown, text=b"".join(lines).decode(), cut=cut)
    variables, rows = table(b"".join(lines[: MOST_ROWS + 1]))
    return replace(shown, variables=variables, rows=rows, cut=cut or len(lines) > MOST_ROWS + 1)
