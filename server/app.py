"""The application: every route in one list, over a service that is handed in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from server import operator, used
from server.agents.routes import Agents
from server.checking.routes import route as check_route
from server.harvest.holder import ViewsHolder
from server.harvest.routes import routes as harvest_routes
from server.http import problems
from server.http.endpoint import Endpoint, Handler
from server.http.problems import Problem
from server.http.request import bare
from server.http.words import Words
from server.pages import FOLDER, SECURITY, problem_page
from server.pages.routes import routes as page_routes
from server.pages.routes import thing_page
from server.saved import openapi
from server.saved import routes as saved
from server.service import Service
from server.sparql import graphstore, protocol
from server.sparql.completion import completion


class _Application(FastAPI):
    """FastAPI with a way past its layers for the path with the traffic: they cost as much as a look-up."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.direct: dict[str, Endpoint] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self.direct.get(scope["path"]) if scope["type"] == "http" else None
        await (endpoint(scope, receive, send) if endpoint else super().__call__(scope, receive, send))


def create_app(service: Service) -> FastAPI:
    """The application over a service; its lifespan starts and ends the workers, unless they run already."""

    views = ViewsHolder(lambda: service.current.release, thing_page)
    agents = Agents(service)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(views.close)
            stack.push_async_callback(service.usage.close)
            stack.push_async_callback(agents.close)
            if not service.current.started:
                await service.current.start()
                stack.push_async_callback(service.current.close)
            yield

    app = _Application(title="ODIS", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.direct["/sparql"] = Endpoint(service, "sparql", protocol.sparql, protocol.METHODS)
    # The endpoints with the traffic come first and are plain ASGI: FastAPI would cost more than they do.
    app.router.routes[:0] = [*harvest_routes(service, views), *page_routes(service), *_endpoints(service)]
    app.router.routes += [agents.route(), check_route(service)]
    app.include_router(operator.health(service))
    app.include_router(operator.metrics(service))
    app.include_router(operator.admin(service))
    app.router.routes.append(Mount("/static", GZipMiddleware(StaticFiles(directory=FOLDER / "static"))))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


def _endpoints(service: Service) -> list[Route]:
    def route(path: str, name: str, handler: Handler, methods: tuple[str, ...] = ("GET", "HEAD")) -> Route:
        return Route(path, Endpoint(service, name, handler, methods), name=name, include_in_schema=False)

    return [
        route("/sparql", "sparql", protocol.sparql, protocol.METHODS),
        route("/sparql/completion.json", "completion", completion),
        route("/queries/{name}", "saved query", saved.saved_query),
        route("/queries", "saved queries", saved.catalogue),
        route("/graphs", "graph store", graphstore.graph_store),
        route("/graph/{name:path}", "graph", graphstore.direct_graph),
        route("/.well-known/void", "void", graphstore.void),
        route(openapi.ADDRESS, "description of the API", openapi.described),
        route("/usage.json", "use", used.usage),
    ]


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 -- registered for it alone
    return _told(request, error)


async def _http(request: Request, error: Exception) -> Response:
    """What Starlette refuses: an unknown path, or a method that a route does not have."""
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for it alone
    sort = problems.METHOD if error.status_code == 405 else problems.NOT_FOUND
    detail = Words(f"{request.url.path} ({error.status_code}).", f"{request.url.path} ({error.status_code}).")
    return _told(request, Problem(sort, detail, headers=error.headers))


async def _invalid(request: Request, error: Exception) -> Response:
    detail = Words("En parameter har fel form.", "A parameter has the wrong form.")
    return _told(request, Problem(problems.BAD_REQUEST, detail))


def _told(request: Request, problem: Problem) -> Response:
    asked = bare(request.scope)
    headers = {"Vary": "Accept, Accept-Language", **problem.headers}
    if asked.wants_html:
        return Response(problem_page(problem, asked), problem.sort.status, {**headers, **SECURITY})
    body = problem.to_json(asked.language)
    return Response(body, problem.sort.status, headers, media_type=problems.MEDIA_TYPE)
