"""Health, metrics, and the operator's list of running queries."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

Serve = Callable[..., AbstractContextManager[str]]
TOKEN = {"Authorization": "Bearer let me in"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def metrics(client: httpx2.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """All samples by name and labels."""
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def wait_for(read: Callable[[], Any]) -> Any:
    """Ask until there is something."""
    end = time.monotonic() + 30
    while not (found := read()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return found


def test_health(client: httpx2.Client) -> None:
    """Alive is one thing, ready to answer queries another."""
    assert client.get("/health/live").json() == {"status": "alive"}
    assert client.get("/health/ready").json()["status"] == "ready"


def test_metrics_count(client: httpx2.Client) -> None:
    """Requests by route and status, how they ended, the cache, the pool, the release."""
    answered = ("odis_requests_total", frozenset({("route", "sparql"), ("method", "GET"), ("status", "200")}))
    refused = ("odis_outcomes_total", frozenset({("route", "sparql"), ("outcome", "syntax")}))
    before = metrics(client)
    client.get("/sparql", params={"query": "ASK {}"})
    client.get("/sparql", params={"query": "ASK {"})
    after = metrics(client)
    assert after[answered] == before.get(answered, 0) + 1
    assert after[refused] == before.get(refused, 0) + 1
    assert after["odis_release_triples", frozenset()] == 9000
    for name in ("odis_cache_bytes", "odis_pool_waiting_queries", "odis_pool_idle_workers"):
        assert (name, frozenset()) in after


def test_methods_that_do_not_exist_make_no_metrics(client: httpx2.Client) -> None:
    """A label may not take whatever a client sends."""
    client.request("PATCH", "/sparql")
    assert not any(("method", "PATCH") in labels for _, labels in metrics(client))


def test_a_running_query_is_listed_and_stopped(server: str, client: httpx2.Client) -> None:
    """Its client is told that the operator did it."""
    answers: list[httpx2.Response] = []

    def ask() -> None:
        answers.append(httpx2.get(f"{server}/sparql", params={"query": ENDLESS}, timeout=60))

    thread = threading.Thread(target=ask)
    thread.start()
    found = wait_for(lambda: client.get("/admin/queries", headers=TOKEN).json()["queries"])
    assert found[0]["text"] == ENDLESS
    assert "127.0.0.1" not in str(found)
    assert client.delete(f"/admin/queries/{found[0]['number']}", headers=TOKEN).status_code == 200
    thread.join(30)
    assert answers[0].status_code == 503
    assert answers[0].json()["type"].endswith("/stopped")
    assert client.delete(f"/admin/queries/{found[0]['number']}", headers=TOKEN).status_code == 404


def test_a_client_that_leaves_stops_its_query(server: str, client: httpx2.Client) -> None:
    """Nobody waits for the answer: no worker goes on."""
    with pytest.raises(httpx2.TimeoutException):
        httpx2.get(f"{server}/sparql", params={"query": ENDLESS + " # left"}, timeout=0.7)
    wait_for(lambda: not client.get("/admin/queries", headers=TOKEN).json()["queries"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic let me in"])
def test_the_operator_has_a_token(client: httpx2.Client, header: str) -> None:
    """401 without it."""
    response = client.get("/admin/queries", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_without_a_token_there_is_no_admin(data: Path, serve: Serve) -> None:
    """The default: 404, whatever is sent."""
    with serve(data) as address:
        assert httpx2.get(f"{address}/admin/queries", headers={"Authorization": "Bearer"}).status_code == 404


def test_a_rate_limit(data: Path, serve: Serve) -> None:
    """A burst is answered, then 429 says how long to wait."""
    with serve(data, rate=0.5, burst=3) as address:
        answers = [httpx2.get(f"{address}/sparql", params={"query": "ASK {}"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) in (1, 2)
    assert answers[-1].json()["type"].endswith("/rate")


def test_a_full_queue_is_told_at_once(data: Path, serve: Serve) -> None:
    """429 or 503 with Retry-After, while those who wait are answered in the end."""
    with serve(data, workers=1, slow_slots=1, client_queue=2, queue=2, fast_cpu=5.0, deadline=1.0) as address:
        statuses: list[httpx2.Response] = []

        def ask(number: int) -> None:
            query = {"query": f"{ENDLESS} # {number}"}
            statuses.append(httpx2.get(f"{address}/sparql", params=query, timeout=60))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    refused = [answer for answer in statuses if answer.status_code in (429, 503)]
    assert refused
    assert all("retry-after" in answer.headers for answer in refused)
    assert {answer.status_code for answer in statuses} <= {429, 503, 504}
