"""All that can be set about serving, as one frozen value made by the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from loaders.serving import Serving

MEBIBYTE = 1024 * 1024
_OTHER_NAMES: Final = {
    "memory_mib": "memory",
    "in_memory_limit_mib": "in_memory_limit",
    "cache_mib": "cache_bytes",
    "cache_entry_mib": "cache_entry_bytes",
    "check_mib": "check_bytes",
    "check_memory_mib": "check_memory",
}
"""Keys of `[serve]` in MiB, and what they are called here, in bytes."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How a release is served. Sizes are bytes and times seconds unless a line says otherwise."""

    data: Path
    """The folder with `releases/` and `current`."""
    queries: Path | None = None
    """The folder of saved queries that are served beside those of ODIS."""
    host: str = "127.0.0.1"
    port: int = 8000
    """0 takes any free port."""

    contact: str = ""
    """The e-mail that OAI-PMH names as the administrator's; without it the host's webmaster (RFC 2142)."""

    engine: str = ""
    """The SPARQL endpoint of an engine that releases are published to, asked instead of the own store."""
    engine_user: str = ""

    workers: int = 2
    """Fast slots: queries answered at the same time."""
    slow_slots: int = 2
    """Queries that used more than `fast_cpu` seconds of CPU go on in these, outside the fast slots."""
    fast_cpu: float = 0.3
    """CPU seconds after which a query counts as slow."""
    deadline: float = 30.0
    """The longest a query may run; a request may ask for less, never for more."""
    memory: int = 1024 * MEBIBYTE
    """What one worker may allocate on top of the store."""
    in_memory_limit: int = 2048 * MEBIBYTE
    """The release is held in memory when it fits into this with all its workers; 0 stays on disk."""
    queue: int = 200
    """Requests waiting for a worker, all clients together; beyond it 503 at once."""
    client_queue: int = 50
    """Requests of one client waiting for a worker; beyond it 429 at once."""
    queue_wait: float = 10.0
    """The longest a request waits for a worker."""
    client_slow: int = 2
    """Slow queries one client may have running."""

    query_bytes: int = 256 * 1024
    """The longest query text."""
    query_depth: int = 200
    """How deep brackets of a query may nest."""
    query_chain: int = 1000
    """How many operators or clauses of one kind a query may have."""
    merge_limit: int = 500_000
    """Triples that are merged for one query that names several default graphs."""
    row_cap: int | None = None
    """The longest answer in rows (or triples); a longer one is refused or broken off, never shortened."""
    service_hosts: tuple[str, ...] = ()
    """Hosts (`name` or `name:port`) that SERVICE may ask; none by default."""

    cache_bytes: int = 128 * MEBIBYTE
    """What the result cache may hold; 0 turns it off."""
    cache_entry_bytes: int = 16 * MEBIBYTE
    """The largest answer that is kept in the cache, coded; over HTTP/1.0 the longest that is gathered."""
    max_age: int = 0
    """For how many seconds others may reuse an answer without asking (Cache-Control); 0: ask each time."""
    compress_from: int = 1024
    """Answers shorter than this are sent as they are."""
    rate: float = 0.0
    """Requests per second each client may make in the long run; 0 sets no limit."""
    burst: int = 40
    """Requests a client may make at once before `rate` applies."""

    checks: int = 2
    """Documents that are checked at the same time; beyond it 503 at once."""
    check_bytes: int = 20 * MEBIBYTE
    """The largest document that is checked, also after unpacking."""
    check_memory: int = 2048 * MEBIBYTE
    """What the check of one document may allocate."""
    check_seconds: float = 60.0
    """The longest the check of one document may take."""
    fetch_seconds: float = 20.0
    """The longest that fetching a document to check may take."""

    admin_token: str = ""
    """The bearer token of /admin; without one /admin does not exist."""
    log_requests: bool = True
    """Write a line of JSON for each request to standard error."""
    log_queries: bool = False
    """Write query texts into the log, not only their hash."""
    follow_every: float = 0.5
    """How often `current` is looked at."""
    shutdown_grace: float = 10.0
    """How long running answers may go on after the order to stop."""


def default_of(key: str) -> Any:
    """The default of a key of the table `[serve]`, without reading what checks that table."""
    value = getattr(ServerSettings(Path()), _OTHER_NAMES.get(key, key))
    return value // MEBIBYTE if key in _OTHER_NAMES else value


def settings_of(serving: "Serving", data: Path, queries: Path | None = None, **other: Any) -> ServerSettings:
    """The settings that the table `[serve]` means, with `other` ones in place of what it says."""
    said = {
        _OTHER_NAMES.get(key, key): value * MEBIBYTE if key in _OTHER_NAMES else value
        for key, value in serving
    }
    return ServerSettings(**{**said, "data": data, "queries": queries, **other})
