"""Which other services a query may ask with SERVICE: hosts on a list, and only at public addresses."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Collection, Sequence
from urllib.parse import urlsplit

from server.http.problems import FEDERATION, Problem
from server.http.words import Words

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host name; the port is that of the request."""


class Federation:
    """The hosts (`name` or `name:port`) that SERVICE may ask; `resolve` looks up their addresses."""

    def __init__(self, hosts: Collection[str], resolve: Resolve | None = None) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._resolve = resolve or _addresses

    async def admit(self, services: Sequence[str]) -> None:
        """Check every address that a query asks; raises Problem for the first that is refused."""
        for address in services:
            host, port = _place(address)
            if host not in self._hosts and f"{host}:{port}" not in self._hosts:
                raise _refused_service(address, _NOT_LISTED)
            try:
                found = await self._resolve(host, port)
            except OSError:
                found = ()
            if not found:
                raise _refused_service(address, _NOT_FOUND)
            if not all(map(_public, found)):
                raise _refused_service(address, _PRIVATE)


def _place(address: str) -> tuple[str, int]:
    """Host and port of an http(s) address; an empty host, which is never listed, for anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0  # a port that is no number, or half a bracket
    return (parts.hostname or "" if parts.scheme in ("http", "https") else ""), port


_NOT_LISTED = Words("värden står inte på listan över tillåtna", "the host is not on the list of allowed ones")
_NOT_FOUND = Words("värden finns inte i namntjänsten", "the host has no address")
_PRIVATE = Words("värden har en adress i ett internt nät", "the host has an address in an internal network")


def _refused_service(address: str, reason: Words) -> Problem:
    detail = Words(f"SERVICE <{address}>: {reason.sv}.", f"SERVICE <{address}>: {reason.en}.")
    return Problem(FEDERATION, detail, members={"service": address})


def _public(address: str) -> bool:
    """Whether an address can be reached by everyone: neither loopback, private, link-local nor multicast."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = _embedded(parsed)
        if inner is not None and not _public(str(inner)):
            return False
    return parsed.is_global and not parsed.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that traffic to an IPv6 address ends at: mapped, 6to4, Teredo or NAT64 (RFC 6052)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


async def _addresses(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port)
    return [str(address[0]) for *_, address in found]
