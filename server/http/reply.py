"""Sends one HTTP answer over ASGI, whole or part by part, and notes what was sent."""

from collections.abc import Mapping

from server.http.request import Send
from server.observe import Exchange

EXPOSED = "ETag, Link, ODIS-Release, ODIS-Row-Cap, Retry-After, Server-Timing, Content-Disposition"
ALWAYS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
)
"""Any page may read any answer, and never with credentials: there are none."""


class Reply:
    """The answer to one request; `started` tells whether its status is already sent."""

    __slots__ = ("_exchange", "_send", "started")

    def __init__(self, send: Send, exchange: Exchange) -> None:
        self._send = send
        self._exchange = exchange
        self.started = False

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send an answer that is complete; without a body no length is told (RFC 9110, 8.6)."""
        fields = dict(headers)
        if body or status not in (204, 304):
            fields["Content-Length"] = str(len(body))
        await self.begin(status, fields)
        self._exchange.sent += len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers of an answer that follows in parts."""
        self.started = True
        self._exchange.status = status
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": [*fields, *ALWAYS]})

    async def part(self, data: bytes) -> None:
        """Send a part; waits while the client reads more slowly than we write."""
        self._exchange.sent += len(data)
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """Send the last part. An answer that is not ended is recognisably broken off."""
        self._exchange.sent += len(data)
        await self._send({"type": "http.response.body", "body": data, "more_body": False})
