"""W3C tests that are expected to fail, each with its reason; one that passes must be taken out (strict)."""

ENTAILMENT = "needs RDFS, OWL or RIF entailment: ODIS answers from the triples that were loaded"
WRITE = "an update: the public endpoint only reads"
VARIABLE = "SERVICE with a variable is refused: it could point anywhere"
PROSE = "deprecated by W3C and written as prose; graph-store-protocol holds the same exchanges"
VALUES = "the store keeps values, not spellings: 1.0E6 comes back as 1000000, a negativeInteger as an integer"
LANGUAGE = "Oxigraph 0.5 keeps the language in GROUP_CONCAT when all strings share it"
GRAPH = (
    "Oxigraph 0.5 does not bind the variable of GRAPH where the pattern in it matches no triple of the graph"
)
PATHS = "Oxigraph 0.5 matches a path of length zero only for terms that are in the graph"
BNODE = "Oxigraph 0.5 makes the same blank node for the same string in every row"

_ENTAILMENT = """
    paper-sparqldl-Q1 paper-sparqldl-Q1-rdfs paper-sparqldl-Q2 paper-sparqldl-Q3 paper-sparqldl-Q4
    parent10 parent3 parent4 parent5 parent6 parent7 parent8 parent9 rdf01 rdfs01 rdfs02 rdfs03 rdfs04
    rdfs05 rdfs06 rdfs07 rdfs09 rdfs10 rdfs11 rif01 rif03 rif04 rif06 simple1 simple2 simple3 simple4
    simple5 simple6 simple7 simple8 sparqldl-02 sparqldl-03 sparqldl-10 sparqldl-11 sparqldl-12
    sparqldl-13
"""
_WRITE = """
    update_dataset_default_graph update_dataset_default_graphs update_dataset_named_graphs
    update_dataset_full update_post_form update_post_direct update_base_uri
"""
_PROSE = """
    delete__existing_graph delete__nonexistent_graph get_of_delete__existing_graph
    get_of_post__after_noop get_of_post__create__new_graph get_of_post__existing_graph
    get_of_post__multipart_formdata get_of_put__default_graph get_of_put__graph_already_in_store
    get_of_put__initial_state head_on_a_nonexisting_graph head_on_an_existing_graph
    post__create__new_graph post__existing_graph post__multipart_formdata put__default_graph
    put__graph_already_in_store put__initial_state
"""
_PATHS = "zero_or_more_set_start zero_or_more_set_end zero_or_one_set_start zero_or_one_set_end"


def _all(section: str, names: str, reason: str) -> dict[str, str]:
    return {f"{section}/{name}": reason for name in names.split()}


FAILURES: dict[str, str] = {
    **_all("entailment", _ENTAILMENT, ENTAILMENT),
    **_all("protocol", _WRITE, WRITE),
    **_all("http-rdf-update", _PROSE, PROSE),
    **_all("property-path", _PATHS, PATHS),
    **_all("aggregates", "agg-groupconcat-04 agg-groupconcat-06", LANGUAGE),
    "aggregates/agg-empty-group-count-graph": GRAPH,
    "bindings/graph": GRAPH,
    "negation/graph-minus": GRAPH,
    "functions/bnode01": BNODE,
    "service/service5": VARIABLE,
    "csv-tsv-res/tsv03": VALUES,
    "csv-tsv-res/csv03": VALUES,
}
"""The test by section and name, and why it fails; docs/sparql.md tells users what follows from it."""
