"""CKAN's action API over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import ckanapi
import httpx2 as httpx
import pytest

from benchmarks.graphs import write_graph
from tests.harvested import STOCKHOLM
from tests.harvested import region as small_region
from tests.server.harvesting import CREATED, Region, get, serving


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The small region on two days; on the second one dataset changed and one source went."""
    with serving(tmp_path_factory.mktemp("ckan")) as region:
        region.build(small_region())
        changed = STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')
        region.build(small_region(changed, ""), CREATED + timedelta(days=1))
        yield region


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """250 datasets of 7 publishers, behind a server."""
    with serving(tmp_path_factory.mktemp("ckan")) as region:
        path = region.folder / "0"
        path.mkdir()
        write_graph(path / "graph.nq", 250, publishers=7, base=region.base)
        region.add(path)
        yield region


def act(region: Region, action: str, **arguments: str) -> Any:
    """The result of an action."""
    response = httpx.get(f"{region.base}api/3/action/{action}", params=arguments)
    assert response.status_code == 200
    body = response.json()
    assert body["success"] is True
    return body["result"]


def search(region: Region, **arguments: str) -> tuple[int, list[str]]:
    """Count and titles of a search."""
    result = act(region, "package_search", **arguments)
    return result["count"], [one["title"] for one in result["results"]]


def test_a_package_tells_what_the_dataset_does(region: Region) -> None:
    """Title, texts, publisher, tags, resources with address, format and size, and the IRI as extra."""
    (name,) = [
        one["name"]
        for one in act(region, "package_search", q="badplatser")["results"]
        if one["num_resources"]
    ]
    found = act(region, "package_show", id=name)
    assert found["title"] == "Badplatser & bryggor"
    assert found["organization"]["title"] == "Stockholms stad"
    assert [tag["name"] for tag in found["tags"]] == ["bad", "badplats"]
    extras = {one["key"]: one["value"] for one in found["extras"]}
    assert extras["uri"] == "https://stockholm.example/bathing"
    assert found["metadata_created"] == "2026-11-24T08:00:00"
    (file,) = [one for one in found["resources"] if one["download_url"]]
    assert (file["url"], file["format"], file["mimetype"], file["size"]) == (
        "https://stockholm.example/bad.csv?a=1&b=2",
        "CSV",
        "text/csv",
        123,
    )
    assert act(region, "package_show", id="https://stockholm.example/bathing") == found


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        ({"q": "*:*"}, {"Badplatser & bryggor", "Bad, år för år", "Buller\x01"}),
        ({}, {"Badplatser & bryggor", "Bad, år för år", "Buller\x01"}),
        ({"q": "brygg"}, {"Badplatser & bryggor"}),
        ({"q": "title:bryggor"}, set()),
        ({"fq": "tags:badplats"}, {"Badplatser & bryggor"}),
        ({"fq": 'res_format:"CSV"'}, {"Badplatser & bryggor"}),
        ({"fq": "organization:se2120000142", "q": "serie"}, {"Bad, år för år"}),
        ({"fq": "organization:nobody"}, set()),
        ({"q": 'bad" OR "buller'}, set()),
        ({"q": "buller NEAR( * ^ { title:"}, set()),
        ({"fq": "metadata_modified:[2026-11-25T00:00:00Z TO *]"}, {"Buller\x01"}),
        ({"fq": "metadata_modified:[* TO 2026-11-24T23:00:00]"}, {"Badplatser & bryggor", "Bad, år för år"}),
    ],
)
def test_searches_find_what_they_say(region: Region, arguments: dict[str, str], titles: set[str]) -> None:
    """Words, fields and ranges narrow the search; operators of the engine are just words."""
    count, found = search(region, **arguments)
    assert set(found) == titles
    assert count == len(titles)


def test_results_come_in_the_order_asked_for(region: Region) -> None:
    """By title up and down, and by time of change."""
    up = search(region, sort="title asc")[1]
    assert up == sorted(up)
    assert search(region, sort="title_string desc")[1] == up[::-1]
    assert search(region, sort="metadata_modified desc")[1][0] == "Buller\x01"


def test_paging_reaches_everything_once(large: Region) -> None:
    """CKAN harvesters page with rows and start; the facet counts add up."""
    names = []
    for start in (0, 100, 200, 300):
        result = act(
            large, "package_search", rows="100", start=str(start), **{"facet.field": '["organization"]'}
        )
        names += [one["name"] for one in result["results"]]
        assert result["count"] == 250
        assert sum(result["facets"]["organization"].values()) == 250
    assert len(names) == len(set(names)) == 250
    assert sorted(names) == sorted(act(large, "package_list"))
    assert len(act(large, "package_list", limit="10", offset="245")) == 5


def test_publishers_are_organizations(large: Region) -> None:
    """Each publisher is an organization with its number of packages."""
    names = act(large, "organization_list")
    full = act(large, "organization_list", all_fields="true")
    assert [one["name"] for one in full] == names
    assert sum(one["package_count"] for one in full) == 250
    assert act(large, "organization_show", id=names[0])["title"] == "Kommun 0"


def test_ckan_clients_post_json(large: Region) -> None:
    """A POST with a JSON object, as ckanapi sends it, is answered as the GET is."""
    address = f"{large.base}api/action/package_search"
    posted = httpx.post(address, json={"q": "cykel", "rows": 3}).json()
    assert posted["result"] == act(large, "package_search", q="cykel", rows="3")
    assert posted["result"]["count"] == 25
    assert httpx.post(address, content=b"{", headers={"Content-Type": "application/json"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("package_show", 409, "Validation Error"),
        ("package_show?id=nothing", 404, "Not Found Error"),
        ("package_show?id=https://nacka.example/parks", 404, "Not Found Error"),
        ("package_create", 404, "Not Found Error"),
        ("organization_show?id=x", 404, "Not Found Error"),
        ("help_show?name=x", 404, "Not Found Error"),
        ("package_search?rows=x", 409, "Validation Error"),
        ("package_search?fq=metadata_modified:[x TO *]", 409, "Search Error"),
    ],
)
def test_errors_have_ckans_form(region: Region, path: str, status: int, kind: str) -> None:
    """Errors say success false and the kind that CKAN clients turn into exceptions."""
    response = get(region, f"api/3/action/{path}")
    assert response.status_code == status
    assert response.json()["success"] is False
    assert response.json()["error"]["__type"] == kind


@pytest.mark.parametrize("action", ["status_show", "site_read", "group_list", "tag_list"])
def test_what_tools_ask_first_is_answered(region: Region, action: str) -> None:
    """Actions that clients call to see whether this is CKAN."""
    act(region, action)
    assert act(region, "help_show", name=action)


@pytest.mark.parametrize("get_only", [True, False], ids=["GET", "POST"])
def test_the_real_client_reads_everything(large: Region, get_only: bool) -> None:
    """ckanapi, unchanged, finds and shows every package, and raises what CKAN's faults are to it."""
    with ckanapi.RemoteCKAN(large.base, user_agent="test", get_only=get_only) as client:
        names = client.action.package_list()
        shown = client.action.package_show(id=names[0])
        found = client.action.package_search(q="*:*", rows=1000)
        assert (len(names), found["count"], len(found["results"])) == (250, 250, 250)
        assert shown in found["results"]
        (publisher,) = {one["organization"]["name"] for one in found["results"] if one["id"] == shown["id"]}
        assert client.action.organization_show(id=publisher)["package_count"] > 30
        with pytest.raises(ckanapi.NotFound):
            client.action.package_show(id="nope")
