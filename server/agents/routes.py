"""/mcp: the tools over HTTP, one request at a time; they are loaded when the first agent comes."""

import asyncio
from importlib import import_module
from typing import Any, Final

from starlette.routing import Route

from server.http import problems
from server.http.endpoint import tell
from server.http.problems import Problem
from server.http.reply import Reply
from server.http.request import Message, Receive, Scope, Send, bare
from server.http.words import Words
from server.observe import Exchange
from server.service import Service

ADDRESS: Final = "/mcp"
LARGEST: Final = 1024 * 1024
"""Bytes of a request."""
METHODS: Final = ("GET", "POST", "DELETE", "OPTIONS")
_ALLOWED_HEADERS = "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Session-Id"
_FOR_PAGES = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Mcp-Session-Id, Retry-After"),
)


class Agents:
    """The ASGI application; `close` ends it in the task that began it, as the SDK wants."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._starting = asyncio.Lock()
        self._app: Any = None
        self._running: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    def route(self) -> Route:
        """The route of the application."""
        return Route(ADDRESS, self, name="agents", include_in_schema=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, counted and held to the rate like any other."""
        asked = bare(scope)
        method = asked.method if asked.method in METHODS else "other"
        exchange = Exchange("agents", method, asked.client)
        reply = Reply(send, exchange)
        try:
            if method == "OPTIONS":
                await reply.whole(204, _options())
            elif wait := self._service.limiter.wait(asked.client):
                detail = Words(f"Vänta {wait} s.", f"Wait {wait} s.")
                await tell(reply, asked, Problem(problems.RATE, detail, retry_after=wait))
            else:
                app = await self._started()
                await app(scope, receive, _counting(send, exchange))
        finally:
            self._service.observer.finish(exchange)

    async def _started(self) -> Any:
        async with self._starting:
            if self._app is None:
                # The SDK takes most of a second to load: not before it is needed, and beside the event loop.
                tools = await asyncio.to_thread(import_module, "server.agents.tools")
                server = await asyncio.to_thread(tools.make_server, self._service)
                self._app = server.streamable_http_app(
                    streamable_http_path=ADDRESS,
                    stateless_http=True,
                    json_response=True,
                    max_request_body_size=LARGEST,
                    host="",  # any name: everything here is public, so no page can learn more by a trick
                )
                ready = asyncio.Event()
                self._running = asyncio.create_task(self._run(server.session_manager, ready))
                await ready.wait()
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


def _options() -> dict[str, str]:
    allowed = ", ".join(METHODS)
    return {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
    }


def _counting(send: Send, exchange: Exchange) -> Send:
    """Sends on, notes status and size, and lets pages of any origin read."""

    async def counting(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *_FOR_PAGES]
        else:
            exchange.sent += len(message.get("body", b""))
        await send(message)

    return counting
