"""An engine over HTTP: SPARQL 1.1 Protocol to ask it, SPARQL 1.1 Graph Store HTTP Protocol to fill it."""

import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from ontology.errors import EngineError

PASSWORD: Final = "ODIS_ENGINE_PASSWORD"  # noqa: S105  the name of a variable, which holds it
"""The environment variable with the password, which no command line and no file shall hold."""
ROWS: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"
_ADVICE: Final = {
    401: f"give --engine-user and the variable {PASSWORD}",
    403: "this user may not do this there",
    404: "is this the right address?",
}


@dataclass(frozen=True, slots=True)
class Engine:
    """Where an engine is asked (`query`) and filled (`graphs`, empty when it is only asked), and as whom."""

    query: str
    graphs: str = ""
    user: str = ""

    def client(self, seconds: float | None) -> httpx2.Client:
        """A client that speaks to this engine; `seconds` bounds each wait for bytes, None does not."""
        auth = _Either(self.user, os.environ.get(PASSWORD, "")) if self.user else None
        timeout = httpx2.Timeout(seconds, connect=5.0)
        # The operator named the engine: no proxy of the environment stands between.
        return httpx2.Client(auth=auth, timeout=timeout, trust_env=False)


class _Either(httpx2.Auth):
    """Authentication by what the server asks for, once it does: Digest, as Virtuoso's, or Basic."""

    def __init__(self, user: str, password: str) -> None:
        self._digest = httpx2.DigestAuth(user, password)
        self._basic = httpx2.BasicAuth(user, password)
        self._chosen: httpx2.Auth | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        if self._chosen is None:
            response = yield request
            if response.status_code != 401:
                return
            challenge = response.headers.get("WWW-Authenticate", "")
            self._chosen = self._digest if challenge.lower().startswith("digest") else self._basic
        yield from self._chosen.auth_flow(request)


@contextmanager
def asked(
    client: httpx2.Client,
    engine: Engine,
    text: str,
    default: str = "",
    named: Sequence[str] = (),
    *,
    accept: str,
) -> Iterator[httpx2.Response]:
    """Ask a query of a dataset (SPARQL 1.1 Protocol, 2.1.4): its answer, whose body is still to be read.

    Raises what the client raises; the status is for the caller to look at.
    """
    form = {"query": text, "default-graph-uri": [default] if default else [], "named-graph-uri": list(named)}
    with client.stream("POST", engine.query, data=form, headers={"Accept": accept}) as response:
        yield response


def is_virtuoso(client: httpx2.Client, engine: Engine) -> bool:
    """Whether the engine says that it is Virtuoso, which has its own ways. Raises what the client raises."""
    with asked(client, engine, "ASK {}", accept=ROWS) as response:
        return str(response.headers.get("Server", "")).startswith("Virtuoso")


def rows(client: httpx2.Client, engine: Engine, text: str) -> list[dict[str, str]]:
    """The rows of a SELECT with a short answer, values as plain text. Raises EngineError."""
    try:
        with asked(client, engine, text, accept=ROWS) as response:
            response.read()
            refuse(engine.query, response)
            found = json.loads(response.content)["results"]["bindings"]
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise EngineError(f"{engine.query} does not answer: {error}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise EngineError(f"{engine.query} is no SPARQL endpoint: its answer cannot be read") from error
    return [_plain(row) for row in found]


def _plain(row: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: str(term["value"]) for name, term in row.items()}


def refuse(address: str, response: httpx2.Response) -> None:
    """Raise EngineError for an answer, already read, that says no."""
    if response.is_success:
        return
    said = " ".join(response.text.split())[:200]
    advice = _ADVICE.get(response.status_code, said)
    raise EngineError(f"{address} answered {response.status_code} {response.reason_phrase}: {advice}")
