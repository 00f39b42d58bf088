"""The terms and concepts: labelled in two languages, defined where they are ours, used where defined."""

import re

import pytest
from pyoxigraph import Store

from ontology import FOLDER, ODIS
from tests.ontology.conftest import ROOT, TURTLE, rows

LABELLED = (
    "skos:Concept",
    "org:FormalOrganization",
    "schema:AdministrativeArea",
    "schema:Event",
    "prov:Entity",
)


def own_terms(text: str) -> set[str]:
    """Local names of own terms in a text, written in full or with the prefix."""
    return set(re.findall(rf"(?:{re.escape(ODIS)}|(?<![\w/:])odis:)([A-Za-z]\w*)", text))


def defined() -> set[str]:
    """Local names of the terms that odis.ttl defines."""
    return set(re.findall(r"^odis:(\w+) a ", (FOLDER / "odis.ttl").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("kind", LABELLED)
def test_things_have_labels_in_two_languages(graph: Store, kind: str) -> None:
    """Whatever a page may show has exactly one preferred label in Swedish and one in English."""
    found = rows(
        graph,
        f"""SELECT ?thing (GROUP_CONCAT(?lang; separator=",") AS ?langs) WHERE {{
            SELECT ?thing (LANG(?label) AS ?lang) WHERE {{
                ?thing a {kind} OPTIONAL {{ ?thing skos:prefLabel ?label }} }} ORDER BY ?thing ?lang }}
        GROUP BY ?thing""",
    )
    assert found
    assert [thing for thing, langs in found if langs != "en,sv"] == []


def test_concepts_belong_to_a_scheme_with_a_title(graph: Store) -> None:
    """Every concept is in a described scheme, and every scheme has its title in both languages."""
    assert (
        rows(
            graph,
            "SELECT ?c { ?c a skos:Concept FILTER NOT EXISTS { ?c skos:inScheme/a skos:ConceptScheme } }",
        )
        == []
    )
    titles = rows(
        graph, "SELECT ?s (COUNT(?t) AS ?n) { ?s a skos:ConceptScheme ; dcterms:title ?t } GROUP BY ?s"
    )
    assert len(titles) == 25
    assert {count for _, count in titles} == {"2"}


def test_notations_are_unique_in_a_scheme(graph: Store) -> None:
    """A code means one concept of its list; so does a label, whatever its language."""
    names = rows(
        graph,
        """SELECT DISTINCT ?scheme (LCASE(STR(?name)) AS ?key) ?concept {
            ?concept skos:inScheme ?scheme ; skos:notation|skos:altLabel|skos:hiddenLabel ?name }""",
    )
    keys = [(scheme, key) for scheme, key, _ in names]
    assert {key for key in keys if keys.count(key) > 1} == set()


def test_lists_are_counted(graph: Store) -> None:
    """The lists of DCAT-AP-SE hold as many values as its 3.0.1 has, and what ODIS adds."""
    sizes = {
        scheme.rsplit("/", 1)[-1]: int(size)
        for scheme, size in rows(graph, "SELECT ?s (COUNT(?c) AS ?n) { ?c skos:inScheme ?s } GROUP BY ?s")
    }
    expected = {"data-theme": 13, "frequency": 22, "language": 95, "asd487ae75": 96, "access-right": 3}
    expected |= {"planned-availability": 4, "distribution-status": 4, "1.0": 11, "ResponsiblePartyRole": 8}
    expected |= {"licence": 8, "media-type": 43, "file-type": 31}
    assert {name: sizes[name] for name in expected} == expected


def test_media_types_lead_to_listed_file_types(graph: Store) -> None:
    """The EU file type that a media type corresponds to is described, and none is described in vain."""
    scheme = "<http://publications.europa.eu/resource/authority/file-type>"
    matched = {iri for (iri,) in rows(graph, "SELECT ?f { ?m a dcterms:MediaType ; skos:closeMatch ?f }")}
    listed = {iri for (iri,) in rows(graph, f"SELECT ?f {{ ?f skos:inScheme {scheme} }}")}
    assert matched == listed


def test_own_terms_are_explained(graph: Store) -> None:
    """Each own term has label and comment in both languages, and says where it is defined."""
    terms = rows(
        graph,
        """SELECT ?term (COUNT(DISTINCT ?label) AS ?labels) (COUNT(DISTINCT ?comment) AS ?comments) {
            ?term rdfs:isDefinedBy <https://odis.example/def> ; rdfs:label ?label ; rdfs:comment ?comment }
        GROUP BY ?term""",
    )
    assert {term.removeprefix(ODIS) for term, _, _ in terms} == defined()
    assert {comments for _, _, comments in terms} == {"2"}
    languages = rows(
        graph,
        """SELECT ?term { ?term rdfs:isDefinedBy <https://odis.example/def>
            FILTER (!EXISTS { ?term rdfs:label ?l FILTER (LANG(?l) = "sv") }
                 || !EXISTS { ?term rdfs:label ?l FILTER (LANG(?l) = "en") }) }""",
    )
    assert languages == []


def test_own_terms_that_are_used_are_defined() -> None:
    """No file of the ontology uses a term of ours that odis.ttl does not define."""
    for path in (*TURTLE, *FOLDER.rglob("metadata.json")):
        assert own_terms(path.read_text(encoding="utf-8")) <= defined(), path


def test_own_terms_that_are_defined_are_used() -> None:
    """Every own term makes triples or steers a conversion somewhere; unused ones are not kept."""
    used = set[str]()
    places = (
        "shapes/quality/dqv.py",
        "loaders/releases/same.py",
        "loaders/search/function.py",
        "loaders/catalogues/recorded.py",
    )
    code = tuple(ROOT / place for place in places)
    for path in (*FOLDER.rglob("metadata.json"), *code):
        used |= own_terms(path.read_text(encoding="utf-8"))
    assert defined() - used == set()


def test_the_format_is_documented() -> None:
    """docs/specification-format.md explains every addition to CSVW, and no other."""
    text = (ROOT / "docs" / "specification-format.md").read_text(encoding="utf-8")
    annotations = set(
        re.findall(
            r"^odis:(\w+) a owl:AnnotationProperty", (FOLDER / "odis.ttl").read_text("utf-8"), re.MULTILINE
        )
    )
    assert set(re.findall(r"`odis:(\w+)` \|", text)) == annotations
