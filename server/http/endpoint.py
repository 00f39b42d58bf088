"""The frame around every plain ASGI endpoint: reads the request, tells problems, breaks off, counts."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from server.http import problems
from server.http.problems import Problem
from server.http.reply import Reply
from server.http.request import FORM, QUERY, Asked, Receive, Scope, Send, bare, read, read_address
from server.http.watch import Gone
from server.http.words import Words
from server.observe import Exchange
from server.pages import problem_page
from server.service import Service

PREFLIGHT_AGE = 86400  # seconds a browser may remember what is allowed
HEADERS_ALLOWED = "Accept, Accept-Language, Content-Type, If-None-Match"


class Broken(Exception):  # noqa: N818 -- nothing more can be told: the status is long sent
    """A long answer failed midway; `cause` says why. The connection is closed without a proper end."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Call:
    """One request being answered."""

    service: Service
    asked: Asked
    receive: Receive
    reply: Reply
    exchange: Exchange


Handler = Callable[[Call], Awaitable[None]]


class Endpoint:
    """An ASGI application for one route; `handler` answers, or raises Problem, Broken or Gone."""

    def __init__(
        self,
        service: Service,
        route: str,
        handler: Handler,
        methods: Collection[str],
        *,
        body: bool = True,
    ) -> None:
        """Without `body` the handler reads the body of a request itself."""
        self._body = body
        self._service = service
        self._route = route
        self._handler = handler
        self._methods = (*methods, "OPTIONS")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        asked = bare(scope)
        method = asked.method if asked.method in self._methods else "other"
        exchange = Exchange(self._route, method, asked.client)
        reply = Reply(send, exchange)
        try:
            if method == "OPTIONS":
                await reply.whole(204, self._options())
                return
            self._admit(asked)
            if self._body:
                asked = await read(asked, scope, receive, self._service.settings)
            else:
                asked = read_address(asked, scope)
            exchange.mark("read", exchange.started)
            await self._handler(Call(self._service, asked, receive, reply, exchange))
        except Problem as problem:
            exchange.outcome = problem.sort.name
            await tell(reply, asked, problem)
        except Broken as broken:
            # Returning without the last part makes the server close the connection without the closing
            # chunk: every client sees that the answer is cut off, in every format.
            exchange.outcome = f"broken by {broken.cause}"
        except Gone:
            exchange.outcome = "gone"
        finally:
            self._service.observer.finish(exchange)
            self._service.usage.note(exchange, asked)

    def _admit(self, asked: Asked) -> None:
        """Refuse a method that is not used here, and a client that asks too often."""
        if asked.method not in self._methods:
            raise Problem(
                problems.METHOD,
                Words(f"{asked.method} används inte här.", f"{asked.method} is not used here."),
                headers={"Allow": ", ".join(self._methods)},
            )
        wait = self._service.limiter.wait(asked.client)
        if wait:
            raise Problem(problems.RATE, Words(f"Vänta {wait} s.", f"Wait {wait} s."), retry_after=wait)

    def _options(self) -> dict[str, str]:
        allowed = ", ".join(self._methods)
        return {
            "Allow": allowed,
            "Accept-Query": f"{QUERY}, {FORM}",
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": HEADERS_ALLOWED,
            "Access-Control-Max-Age": str(PREFLIGHT_AGE),
        }


async def tell(reply: Reply, asked: Asked, problem: Problem) -> None:
    """Send a problem: to browsers as a page, to programs as problem details."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", **problem.headers}
    headers["Content-Language"] = asked.language
    if asked.wants_html:
        headers["Content-Type"] = "text/html; charset=utf-8"
        body = problem_page(problem, asked)
    else:
        headers["Content-Type"] = problems.MEDIA_TYPE
        body = problem.to_json(asked.language)
    await reply.whole(problem.sort.status, headers, body)
