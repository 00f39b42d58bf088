"""SERVICE goes nowhere but to listed hosts at public addresses."""

import asyncio
from collections.abc import Collection, Sequence

import pytest

from server.http.problems import Problem
from server.sparql.federation import Federation

PUBLIC = ["193.0.0.1", "2a00:1450::1"]


def admit(service: str, addresses: Sequence[str], hosts: Collection[str] = ("query.wikidata.org",)) -> None:
    """Judge one service whose host has the given addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if not addresses:
            raise OSError("no such host")
        return addresses

    asyncio.run(Federation(hosts, resolve).admit([service]))


def test_a_listed_host_at_a_public_address_may_be_asked() -> None:
    """By name, whatever the case; with or without its port."""
    admit("https://Query.Wikidata.org/sparql", PUBLIC)
    admit("http://a.example:8890/sparql", PUBLIC, ["a.example:8890"])


@pytest.mark.parametrize(
    "service",
    [
        "https://other.example/sparql",
        "https://query.wikidata.org.evil.example/",
        "https://query.wikidata.org@evil.example/",
        "file:///etc/passwd",
        "ftp://query.wikidata.org/",
        "urn:x",
        "http://query.wikidata.org:port/",
        "http://[query.wikidata.org/",
        "https:///sparql",
    ],
)
def test_other_hosts_are_refused(service: str) -> None:
    """Also those that only look like a listed one."""
    with pytest.raises(Problem, match="not on the list"):
        admit(service, PUBLIC)


def test_the_default_is_nowhere() -> None:
    """No list, no SERVICE."""
    with pytest.raises(Problem):
        admit("https://query.wikidata.org/sparql", PUBLIC, [])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "2001:db8::1", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_internal_addresses_are_refused(address: str) -> None:
    """One internal address among public ones is enough: the engine might pick it."""
    with pytest.raises(Problem, match="internal network"):
        admit("https://query.wikidata.org/sparql", [PUBLIC[0], address])


def test_a_host_without_address_is_refused() -> None:
    """The reason is told."""
    with pytest.raises(Problem, match="no address"):
        admit("https://query.wikidata.org/sparql", [])
