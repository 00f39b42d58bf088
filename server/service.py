"""What every endpoint shares: settings, the served release with its pool, gate, cache, observer."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

from loaders.releases.release import Release
from loaders.releases.release import current as current_release
from ontology import PREFIXES
from ontology.errors import QueryError
from queries.saved import SavedQuery, load_all
from server.current import Current
from server.http.limiter import RateLimiter
from server.observe import Observer
from server.settings import ServerSettings
from server.sparql.cache import ResultCache
from server.sparql.federation import Federation, Resolve
from server.sparql.gate import Gate
from server.usage import Usage
from server.workers.pool import Pool

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one running server; `prefixes` are those that Turtle answers may use."""

    settings: ServerSettings
    current: Current
    gate: Gate
    federation: Federation
    cache: ResultCache
    limiter: RateLimiter
    observer: Observer
    queries: Mapping[str, SavedQuery]
    usage: Usage
    prefixes: Mapping[str, str] = field(default_factory=lambda: PREFIXES)

    @classmethod
    def open(cls, settings: ServerSettings, resolve: Resolve | None = None) -> Self:
        """Put a service together over the current release; raises ReleaseError when there is none."""
        cache = ResultCache(settings.cache_bytes, settings.cache_entry_bytes)

        def forget(release: Release) -> None:
            cache.keep_only(release.id)

        current = Current(
            settings.data,
            lambda release: Pool(release, settings),
            settings.follow_every,
            changed=forget,
            choose=_choice(settings),
        )
        faults: list[QueryError] = []
        queries = load_all(settings.queries, faults)
        for fault in faults:
            LOG.warning("a saved query is left out: %s", fault)
        return cls(
            settings=settings,
            current=current,
            gate=Gate(settings),
            federation=Federation(settings.service_hosts, resolve),
            cache=cache,
            limiter=RateLimiter(settings.rate, settings.burst),
            queries=queries,
            usage=Usage(settings.data, lambda: current.release, queries),
            observer=Observer(lambda: gauges(current, cache), log_queries=settings.log_queries),
        )


def _choice(settings: ServerSettings) -> Callable[[Path], Release]:
    """Says which release is to be served: the current one, or what an engine has of it."""
    if not settings.engine:
        return current_release
    from loaders.engines.client import Engine
    from loaders.engines.publish import readable

    return partial(readable, engine=Engine(settings.engine, user=settings.engine_user))


def gauges(current: Current, cache: ResultCache) -> dict[str, float]:
    """Present values of pool, cache and release, for /metrics."""
    state = current.pool.state()
    manifest = current.release.manifest
    values = {
        "release_triples": manifest.triples,
        "release_quads": manifest.quads,
        "release_verified": current.verified,
        "pool_available": state.available,
        "pool_in_memory": state.in_memory,
        "pool_idle_workers": state.idle,
        "pool_fast_queries": state.fast,
        "pool_slow_queries": state.slow,
        "pool_waiting_queries": state.waiting,
        "pool_answered_queries": state.answered,
        "pool_spawned_workers": state.spawned,
        "cache_bytes": cache.size,
        "cache_entries": len(cache),
        "cache_hits": cache.hits,
        "cache_misses": cache.misses,
    }
    return {name: float(value) for name, value in values.items()}
