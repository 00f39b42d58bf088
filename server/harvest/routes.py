"""All routes for those who harvest, to be put into the application."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.routing import Route

from server.harvest.catalog import catalog
from server.harvest.ckan import JsonBody, ckan
from server.harvest.crawling import dump, robots, sitemap
from server.harvest.feed import activity, feed
from server.harvest.holder import ViewsHolder
from server.harvest.hvd import hvd
from server.harvest.oai import oai
from server.harvest.things import data, thing
from server.http.endpoint import Call, Endpoint
from server.service import Service

_Answer = Callable[[ViewsHolder, Call], Awaitable[None]]
READ = ("GET", "HEAD")

ROUTES: tuple[tuple[str, str, _Answer, tuple[str, ...]], ...] = (
    ("/datasets/dcat", "catalogue for dataportal.se", catalog, READ),
    ("/datasets/dcat/{publisher}", "catalogue of a publisher for dataportal.se", catalog, READ),
    ("/catalog", "catalogue", catalog, READ),
    ("/catalog.{ending}", "catalogue by ending", catalog, READ),
    ("/catalog/{publisher}", "catalogue of a publisher", catalog, READ),
    ("/id/{path:path}", "thing", thing, READ),
    ("/.well-known/genid/{path:path}", "thing without a name", thing, READ),
    ("/data", "description of any thing", data, READ),
    ("/data/{path:path}", "description of a thing", data, READ),
    ("/dumps/{file}", "dump", dump, READ),
    ("/sitemap.xml", "sitemap", sitemap, READ),
    ("/sitemap-{number}.xml", "part of the sitemap", sitemap, READ),
    ("/robots.txt", "robots", robots, READ),
    ("/hvd", "page of high-value datasets", hvd, READ),
    ("/hvd.json", "high-value datasets", hvd, READ),
    ("/hvd.csv", "high-value datasets as CSV", hvd, READ),
    ("/api/3/action/{name}", "CKAN action", ckan, (*READ, "POST")),
    ("/api/action/{name}", "CKAN action without version", ckan, (*READ, "POST")),
    ("/oai", "OAI-PMH", oai, (*READ, "POST")),
    ("/feed", "change feed", feed, READ),
    ("/feed.{ending}", "change feed by ending", feed, READ),
    ("/feed/activity/{time}", "activity of the change feed", activity, READ),
    ("/feed/{page}", "page of the change feed", feed, READ),
)
"""Path, name, what answers, methods; docs/harvesting.md has a line for each."""


def routes(service: Service, holder: ViewsHolder) -> list[Route]:
    """The routes over the views that `holder` opens; every one is a plain ASGI endpoint."""
    return [
        Route(path, _app(service, holder, name, answer, methods), name=name, include_in_schema=False)
        for path, name, answer, methods in ROUTES
    ]


def _app(
    service: Service, holder: ViewsHolder, name: str, answer: _Answer, methods: tuple[str, ...]
) -> Endpoint | JsonBody:
    endpoint = Endpoint(service, name, partial(answer, holder), methods)
    return JsonBody(endpoint) if answer is ckan else endpoint
