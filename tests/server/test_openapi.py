"""The description of the API is valid, whole, and true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from starlette.routing import Mount, Route

from queries.saved import load
from server.app import create_app
from server.http.words import Language
from server.saved.openapi import document
from server.service import Service
from server.settings import ServerSettings
from tests.server.live import serving

QUERIES = load()
BOUNDED = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ASKED = ("bathing-places-near", "datasets-with-words", "events-between", "keywords", "places-near", "graphs")
"""Queries with every kind of parameter."""
NOT_DESCRIBED = re.compile(
    r"/(queries/\{name\}|graph/.*|admin/.*|mcp|static|resource|\.well-known/genid/.*|robots\.txt"
    r"|sitemap-\{number\}\.xml|feed(\.|/).*|api/action/.*)?"
    r"|/(datasets|publishers|specifications)(/\{name\})?|/quality(/.*)?"
    r"|/(follow-up|hvd|about|developers|portals|stewards|accessibility|mcp/)"
)
"""Pages for people, forms of an address that is described, and what is for the operator alone."""
WITH_PAGES = {"/search"}
"""What the pages for people bring along."""


@pytest.fixture(scope="module")
def server(sample_region: Path) -> Iterator[str]:
    """A server over the sample region."""
    with serving(ServerSettings(sample_region / "var", in_memory_limit=0, log_requests=False)) as address:
        yield address


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_is_valid(language: Language) -> None:
    """OpenAPI 3.1 in both languages, with a path for each saved query and one name for each operation."""
    whole = json.loads(json.dumps(document(QUERIES, language, "https://odis.example")))
    validate(whole)
    assert {f"/queries/{name}" for name in QUERIES} < set(whole["paths"])
    names = [operation["operationId"] for path in whole["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_route_is_described(sample_region: Path) -> None:
    """What programs can ask for stands in the document, and nothing stands there that is not served."""
    app = create_app(Service.open(ServerSettings(sample_region / "var")))
    paths = {one.path.replace(":path}", "}") for one in app.routes if isinstance(one, Route | Mount)}
    paths |= set(app.openapi()["paths"])  # those of included routers
    described = set(document(QUERIES, "en", "")["paths"]) - {f"/queries/{name}" for name in QUERIES}
    assert {path for path in paths - described if not NOT_DESCRIBED.fullmatch(path)} == set()
    assert described - paths <= WITH_PAGES


def test_it_is_served(server: str) -> None:
    """In the language that is asked for, with a validator, for the address that was asked."""
    answer = httpx2.get(f"{server}/openapi.json", headers={"Accept-Language": "sv"})
    whole = answer.json()
    assert whole["servers"] == [{"url": server}]
    assert whole["paths"]["/queries/publishers"]["get"]["summary"] == QUERIES["publishers"].title["sv"]
    known = httpx2.get(
        f"{server}/openapi.json", headers={"Accept-Language": "sv", "If-None-Match": answer.headers["etag"]}
    )
    assert known.status_code == 304


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "wrong"])
def test_made_up_requests_are_answered_as_described(server: str, name: str, mode: GenerationMode) -> None:
    """Requests made from the document, and ones that break its rules, get what it says: never a crash."""
    schema = schemathesis.openapi.from_dict(document(QUERIES, "en", server))
    operation = schema[f"/queries/{name}"]["GET"]
    tried = 0

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        nonlocal tried
        answer = case.call(base_url=server)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=[status_code_conformance, response_schema_conformance])
        tried += 1

    ask()
    assert tried >= 2
