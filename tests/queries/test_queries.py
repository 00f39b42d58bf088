"""Our saved queries, run on the sample region."""

import re
from pathlib import Path

import pytest
from pyoxigraph import QuerySolution, QuerySolutions, QueryTriples, Store

from ontology import FOLDER, PREFIXES
from queries.documentation import renewed
from queries.groups import group_title
from queries.header import PARAMETER_KEYS
from queries.parameters import TYPES
from queries.saved import SavedQuery, load
from queries.tokens import code, declared_prefixes

ROOT = Path(__file__).parent.parent.parent
QUERIES = load()


def rows_of(store: Store, query: SavedQuery, **values: str | list[str]) -> list[QuerySolution]:
    """The rows of a SELECT query with values for its parameters."""
    answer = store.query(query.bind(values))
    assert isinstance(answer, QuerySolutions)
    return list(answer)


def test_there_are_enough() -> None:
    """All are found, and each dataset type that has a specification has queries of its own."""
    assert len(QUERIES) == 98
    assert {query.group for query in QUERIES.values()} == {
        *("catalogue", "federation", "follow-up", "places", "quality", "region"),
        *(path.name for path in (FOLDER / "specifications").iterdir() if path.name != "place"),
    }


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_example_answers(name: str, region: Store) -> None:
    """The example call gives rows, in the expected columns."""
    query = QUERIES[name]
    answer = region.query(query.bind(query.example))
    if isinstance(answer, QuerySolutions):
        assert [variable.value for variable in answer.variables] == [column.name for column in query.columns]
    else:
        assert isinstance(answer, QueryTriples)
        assert (query.form, query.columns) == ("construct", ())
    assert next(iter(answer), None) is not None


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_it_is_described(name: str) -> None:
    """Title, description, columns and parameters are worded in Swedish and English, each in its own words."""
    query = QUERIES[name]
    described = [words for each in query.parameters for words in (each.title, each.description or each.title)]
    labels = [choice.label for each in query.parameters for choice in each.choices]
    for words in (query.title, query.description, *described, *labels):
        assert set(words) == {"sv", "en"}
    assert query.description["sv"] != query.description["en"]
    assert all(set(column.title) == {"sv", "en"} for column in query.columns)
    assert query.tags
    assert len(query.description["en"]) > 30
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", query.name)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_its_prefixes_are_ours(name: str) -> None:
    """Every prefix means what it means in the whole project, and is used."""
    pieces = code(QUERIES[name].path.read_text(encoding="utf-8"))
    declared = declared_prefixes(pieces)
    used = {piece.text.partition(":")[0] for piece in pieces if piece.kind == "name"}
    assert declared == {prefix: PREFIXES[prefix] for prefix in declared}
    for prefix in used:
        assert sum(piece.text.startswith(f"{prefix}:") for piece in pieces) > 1, prefix


def test_left_out_parameters_widen(region: Store) -> None:
    """An optional parameter without a value filters nothing."""
    near = {"near": "59.3153,18.0343", "radius": "3000"}
    everything = len(rows_of(region, QUERIES["places-near"], **near))
    assert everything > len(rows_of(region, QUERIES["places-near"], **near, kind="BathingPlace")) > 0
    assert rows_of(region, QUERIES["places-near"], **near, kind="Nothing") == []
    assert len(rows_of(region, QUERIES["contacts"])) > 1
    assert len(rows_of(region, QUERIES["contacts"], publisher="SE2120000142")) == 1


def test_many_values(region: Store) -> None:
    """Bathing places with several facilities have all of them."""
    query = QUERIES["bathing-places-with-facilities"]
    one = {str(row["place"]) for row in rows_of(region, query, facility="beachOfSand")}
    two = {str(row["place"]) for row in rows_of(region, query, facility=["beachOfSand", "toilet"])}
    assert two < one


@pytest.mark.parametrize("language", ["sv", "en"])
def test_names_come_in_the_language_asked_for(language: str, region: Store) -> None:
    """The names of the municipalities are all in the language asked for."""
    answer = rows_of(region, QUERIES["municipalities"], language=language)
    assert [str(row["name"]).rpartition("@")[2] for row in answer] == [language] * 26


