"""The saved queries told to programs: as SHACL executables and as OpenAPI."""

import json
from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pyoxigraph import BlankNode, QueryResultsFormat, QuerySolutions, Store

from queries.export import quads
from queries.openapi import document, paths
from queries.saved import load

BASE = "https://odis.example/"
QUERIES = load()
EXAMPLES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <http://schema.org/>
SELECT ?example ?text ?comment WHERE {
  GRAPH <https://odis.example/graph/void> {
    ?example a sh:SPARQLExecutable ; sh:select|sh:ask|sh:construct ?text ; rdfs:comment ?comment ;
      schema:target <https://odis.example/sparql> ; sh:prefixes/sh:declare/sh:prefix "dcat" .
    FILTER(LANG(?comment) = "en")
  }
}
"""
PARAMETERS = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?parameter ?optional WHERE {
  GRAPH ?g {
    ?query sh:parameter ?parameter .
    ?parameter a sh:Parameter ; sh:optional ?optional ; sh:path ?path ; sh:name ?name .
    { ?parameter sh:datatype ?type } UNION { ?parameter sh:nodeKind sh:IRI }
  }
  FILTER(LANG(?name) = "sv")
}
"""


def rows(store: Store, text: str) -> list[list[str]]:
    answer = store.query(text)
    assert isinstance(answer, QuerySolutions)
    return [[str(term) for term in row] for row in answer]


@pytest.fixture(scope="module")
def examples() -> Store:
    """The exported quads in a store."""
    store = Store()
    store.extend(quads(BASE))
    return store


def test_every_query_is_an_example(examples: Store) -> None:
    """Editors that ask for examples find each query with a text that runs as it stands."""
    found = rows(examples, EXAMPLES)
    assert {row[0] for row in found} == {f"<{BASE}queries/{name}>" for name in QUERIES}
    for row in found:
        Store().query(json.loads(row[1]))


def test_every_parameter_is_described(examples: Store) -> None:
    """Each parameter is a SHACL parameter with a name, a type, and whether it may be left out."""
    found = rows(examples, PARAMETERS)
    assert len(found) == sum(len(query.parameters) for query in QUERIES.values())
    assert {row[1].partition("^")[0] for row in found} == {'"true"', '"false"'}


def test_the_export_is_stable() -> None:
    """Twice the same quads in the same order, without blank nodes: a release must not change by itself."""
    once = list(quads(BASE))
    assert once == list(quads(BASE))
    assert not any(isinstance(term, BlankNode) for quad in once for term in quad)
    assert len(set(once)) == len(once)


def test_openapi_is_valid() -> None:
    """The document is OpenAPI 3.1 and has a path for each query; in Swedish only the words differ."""
    whole = document(QUERIES, "en", "https://odis.example", "1")
    validate(json.loads(json.dumps(whole)))
    assert len(whole["paths"]) == len(QUERIES)
    assert unworded(document(QUERIES, "sv", "https://odis.example", "1")) == unworded(whole)


def unworded(part: object) -> object:
    """A part of the document without what people read."""
    if isinstance(part, dict):
        return {key: unworded(value) for key, value in part.items() if not isinstance(value, str)}
    return [unworded(item) for item in part] if isinstance(part, list) else part


def test_examples_and_defaults_fit_their_schemas() -> None:
    """What a program takes from the document is accepted by its own schemas."""
    checked = 0
    for path in paths(QUERIES, "en").values():
        for parameter in path["get"]["parameters"]:
            schema = parameter["schema"]
            for value in (parameter.get("example"), schema.get("default")):
                if value is not None:
                    OAS31Validator(schema).validate(value)
                    checked += 1
    assert checked > 60


def test_answers_fit_the_schema(region: Store) -> None:
    """A JSON answer is what the document says it is."""
    whole = document(QUERIES, "en", "https://odis.example", "1")
    path = whole["paths"]["/queries/datasets-per-publisher"]["get"]
    schema = path["responses"]["200"]["content"]["application/sparql-results+json"]["schema"]
    schema = {**schema, "components": whole["components"]}
    answer = region.query(QUERIES["datasets-per-publisher"].bind({}))
    assert isinstance(answer, QuerySolutions)
    body = json.loads(answer.serialize(format=QueryResultsFormat.JSON) or b"")
    OAS31Validator(schema).validate(body)
    assert set(schema["properties"]["results"]["properties"]["bindings"]["items"]["properties"]) == set(
        body["head"]["vars"]
    )


GRLC = """#+ summary: foreign
SELECT ?s { ?s ?_p_iri ?_a_integer ; ?q ?_b_boolean ; ?r ?_c_xsd_date ; ?t ?_d_year }
"""


def test_a_query_from_elsewhere(tmp_path: Path) -> None:
    """Queries in grlc's manner are described too."""
    (tmp_path / "q.rq").write_text(
        GRLC.replace("SELECT", "PREFIX xsd: <http://x/>\nSELECT"), encoding="utf-8"
    )
    whole = document(load(tmp_path), "en", "https://odis.example", "1")
    validate(json.loads(json.dumps(whole)))
    kinds = [each["schema"]["type"] for each in whole["paths"]["/queries/q"]["get"]["parameters"]]
    assert kinds == ["string", "integer", "boolean", "string", "string"]
