"""A real web server on loopback whose answers a test decides, request by request."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What the server sends."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """A Content-Length that is a lie."""


@dataclass
class Asked:
    """What was asked for."""

    path: str
    headers: dict[str, str]


class Site:
    """The server: `answers` maps a path to what is sent, in turn; the last one stays.

    A path stands with its query, or without for all queries.
    """

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.answers: dict[str, list[Answer] | Callable[[Asked], Answer]] = {}
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answer:
        """The next answer for a request."""
        self.asked.append(asked)
        known = self.answers.get(asked.path) or self.answers.get(asked.path.partition("?")[0], [Answer(404)])
        if callable(known):
            return known(asked)
        return known.pop(0) if len(known) > 1 else known[0]


@contextmanager
def site() -> Iterator[Site]:
    """Run a server while the block lasts."""
    holder: list[Site] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with suppress(ConnectionError):  # the one who asked may be gone
                self._answer()

        def _answer(self) -> None:
            answer = holder[0].answer(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header(
                "Content-Length", str(len(answer.body) if answer.length is None else answer.length)
            )
            self.end_headers()
            self.wfile.write(answer.body)
            if answer.length is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    holder.append(Site(server.server_address[1]))
    try:
        yield holder[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
