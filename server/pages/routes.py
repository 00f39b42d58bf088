"""All routes of pages, to be put into the application."""

from functools import partial
from urllib.parse import quote

from starlette.routing import Route

from server.http.endpoint import Call, Endpoint, Handler
from server.pages import about, sending
from server.pages.about import home, words_only
from server.pages.catalogue import catalogue
from server.pages.dataset import dataset
from server.pages.entity import EntityPages
from server.pages.follow_up import follow_up
from server.pages.plain import home_page
from server.pages.publisher import publisher, publishers
from server.pages.quality import quality, rule
from server.pages.query import QueryPages
from server.pages.search import search
from server.pages.sending import Maker, Page
from server.pages.shelf import Shelves, has_index
from server.pages.specification import specification, specifications
from server.saved import routes as saved
from server.service import Service

_READ = ("GET", "HEAD")
_PAGES: tuple[tuple[str, str, Maker], ...] = (
    ("/datasets", "catalogue of datasets", catalogue),
    ("/datasets/{name}", "dataset", dataset),
    ("/publishers", "publishers", publishers),
    ("/publishers/{name}", "publisher", publisher),
    ("/specifications", "specifications", specifications),
    ("/specifications/{name}", "specification", specification),
    ("/quality", "quality", quality),
    ("/quality/rules/{number}", "rule", rule),
    ("/follow-up", "follow-up", follow_up),
    ("/search", "search", search),
    ("/about", "about", words_only("about.html")),
    ("/developers", "for developers", words_only("developers.html")),
    ("/portals", "for portals", words_only("portals.html")),
    ("/stewards", "for stewards", words_only("stewards.html")),
    ("/accessibility", "accessibility", words_only("accessibility.html")),
)

PATHS = (*(path for path, _, _ in _PAGES), "/", "/resource", "/queries", "/queries/{name}", "/sparql")
"""Addresses of all pages."""


def thing_page(base: str, iri: str) -> str:
    """The address of the page about a thing."""
    return f"{base}resource?iri={quote(iri, safe='')}"


def routes(service: Service) -> list[Route]:
    """Every page; each is a plain ASGI endpoint."""
    shelves = Shelves()
    handlers: list[tuple[str, str, Handler]] = [
        (path, name, partial(sending.answer, shelves, maker)) for path, name, maker in _PAGES
    ]
    handlers += [
        ("/", "home", partial(_home, shelves)),
        ("/resource", "thing of the graph", EntityPages(shelves).page),
        ("/queries/{name}", "saved query", partial(_query, QueryPages(shelves))),
        ("/queries", "saved queries", partial(_queries, shelves)),
    ]
    return [
        Route(path, Endpoint(service, name, handler, _READ), name=name, include_in_schema=False)
        for path, name, handler in handlers
    ]


async def _home(shelves: Shelves, call: Call) -> None:
    """The first page; that of a release without an index has less on it."""
    if has_index(call.service.current.release):
        await sending.answer(shelves, home, call)
        return
    examples = saved.examples(call.service.queries, call.asked.language)
    await sending.send(call, Page(home_page(call.asked, call.service.current.release.manifest, examples)))


async def _query(pages: QueryPages, call: Call) -> None:
    """A saved query: the page to browsers, the answer to programs."""
    query = call.service.queries.get(call.asked.path.removeprefix("/queries/"))
    if query is None or not _wants_page(call):
        await saved.saved_query(call)
    else:
        await pages.page(call, query)


async def _queries(shelves: Shelves, call: Call) -> None:
    """The list of saved queries: by group to browsers, as JSON to programs."""
    if _wants_page(call):
        await sending.answer(shelves, lambda read: Page(about.queries(read)), call)
    else:
        await saved.catalogue(call)


def _wants_page(call: Call) -> bool:
    named = call.asked.all("format")
    return named == ("html",) or (not named and call.asked.wants_html)
