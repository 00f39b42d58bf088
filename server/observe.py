"""What the operator can see: metrics for Prometheus, one log line for each request, and Server-Timing.

No line and no metric holds a client's address or, unless it is asked for, the text of a query.
"""

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

LOG = logging.getLogger("odis.requests")
_encode = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one for each line
SECONDS = (0.001, 0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(slots=True)
class Exchange:
    """What is noted about one request while it is answered; `outcome` is "ok" or what happened instead."""

    route: str
    method: str
    client: str = ""
    status: int = 0
    outcome: str = "ok"
    digest: str = ""
    text: str = ""
    kind: str = ""
    media_type: str = ""
    cache: str = ""
    release: str = ""
    sent: int = 0
    cpu: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str, since: float) -> float:
        """Note how long a step took, for Server-Timing; gives the present moment."""
        now = time.perf_counter()
        self.marks[name] = now - since
        return now

    def timing(self) -> str:
        """The value of Server-Timing (W3C): milliseconds for each step, and what the cache had."""
        parts = [f"{name};dur={seconds * 1000:.2f}" for name, seconds in self.marks.items()]
        if self.cache:
            parts.append(f"cache;desc={self.cache}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Counts:
    """The metrics that one sort of request moves."""

    requests: Counter
    outcomes: Counter
    seconds: Histogram
    sent: Counter


class Observer:
    """Counts and logs requests; `gauges` gives present values by name when Prometheus asks."""

    def __init__(self, gauges: Callable[[], Mapping[str, float]], *, log_queries: bool = False) -> None:
        self._log_queries = log_queries
        self._counts: dict[tuple[str, str, int, str], _Counts] = {}
        self._salt = secrets.token_bytes(16)
        self.registry = CollectorRegistry()
        self.registry.register(_Gauges(gauges))
        self._requests = Counter(
            "odis_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._outcomes = Counter(
            "odis_outcomes",
            "How requests ended: ok, or the name of the problem; broken and gone ended midway.",
            ["route", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "odis_request_seconds",
            "From the request to the end of the answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._cpu = Counter("odis_query_cpu_seconds", "CPU of workers.", registry=self.registry)
        self._sent = Counter("odis_sent_bytes", "Bytes of bodies sent.", ["route"], registry=self.registry)

    def client(self, key: str) -> str:
        """A client in the log and in lists: a hash that cannot be traced back after the process has ended."""
        return hashlib.blake2b(key.encode(), key=self._salt, digest_size=6).hexdigest()

    def finish(self, exchange: Exchange) -> None:
        """Count and log a request that is over."""
        seconds = time.perf_counter() - exchange.started
        key = exchange.route, exchange.method, exchange.status, exchange.outcome
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = self._children(exchange)
        counts.requests.inc()
        counts.outcomes.inc()
        counts.seconds.observe(seconds)
        counts.sent.inc(exchange.sent)
        self._cpu.inc(exchange.cpu)
        if LOG.isEnabledFor(logging.INFO):
            LOG.info(_encode(self._line(exchange, seconds)))

    def _children(self, exchange: Exchange) -> "_Counts":
        """The metrics of requests that are alike; to find them by label costs more than to count."""
        return _Counts(
            self._requests.labels(exchange.route, exchange.method, exchange.status),
            self._outcomes.labels(exchange.route, exchange.outcome),
            self._seconds.labels(exchange.route),
            self._sent.labels(exchange.route),
        )

    def _line(self, exchange: Exchange, seconds: float) -> dict[str, object]:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "route": exchange.route,
            "method": exchange.method,
            "status": exchange.status,
            "outcome": exchange.outcome,
            "ms": round(seconds * 1000, 2),
            "cpu_ms": round(exchange.cpu * 1000, 2),
            "bytes": exchange.sent,
            "client": self.client(exchange.client),
        }
        more = {
            "query": exchange.digest[:16],
            "kind": exchange.kind,
            "format": exchange.media_type,
            "cache": exchange.cache,
            "release": exchange.release,
            "text": exchange.text if self._log_queries else "",
        }
        return line | {name: value for name, value in more.items() if value}

    def metrics(self) -> bytes:
        """All metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """Present values, read when they are asked for."""

    def __init__(self, read: Callable[[], Mapping[str, float]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        for name, value in self._read().items():
            yield GaugeMetricFamily(f"odis_{name}", name.replace("_", " ").capitalize() + ".", value=value)


def log_to_stderr() -> None:
    """Send the request log, one JSON object a line, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
