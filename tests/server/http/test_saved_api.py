"""Saved queries as an API over the sample region: formats, pages, validators, descriptions, faults."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from python_calamine import CalamineWorkbook

from queries.saved import SavedQuery, load
from server.http.negotiation import HTML, Format
from server.saved.routes import offers
from tests.server.http.conftest import Serve

QUERIES = load()
NEAR = {"near": "59.3153,18.0343", "radius": "5000"}
ALL = "bathing-places-per-municipality"


@pytest.fixture(scope="module")
def server(sample_region: Path, serve: Serve) -> Iterator[str]:
    """A server over the sample region."""
    with serve(sample_region / "var", row_cap=5000) as address:
        yield address


def rows(body: bytes) -> list[list[str]]:
    """The rows of a TSV answer."""
    return [line.split("\t") for line in body.decode().splitlines()[1:]]


def check(form: Format, body: bytes, query: SavedQuery) -> int:
    """Reads a body as what it claims to be; gives its number of rows or triples."""
    match form.name:
        case "geojson":
            return len(json.loads(body)["features"])
        case "xlsx":
            return len(CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()) - 1
        case "csv":
            return -1  # a line end in a value makes lines and rows differ
        case "json" | "xml" | "tsv":
            found = parse_query_results(body, getattr(QueryResultsFormat, form.name.upper()))
            assert isinstance(found, QuerySolutions)
            assert {one.value for one in found.variables} == {column.name for column in query.columns}
            return sum(1 for _ in found)
        case _:
            rdf = RdfFormat.from_media_type(form.media_type)
            assert rdf is not None
            return sum(1 for _ in parse(body, format=rdf))


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_every_format_of_every_query(client: httpx2.Client, query: SavedQuery) -> None:
    """The example comes in each format that is offered, with the same number of rows in all."""
    values = {name: list(value) for name, value in query.example.items()}
    counts = set()
    for form in offers(query):
        if form is not HTML:
            answer = client.get(f"/queries/{query.name}.{form.ending}", params=values)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].partition(";")[0] == form.media_type
            counts.add(check(form, answer.content, query))
    assert len(counts - {-1}) == 1


def test_accept_format_and_ending_give_the_same(client: httpx2.Client) -> None:
    """Three ways to name a format, one answer."""
    path = "/queries/bathing-places-near"
    by_accept = client.get(path, params=NEAR, headers={"Accept": "application/geo+json"})
    by_name = client.get(path, params={**NEAR, "format": "geojson"})
    by_ending = client.get(f"{path}.geojson", params=NEAR)
    assert by_accept.content == by_name.content == by_ending.content
    assert by_ending.headers["content-disposition"].startswith('inline; filename="bathing-places-near-')
    assert client.get(f"{path}.nope", params=NEAR).status_code == 406


def test_features_are_in_their_places(client: httpx2.Client) -> None:
    """GeoJSON has longitude first, the other columns as properties, and the IRI as id."""
    features = client.get("/queries/bathing-places-near.geojson", params=NEAR).json()["features"]
    assert len(features) > 3
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 17 < longitude < 20 and 58 < latitude < 61
        assert feature["id"] == feature["properties"]["place"]
        assert isinstance(feature["properties"]["distance"], int | float)
        assert "wkt" not in feature["properties"]


def test_only_places_are_features(client: httpx2.Client) -> None:
    """Where no column holds a place, GeoJSON is not offered."""
    answer = client.get("/queries/publishers", headers={"Accept": "application/geo+json"})
    assert answer.status_code == 406
    assert "text/csv" in answer.json()["offers"]


@pytest.mark.parametrize("form", ["geojson", "xlsx"])
def test_the_row_cap_holds(sample_region: Path, serve: Serve, form: str) -> None:
    """Our own formats are refused beyond it like those of the engine."""
    with serve(sample_region / "var", row_cap=2) as address:
        answer = httpx2.get(f"{address}/queries/bathing-places-near.{form}", params=NEAR)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (413, "row-cap")


# ---------------------------------------------------------------------- pages


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_are_the_whole(client: httpx2.Client, limit: int) -> None:
    """Following `next` from page to page gives every row once, in order, and ends."""
    whole = rows(client.get(f"/queries/{ALL}.tsv").content)
    assert len(whole) > 3
    found: list[list[str]] = []
    address: str | None = f"/queries/{ALL}?format=tsv&limit={limit}"
    while address:
        answer = client.get(address)
        found += rows(answer.content)
        assert len(rows(answer.content)) <= limit
        address = answer.links.get("next", {}).get("url")
    assert found == whole


def test_a_page_is_a_piece_of_the_whole(client: httpx2.Client) -> None:
    """The first page is the beginning of the whole answer, with the same columns in the same order."""
    whole = client.get("/queries/bathing-places-near.csv", params=NEAR).text
    page = client.get("/queries/bathing-places-near.csv", params={**NEAR, "limit": 2}).text
    assert page.splitlines() == whole.splitlines()[:3]


def test_a_last_page_that_is_full_has_no_next(client: httpx2.Client) -> None:
    """When the rows end with the page, the link is not there: it never lies."""
    count = len(rows(client.get(f"/queries/{ALL}.tsv").content))
    full = client.get(f"/queries/{ALL}.tsv", params={"limit": count})
    assert set(full.links) == {"first"}
    short = client.get(f"/queries/{ALL}.tsv", params={"limit": count - 1})
    assert set(short.links) == {"first", "next"}
    beyond = client.get(f"/queries/{ALL}.tsv", params={"limit": 5, "offset": count + 7})
    assert (rows(beyond.content), set(beyond.links)) == ([], {"first", "prev"})


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv", "geojson", "xlsx"])
def test_a_page_in_each_format(client: httpx2.Client, form: str) -> None:
    """A page has the rows that the whole has, and comes from the cache when it is asked for again."""
    path = f"/queries/bathing-places-near.{form}"
    page = client.get(path, params={**NEAR, "limit": 3})
    assert page.status_code == 200
    query = QUERIES["bathing-places-near"]
    offered = next(offer for offer in offers(query) if offer.name == form)
    assert check(offered, page.content, query) in (3, -1)
    again = client.get(path, params={**NEAR, "limit": 3})
    assert again.content == page.content
    assert "cache;desc=hit" in again.headers["server-timing"]
    assert again.headers["etag"] == page.headers["etag"]
    known = client.get(path, params={**NEAR, "limit": 3}, headers={"If-None-Match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_pages_have_tags_of_their_own(client: httpx2.Client) -> None:
    """Two pages, and the whole, never pass for one another."""
    tags = {
        client.get(f"/queries/{ALL}.csv", params=params).headers["etag"]
        for params in ({}, {"limit": 2}, {"limit": 3}, {"limit": 2, "offset": 2})
    }
    assert len(tags) == 4


def test_a_head_has_the_links(client: httpx2.Client) -> None:
    """HEAD tells of the next page without a body."""
    answer = client.head(f"/queries/{ALL}.csv", params={"limit": 1})
    assert (answer.status_code, answer.content) == (200, b"")
    assert "next" in answer.links


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", "0"), ("limit", "10001"), ("limit", "-1"), ("limit", "1e3"), ("limit", "٣"), ("offset", "x")],
)
def test_a_page_that_cannot_be(client: httpx2.Client, name: str, value: str) -> None:
    """400 names the parameter and the range."""
    answer = client.get(f"/queries/{ALL}", params={name: value})
    told = answer.json()
    assert (answer.status_code, told["parameter"], told["value"]) == (400, name, value)
    assert "10000" in told["expected"]["en"] or "1000000000" in told["expected"]["en"]


def test_a_graph_has_no_pages(client: httpx2.Client) -> None:
    """CONSTRUCT has no rows; 400 says so."""
    answer = client.get("/queries/bathing-place", params={"id": "SE1", "limit": "5"})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


# ---------------------------------------------------------------------- faults and descriptions


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_wrong_value_is_named(client: httpx2.Client, language: str) -> None:
    """The parameter, the value and what was expected, in the language of the request."""
    answer = client.get("/queries/bathing-places-near", params={**NEAR, "radius": "far", "lang": language})
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, told["parameter"], told["value"]) == (400, "radius", "far")
    assert set(told["expected"]) == {"sv", "en"}
    assert told["expected"][language] in told["detail"]


def test_a_missing_value_is_named_and_the_description_linked(client: httpx2.Client) -> None:
    """400 says which value is missing and where the query is described."""
    told = client.get("/queries/bathing-places-near").json()
    assert (told["parameter"], told["value"]) == ("near", None)
    assert client.get(told["describedby"]).json()["name"] == "bathing-places-near"


def test_an_unknown_parameter_is_named(client: httpx2.Client) -> None:
    """So that a slip in a name never passes for no condition at all."""
    answer = client.get("/queries/publishers", params={"langauge": "sv"})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "langauge")
    assert answer.json()["known"] == ["language"]


def test_a_query_is_described(client: httpx2.Client) -> None:
    """As in the list, with formats, what each parameter expects, and how the last rehearsal went."""
    told = client.get("/queries/bathing-places-near", headers={"Accept": "application/json"}).json()
    assert told == client.get("/queries/bathing-places-near?format=description").json()
    assert told["name"] == "bathing-places-near"
    assert {form["name"] for form in told["formats"]} >= {"json", "geojson", "xlsx"}
    assert {parameter["name"] for parameter in told["parameters"]} == {"near", "radius", "facility"}
    assert all(parameter["expected"] for parameter in told["parameters"])
    assert (told["rehearsal"]["state"], told["rehearsal"]["rows"] > 0) == ("ok", True)
    listed = client.get("/queries", headers={"Accept": "application/json"}).json()["queries"]
    assert told in listed
    assert client.get(told["example"], headers={"Accept": "text/csv"}).status_code == 200


def test_json_is_the_answer_where_the_address_is_a_call(client: httpx2.Client) -> None:
    """`Accept: application/json` describes only what cannot be answered without values."""
    json_ = {"Accept": "application/json"}
    assert "results" in client.get("/queries/publishers", headers=json_).json()
    assert "results" in client.get("/queries/bathing-places-near", params=NEAR, headers=json_).json()
    half = client.get("/queries/bathing-places-near", params={"radius": "5"}, headers=json_)
    assert half.status_code == 400


def test_the_list_is_known_again(client: httpx2.Client) -> None:
    """304 for a client that has the list."""
    first = client.get("/queries")
    again = client.get("/queries", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_service_description_has_the_examples(client: httpx2.Client) -> None:
    """SPARQL editors find each saved query in the description of the endpoint."""
    body = client.get("/sparql", headers={"Accept": "application/n-triples"}).content
    executable = "http://www.w3.org/ns/shacl#SPARQLExecutable"
    found = [quad for quad in parse(body, format=RdfFormat.N_TRIPLES) if executable in str(quad.object)]
    assert len(found) == len(QUERIES)
