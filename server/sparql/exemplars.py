"""The saved queries as part of the description of the service: where SPARQL editors look for examples."""

from pyoxigraph import RdfFormat, Triple, parse

from ontology import iri
from server.http.endpoint import Call
from server.sparql.failures import problem_of
from server.workers.query import Failure, Query


async def exemplars(call: Call) -> list[Triple]:
    """What the release says of its saved queries, in the form of SHACL executables; raises Problem."""
    base = call.service.current.release.manifest.base
    text = (
        f"CONSTRUCT {{ ?node ?property ?value }} WHERE {{ GRAPH <{base}graph/void> {{ {_nodes(base)} "
        "?node ?property ?value } }"
    )
    query = Query(text, "application/n-triples", client=call.asked.client)
    try:
        async with call.service.current.pool.run(query) as answer:
            body = b"".join([part async for part in answer.parts()])
    except Failure as failure:
        raise problem_of(failure, text) from failure
    return [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]


def _nodes(base: str) -> str:
    """Binds ?node to the queries, their parameters, and their prefixes."""
    query = f"?query a <{iri('sh:SPARQLExecutable')}>"
    return (
        f"{{ {query} BIND(?query AS ?node) }} UNION {{ {query} ; <{iri('sh:parameter')}> ?node }} UNION "
        f"{{ VALUES ?node {{ <{base}queries#prefixes> }} }} UNION "
        f"{{ <{base}queries#prefixes> <{iri('sh:declare')}> ?node }}"
    )
