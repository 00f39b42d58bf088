"""/mcp: the tools over HTTP, each request by itself; they are loaded when the first agent comes."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.routing import Route

from server.http import problems
from server.http.endpoint import tell
from server.http.problems import Problem
from server.http.reply import Reply
from server.http.request import Asked, Message, Receive, Scope, Send, bare
from server.http.watch import Gone, Watch
from server.http.words import Words
from server.observe import Exchange
from server.service import Service

ADDRESS: Final = "/mcp"
LARGEST: Final = 1024 * 1024
"""Bytes of a request."""
METHODS: Final = ("POST", "OPTIONS")
"""No streams to GET and no sessions to DELETE: the specification lets a server answer 405 to both."""
_ALLOWED_HEADERS: Final = "Accept, Content-Type, MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Agents:
    """The ASGI application; `close` ends it in the task that began it, as the SDK wants."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._starting = asyncio.Lock()
        self._app: Application | None = None
        self._running: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    def route(self) -> Route:
        """The route of the application."""
        return Route(ADDRESS, self, name="agents", include_in_schema=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, counted and held to the rate like any other."""
        asked = bare(scope)
        exchange = Exchange("agents", asked.method if asked.method in METHODS else "other", asked.client)
        reply = Reply(send, exchange)
        try:
            self._admit(asked)
            if asked.method == "OPTIONS":
                await reply.whole(204, _options())
                return
            body = await _body(receive)
            app = await self._started()
            with Watch(receive):
                await app(scope, _replay(body), _counting(send, exchange))
        except Problem as problem:
            exchange.outcome = problem.sort.name
            await tell(reply, asked, problem)
        except Gone:
            exchange.outcome = "gone"
        finally:
            self._service.observer.finish(exchange)

    def _admit(self, asked: Asked) -> None:
        """Refuse a method that is not used here, a page of another site, and a client that asks too often."""
        if asked.method not in METHODS:
            detail = Words(f"{asked.method} används inte här.", f"{asked.method} is not used here.")
            raise Problem(problems.METHOD, detail, headers={"Allow": ", ".join(METHODS)})
        origin = asked.headers.get("origin", "")
        if origin and not _trusted(origin, self._service.current.release.manifest.base):
            raise Problem(
                problems.ORIGIN,
                Words(f"Sidor från {origin[:100]} får inte.", f"Pages of {origin[:100]} may not."),
            )
        if wait := self._service.limiter.wait(asked.client):
            raise Problem(problems.RATE, Words(f"Vänta {wait} s.", f"Wait {wait} s."), retry_after=wait)

    async def _started(self) -> Application:
        async with self._starting:
            if self._app is None:
                # The SDK takes most of a second to load: not before it is needed, and beside the event loop.
                manager = await asyncio.to_thread(_manager, self._service)
                ready = asyncio.Event()
                self._running = asyncio.create_task(self._run(manager, ready))
                await ready.wait()
                self._app = manager.handle_request
            return self._app

    async def _run(self, manager: Any, ready: asyncio.Event) -> None:
        async with manager.run():
            ready.set()
            await self._end.wait()

    async def close(self) -> None:
        """End what was started."""
        self._end.set()
        if self._running is not None:
            await self._running


def _manager(service: Service) -> Any:
    """What answers requests of the protocol; without sessions, so that nothing is kept between them."""
    server = import_module("server.agents.tools").make_server(service)
    managers = import_module("mcp.server.streamable_http_manager")
    return managers.StreamableHTTPSessionManager(
        server, stateless=True, json_response=True, max_request_body_size=LARGEST
    )


def _trusted(origin: str, base: str) -> bool:
    """Whether a page of this origin may ask: one of our own, or of the machine of the person before it.

    MCP (Transports, security warning) demands it, so that no site can reach a server on that machine by
    pointing its own name at it. Programs send no Origin.
    """
    try:
        asking, own = urlsplit(origin), urlsplit(base)
    except ValueError:
        return False
    if asking.scheme not in ("http", "https"):
        return False
    return asking.hostname in _LOOPBACK or (asking.scheme, asking.netloc) == (own.scheme, own.netloc)


async def _body(receive: Receive) -> bytes:
    """The whole body of a request; raises Problem when it is too long, Gone when it breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > LARGEST:
            detail = Words(f"Högst {LARGEST} byte.", f"At most {LARGEST} bytes.")
            raise Problem(problems.BAD_REQUEST, detail)
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    """Gives a body that was read, and then nothing: whether the client has gone is watched elsewhere."""
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    return receive


def _options() -> dict[str, str]:
    allowed = ", ".join(METHODS)
    return {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
    }


def _counting(send: Send, exchange: Exchange) -> Send:
    """Sends on, notes status and size, and lets pages read: which ones may ask was settled before."""

    async def counting(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"access-control-allow-origin", b"*")]
        else:
            exchange.sent += len(message.get("body", b""))
        await send(message)

    return counting
