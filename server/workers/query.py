"""The values that travel between the front, the pool and its workers."""

from dataclasses import dataclass
from typing import Literal

from ontology.errors import OdisError

Cause = Literal[
    "syntax",  # the text is not SPARQL, or uses an undeclared prefix: line and column are given
    "refused",  # well-formed, but this server will not or cannot evaluate it
    "too-deep",  # nested or chained beyond what the engine can hold on its stack
    "too-large",  # asks for more than a bound of the server, such as merging large graphs
    "not-xml",  # the answer cannot be written in the format that was asked for
    "row-cap",  # the answer has more rows than the cap
    "deadline",  # not finished in the time it was given
    "memory",  # needed more memory than a worker may have
    "overload",  # no room to wait, or no slow slot free: come back later
    "client-cap",  # this client already has as many queries as one client may have
    "stopped",  # an operator stopped it, or its reader has gone
    "crash",  # the worker died of something else
    "unavailable",  # no worker can be had at the moment
]


@dataclass(frozen=True, slots=True)
class Query:
    """One query on its way to a worker; it has already passed the gate.

    `media_type` is what the answer is serialised as.
    `default_graphs` and `named_graphs` are the dataset of the protocol (SPARQL 1.1 Protocol, 2.1.4) or the
    FROM clauses that the gate took out of the text; both empty means the dataset of the store.
    `deadline` is in seconds of wall time, the sending of the answer included.
    `base` is what relative IRIs in the text are read against; without one they are syntax errors.
    `client` is the key under which fairness is kept; it is never logged.
    """

    text: str
    media_type: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    deadline: float = 30.0
    client: str = ""
    row_cap: int | None = None
    prefixes: tuple[tuple[str, str], ...] = ()
    network: bool = False
    base: str = ""


class Failure(OdisError):  # noqa: N818  an outcome of a query, named like Answer and Query
    """A query that has no whole answer: why, in one sentence, and when to try again.

    `line` and `column` count from 1 and are given where the engine names a place in the text.
    """

    def __init__(
        self,
        cause: Cause,
        detail: str,
        retry_after: int | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.cause: Cause = cause
        self.detail = detail
        self.retry_after = retry_after
        self.line = line
        self.column = column
