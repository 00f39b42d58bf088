"""The description of the API is valid, whole, and true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import Phase, given
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
from tests.fuzz import FUZZ, bounded
from tests.server.live import serving

QUERIES = load()
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


def operations(*, with_wrong: bool) -> list[tuple[str, str]]:
    """Method and path of all operations, of saved queries some; or only those that can be asked wrongly."""
    paths = document(QUERIES, "en", "")["paths"]
    known = [path for path in paths if path.removeprefix("/queries/") in (path, *ASKED)]
    every = [(method, path) for path in known for method in paths[path]]
    return [(method, path) for method, path in every if not with_wrong or _may_be_wrong(paths[path][method])]


def _may_be_wrong(operation: dict[str, Any]) -> bool:
    """Whether there is something in a request but a path, in which everything is a name."""
    return "requestBody" in operation or any(
        one.get("in") != "path" for one in operation.get("parameters", ())
    )


@FUZZ
@pytest.mark.parametrize(("method", "path"), operations(with_wrong=False))
def test_fitting_requests_are_answered_as_described(server: str, method: str, path: str) -> None:
    """Requests made from the document get what it says."""
    assert tried(server, method, path, GenerationMode.POSITIVE) >= 1


@FUZZ
@pytest.mark.parametrize(("method", "path"), operations(with_wrong=True))
def test_wrong_requests_are_answered_as_described(server: str, method: str, path: str) -> None:
    """Requests that break the rules of the document get a problem that it tells of: never a crash."""
    assert tried(server, method, path, GenerationMode.NEGATIVE) >= 2


def tried(server: str, method: str, path: str, mode: GenerationMode) -> int:
    """Ask many times, and count."""
    schema = schemathesis.openapi.from_dict(document(QUERIES, "en", server))
    operation = schema[path][method.upper()]
    count = 0

    @bounded(6, phases=[Phase.explicit, Phase.generate], database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        nonlocal count
        answer = case.call(base_url=server)
        assert answer.status_code != 500, answer.text  # a deadline of next to nothing is past: 504
        case.validate_response(answer, checks=[status_code_conformance, response_schema_conformance])
        count += 1

    ask()
    return count