def test_the_follow_up_has_all_organisations(region: Store) -> None:
    """The matrix has a row for each of the 27 organisations and each specification in use."""
    matrix = rows_of(region, QUERIES["organisations-and-specifications"])
    assert len({str(row["organisation"]) for row in matrix}) == 27
    assert len(matrix) == 27 * len(rows_of(region, QUERIES["specifications-in-use"]))


def test_choices_are_answers(region: Store) -> None:
    """Where choices come from a query, the example of the parameter is among them."""
    checked = 0
    for query in QUERIES.values():
        for each in query.parameters:
            if each.choices_from and each.example:
                rows = rows_of(region, QUERIES[each.choices_from.query])
                values = {str(row[each.choices_from.value]) for row in rows}
                assert {str(each.term(value)) for value in each.example} <= values, (query.name, each.name)
                checked += 1
    assert checked > 10


def test_no_parameter_takes_a_name_of_the_address() -> None:
    """The query string of an address has words of its own."""
    taken = {each.name for query in QUERIES.values() for each in query.parameters}
    assert not taken & {"format", "download", "lang", "timeout", "limit", "offset", "page"}


def test_every_group_has_a_title() -> None:
    """Pages and the editor call each folder of queries by a name in both languages."""
    for group in {query.group for query in QUERIES.values()}:
        assert group not in group_title(group).values()


def test_documentation_names_every_query() -> None:
    """The table of docs/saved-queries.md is the one the files make."""
    page = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    assert page == renewed(page, QUERIES)
    assert all(f"| `{name}` |" in page for name in QUERIES)


def test_documentation_names_every_key_and_type() -> None:
    """The page of saved queries explains every type and every key a parameter may have."""
    page = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    assert [kind for kind in TYPES if f"`{kind}`" not in page] == ["typed"]
    assert [key for key in PARAMETER_KEYS if f"`{key}" not in page] == []


def test_the_example_of_the_documentation_works(region: Store, tmp_path: Path) -> None:
    """The query shown on the page is a whole one."""
    page = (ROOT / "docs" / "saved-queries.md").read_text(encoding="utf-8")
    (tmp_path / "shown.rq").write_text(page.split("```sparql\n")[1].split("```")[0], encoding="utf-8")
    query = load(tmp_path)["shown"]
    assert query.parameters == QUERIES["bathing-places-by-water"].parameters
    assert len(rows_of(region, query, water="lake")) > 10


def test_charging_points_are_counted_against_the_last_population(region: Store) -> None:
    """The latest year counts, and two sources' names for a municipality are one: six points, ten thousand."""
    (row,) = rows_of(region, QUERIES["charging-points-per-inhabitant"], language="en")
    shown = [str(row[name]).split("^^")[0].strip('"') for name in ("code", "points", "inhabitants", "year")]
    assert shown == ["0180", "6", "10000", "2002"]
    assert str(row["per_thousand"]).startswith('"0.6"')


def test_neighbours_are_neighbours_both_ways(region: Store) -> None:
    """All 26 municipalities have neighbours, 64 pairs in all, and nobody is their own."""
    pairs = region.query("SELECT ?a ?b { ?a <http://www.geonames.org/ontology#neighbour> ?b }")
    assert isinstance(pairs, QuerySolutions)
    found = {(str(row["a"]), str(row["b"])) for row in pairs}
    assert len(found) == 128
    assert found == {(b, a) for a, b in found}
    assert len({a for a, _ in found}) == 26
    assert all(a != b for a, b in found)


def test_a_row_leads_to_its_catalogue_and_publisher(region: Store) -> None:
    """Thing, row (RFC 7111), catalogue, publisher, kommunkod and Wikidata come in one query."""
    dataset = "https://stockholm.example/catalogue/badplatser"
    rows = rows_of(region, QUERIES["rows-in-the-catalogue"], dataset=dataset)
    assert len(rows) == 40
    assert all(re.search(r"#row=\d+>$", str(row["row"])) for row in rows)
    assert {str(row["code"]) for row in rows} == {'"0180"'}
    assert {str(row["wikidata"]) for row in rows} == {"<http://www.wikidata.org/entity/Q506250>"}
