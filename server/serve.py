"""Runs the application with uvicorn until it is told to stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec

import uvicorn

from ontology.errors import ConfigError
from server.observe import log_to_stderr
from server.service import Service
from server.settings import ServerSettings

BACKLOG = 2048
KEEP_ALIVE = 30  # seconds an idle connection stays open


def serve(settings: ServerSettings, announce: Callable[[str], None] = print) -> None:
    """Serve the current release until SIGTERM or SIGINT; `announce` is told the address when all is ready.

    Raises ReleaseError when there is no release, ConfigError when the address cannot be used, and Failure
    when no worker comes up.
    """
    service = Service.open(settings)
    listener = _listen(settings.host, settings.port)
    _allow_connections()
    _log(requests=settings.log_requests)
    with listener, _orders() as order, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(service, listener, announce, order))


async def _run(
    service: Service, listener: socket.socket, announce: Callable[[str], None], order: "_Order"
) -> None:
    # The workers start before uvicorn, so that what fails here is one clear line. Meanwhile the application
    # is loaded, which takes about as long, so that the first answer comes sooner.
    loading = asyncio.create_task(asyncio.to_thread(_config, service))
    await service.current.start()
    try:
        order.server = server = uvicorn.Server(await loading)
        if not order.given:
            announce(_address(listener))
            await server.serve(sockets=[listener])
    finally:
        await service.current.close()


def _config(service: Service) -> uvicorn.Config:
    from server.app import create_app

    bounded = "server.http.wire:BoundedHttp" if find_spec("httptools") else "auto"
    return uvicorn.Config(
        create_app(service),
        http=bounded,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=int(service.settings.shutdown_grace),
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}: {error.strerror or error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ConfigError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port"
        ) from error
    return listener


def _allow_connections() -> None:
    """Have as many descriptors as this process may: the usual 1,024 are few for idle connections."""
    if find_spec("resource"):  # not on Windows
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError):  # macOS names no limit, and then allows less
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if find_spec("uvloop"):
        import uvloop

        return uvloop.new_event_loop
    return None


@dataclass(slots=True)
class _Order:
    """Whether the order to stop was given, and the server that has to follow it."""

    given: bool = False
    server: uvicorn.Server | None = None

    def give(self, number: int, frame: object) -> None:
        """Handle a signal; while uvicorn runs, it has handlers of its own."""
        self.given = True
        if self.server is not None:
            self.server.should_exit = True


@contextmanager
def _orders() -> Iterator[_Order]:
    """Signals that come before uvicorn listens to them, or again after it has ended, are orders to stop too.

    uvicorn sends itself the signal again that ended it; by then everything is closed in good order.
    """
    order = _Order()
    kept = {number: signal.signal(number, order.give) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield order
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _log(*, requests: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_not_about_breaking_off)
    if requests:
        log_to_stderr()


def _not_about_breaking_off(record: logging.LogRecord) -> bool:
    """Whether to log a record of uvicorn: answers are broken off on purpose, and counted by the observer."""
    return "returned without completing response" not in record.getMessage()
