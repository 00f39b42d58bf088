"""/sparql: the SPARQL 1.1 Protocol, as a plain ASGI endpoint inside the application."""

import re
from collections.abc import Sequence
from dataclasses import replace

from server.http import problems
from server.http.endpoint import Call
from server.http.negotiation import FORMATS, HTML, Choice, Format, by_accept, by_name
from server.http.problems import Problem
from server.http.words import Words
from server.pages import SECURITY, sparql_page
from server.sparql.delivery import Delivery
from server.sparql.description import describe
from server.sparql.gate import Passed
from server.sparql.preview import answer_page

METHODS = ("GET", "HEAD", "POST", "QUERY")
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")


async def sparql(call: Call) -> None:
    """Answer a request to the endpoint: a query, or without one the description of the service."""
    if call.asked.query is None:
        await _without_query(call)
        return
    passed = with_dataset(await call.service.gate.examine_aside(call.asked.query), call)
    call.exchange.mark("gate", call.exchange.started)
    choice = choose(call, (*FORMATS[passed.kind], HTML))
    if choice.format is HTML:
        await answer_page(call, passed)
    else:
        await Delivery(call, passed, choice).deliver()


async def _without_query(call: Call) -> None:
    if call.asked.method in ("POST", "QUERY"):
        detail = Words("Parametern query saknas.", "The parameter query is missing.")
        raise Problem(problems.BAD_REQUEST, detail)
    choice = choose(call, (*FORMATS["graph"], HTML))
    if choice.format is HTML:
        headers = {**SECURITY, "Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}
        await call.reply.whole(200, headers, sparql_page(call.asked, "", None))
    else:
        await describe(call, choice)


def with_dataset(passed: Passed, call: Call) -> Passed:
    """A query with the dataset of the request, which replaces that of the text (Protocol, 2.1.4)."""
    default = _graphs(call, "default-graph-uri")
    named = _graphs(call, "named-graph-uri")
    if not default and not named:
        return passed
    return replace(passed, default_graphs=default, named_graphs=named)


def _graphs(call: Call, name: str) -> tuple[str, ...]:
    graphs = tuple(dict.fromkeys(call.asked.all(name)))
    for graph in graphs:
        if not IRI.fullmatch(graph):
            detail = Words(f"{name}={graph}: ange en hel IRI.", f"{name}={graph}: give a whole IRI.")
            raise Problem(problems.BAD_REQUEST, detail)
    return graphs


def choose(call: Call, offers: tuple[Format, ...]) -> Choice:
    """The format of the answer, by `?format=` or Accept; raises Problem with the offers if there is none."""
    wanted = ",".join(call.asked.all("format"))  # SPARQLWrapper gives it twice, in two spellings
    choice = by_name(wanted, offers) if wanted else by_accept(call.asked.accept, offers)
    if choice is None:
        given = f"format={wanted}" if wanted else f"Accept: {call.asked.accept}"
        raise Problem(
            problems.NOT_ACCEPTABLE,
            Words(f"Begärt: {given[:200]}.", f"Asked for: {given[:200]}."),
            members={"offers": _listed(offers)},
        )
    return choice


def _listed(offers: Sequence[Format]) -> list[str]:
    return [offer.media_type for offer in offers]
