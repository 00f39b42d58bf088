"""`/check`: the page with the form, and the check of what is sent."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.routing import Route

from server.checking.desk import Desk
from server.checking.submission import DEFAULT_PROFILE, read_submission
from server.http.endpoint import Call, Endpoint
from server.pages.frame import render
from server.pages.sending import Page, send
from server.service import Service
from shapes.check import profiles
from shapes.writers import MEDIA_TYPES

ADDRESS: Final = "/check"
METHODS: Final = ("GET", "HEAD", "POST")
_REPORT: Final = {
    "Cache-Control": "no-store",
    # The report stands alone, with its style in it; nothing in it runs or is loaded.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept, Accept-Language",
}


def route(service: Service) -> Route:
    """The route, over a desk of its own."""
    desk = Desk(service.settings)

    async def check(call: Call) -> None:
        if call.asked.method == "POST":
            await _check(desk, call)
        else:
            await send(call, Page(_form(call)))

    endpoint = Endpoint(service, "check", check, METHODS, body=False)
    return Route(ADDRESS, endpoint, name="check", include_in_schema=False)


async def _check(desk: Desk, call: Call) -> None:
    with desk.place(call.asked.client), TemporaryDirectory(prefix="odis-check-") as name:
        wanted = await read_submission(call, Path(name))
        report, counts = await desk.check(wanted, Path(name))
    headers = {
        **_REPORT,
        "Content-Type": f"{MEDIA_TYPES[wanted.format]}; charset=utf-8",
        "Content-Language": wanted.language,
        "ODIS-Violations": str(counts["violations"]),
    }
    await call.reply.whole(200, headers, report)


def _form(call: Call) -> bytes:
    return render(
        "check.html",
        call.asked,
        profiles=[(name, profile.title) for name, profile in profiles().items()],
        chosen=DEFAULT_PROFILE,
        formats=tuple(MEDIA_TYPES),
        most=call.service.settings.check_bytes // (1024 * 1024),
        address=call.asked.one("address"),
    )
