"""The read side of the SPARQL 1.1 Graph Store Protocol: whole graphs by `?graph=` and `?default`."""

from server.http import problems
from server.http.endpoint import Call
from server.http.negotiation import FORMATS
from server.http.problems import Problem
from server.http.words import Words
from server.sparql.delivery import Delivery
from server.sparql.failures import problem_of
from server.sparql.gate import Passed
from server.sparql.protocol import IRI, choose
from server.workers.query import Failure, Query

METHODS = ("GET", "HEAD")
_ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


async def graph_store(call: Call) -> None:
    """Answer a request that names its graph in a parameter (indirect identification, 4.2)."""
    names = call.asked.all("graph")
    default = call.asked.all("default")
    if len(names) + len(default) != 1 or (names and not IRI.fullmatch(names[0])):
        detail = Words(
            "Ange antingen ?graph= med en hel IRI, eller ?default.",
            "Give either ?graph= with a whole IRI, or ?default.",
        )
        raise Problem(problems.BAD_REQUEST, detail)
    await send_graph(call, names[0] if names else "")


async def direct_graph(call: Call) -> None:
    """Answer a request to the IRI of a graph itself (direct identification, 4.1)."""
    base = call.service.current.release.manifest.base
    await send_graph(call, base + call.asked.path.removeprefix("/"))


async def void(call: Call) -> None:
    """The statistics of the release (VoID), at the path registered for them."""
    await send_graph(call, f"{call.service.current.release.manifest.base}graph/void")


async def send_graph(call: Call, name: str) -> None:
    """Send a graph by its IRI, the default graph for ""; 404 when there is none of that name."""
    choice = choose(call, FORMATS["graph"])
    passed = Passed(text=_ALL, kind="graph", default_graphs=(name,) if name else ())
    if name and not await _exists(call, name):
        detail = Words(f"Det finns ingen graf <{name}>.", f"There is no graph <{name}>.")
        raise Problem(problems.NOT_FOUND, detail)
    await Delivery(call, passed, choice, name="graph").deliver()


async def _exists(call: Call, name: str) -> bool:
    query = Query("ASK { ?s ?p ?o }", "text/csv", default_graphs=(name,), client=call.asked.client)
    try:
        async with call.service.current.pool.run(query) as answer:
            return b"".join([part async for part in answer.parts()]).strip() == b"true"
    except Failure as failure:
        raise problem_of(failure, query.text) from failure
