"""The way out to the network: only to public addresses, unless a source is allowed more.

Whoever can change a catalogue's address, or answers there with a redirect, must not make the build ask the
private network it runs in. The address is checked where the connection is made, after the name was resolved,
so a name that changes its answer in between gains nothing.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable

import httpcore2
import httpx2

from ontology.errors import SourceError


class GuardedTransport(httpx2.HTTPTransport):
    """Like httpx2's own transport, but it connects to public addresses only."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)
        self._pool = httpcore2.ConnectionPool(ssl_context=context, network_backend=_Public())


class _Public(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in public_addresses(host, port):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class AsyncGuardedTransport(httpx2.AsyncHTTPTransport):
    """The same for asynchronous clients."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context, network_backend=_AsyncPublic(), max_connections=100
        )


class _AsyncPublic(httpcore2.AnyIOBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in await asyncio.to_thread(public_addresses, host, port):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


def public_addresses(host: str, port: int) -> list[str]:
    """Resolve a host to its addresses; SourceError when any of them is not public."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except socket.gaierror as error:
        raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
    for address in found:
        if not _is_public(address):
            raise SourceError(
                f"{host} lies in a private network ({address}), which sources must not reach; "
                "if that is meant, set private = true for this source"
            )
    return list(dict.fromkeys(found))


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None) or parsed
    return inner.is_global and not inner.is_multicast
