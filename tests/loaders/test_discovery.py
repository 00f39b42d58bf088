"""From catalogue to data by itself: the sample's catalogues on loopback, whose tables become rows."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders.config import SAMPLE
from tests.conftest import odis
from tests.loaders.site import Answer, Site, site

CATALOGUES = SAMPLE.parent / "catalogues"
DATA = SAMPLE.parent / "data"
PLAYGROUNDS = "lekplats-id,namn,latitude,longitude,lekplatskategori\n1,Ängen,59.31,18.16,närlekplats\n"
CONFIG = """[odis]
discover = {discover}
max_fall = 1.0
[[source]]
id = "nacka"
kind = "dcat"
title = "Nacka"
location = "{address}/nacka.rdf"
private = true
[[source]]
id = "sodertalje"
kind = "dcat"
title = "Södertälje"
location = "{address}/sodertalje.nt"
private = true
[[source]]
id = "stockholm"
kind = "dcat"
title = "Stockholm"
location = "{address}/stockholm.ttl"
private = true
[[source]]
id = "utegym"
kind = "csv"
title = "Utegym"
specification = "outdoor-gyms"
location = "{data}/stockholm-utegym.csv"
dataset = "{address}/stockholm/catalogue/utegym"
"""


@dataclass
class Region:
    """A folder with a configuration, and the server that its catalogues lie on."""

    folder: Path
    site: Site


def _page(start: int) -> Answer:
    """A page of a RowStore with three rows, two to a page, all values texts."""
    rows = [
        {"place_id": f"0181-{n}", "name": f"Bad {n}", "latitude": "59.1", "longitude": f"17.{n}"}
        for n in range(start, min(start + 2, 3))
    ]
    return Answer(body=json.dumps({"resultCount": 3, "offset": start, "limit": 2, "results": rows}).encode())


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    """Three catalogues of the sample, with all addresses on loopback, and what they lead to."""
    with site() as server:
        for name in ("nacka.rdf", "sodertalje.nt", "stockholm.ttl"):
            text = (CATALOGUES / name).read_text("utf-8")
            body = re.sub(r"https://(?!odis)(\w+)\.example", rf"{server.address}/\1", text).encode()
            server.answers[f"/{name}"] = [Answer(body=body)]
        for name in ("nacka-badplatser.csv", "stockholm-badplatser.csv"):
            place = f"/{name.partition('-')[0]}/data/{name}"
            server.answers[place] = [Answer(body=(DATA / name).read_bytes())]
        rowstore = "/sodertalje/rowstore/dataset/badplatser"
        server.answers[rowstore] = lambda asked: _page(2 if "_offset=2" in asked.path else 0)
        server.answers["/nacka/oppnadata/forskolor.json"] = [Answer(body=PLAYGROUNDS.encode())]
        text = CONFIG.format(address=server.address, data=DATA, discover="true")
        (tmp_path / "odis.toml").write_text(text, encoding="utf-8")
        yield Region(tmp_path, server)


def _states(folder: Path) -> dict[str, str]:
    """The state of each source that a build made of an offer, without the mark of its dataset."""
    sources = json.loads(odis(folder, "build", "--json", code=1).stdout)["sources"]
    return {source["id"][:-9]: source["state"] for source in sources if source["id"].count("-") > 1}


def test_what_follows_a_specification_becomes_rows_by_itself(region: Region) -> None:
    """Fetched, all pages, converted and joined to its dataset; a dead link is one source's failure alone."""
    assert _states(region.folder) == {
        "nacka-bathing-places": "new",
        "sodertalje-bathing-places": "new",
        "stockholm-bathing-places": "new",
        "stockholm-parking": "left out",
        "stockholm-playgrounds": "left out",
    }
    question = (
        "SELECT ?title (COUNT(?place) AS ?places) { ?place a odis:BathingPlace ; dcterms:isPartOf ?dataset ."
        " ?dataset a dcat:Dataset ; dcterms:title ?title FILTER(CONTAINS(?title, ' i ')) } GROUP BY ?title"
    )
    rows = odis(region.folder, "query", question, "--format", "csv").stdout.splitlines()
    assert sorted(rows[1:]) == ["Badplatser i Nacka,27", "Badplatser i Södertälje,3"]
    reports = list((region.folder / "var/current/reports").glob("sodertalje-bathing-places-*.tables.json"))
    pages = json.loads(reports[0].read_bytes())
    assert [(page["file"], page["rows"]) for page in pages] == [("badplatser", 2), ("badplatser", 1)]
    assert not any(count["rule"] == "paged" for page in pages for count in page["counts"])


def test_a_discovered_source_keeps_its_last_good_version(region: Region) -> None:
    """What answers no longer is used as it last was; one alone can be harvested again by its id."""
    odis(region.folder, "build", code=1)
    region.site.answers["/nacka/data/nacka-badplatser.csv"] = [Answer(404)]
    states = _states(region.folder)
    assert states["nacka-bathing-places"] == "last good"
    assert states["stockholm-bathing-places"] == "unchanged"
    asked = len(region.site.asked)
    folders = (region.folder / "var/sources").iterdir()
    name = next(path.name for path in folders if path.name.startswith("stockholm-bathing"))
    odis(region.folder, "build", "--only", name, code=1)
    assert [request.path for request in region.site.asked[asked:]] == [
        "/stockholm/data/stockholm-badplatser.csv"
    ]


def test_offers_are_listed_and_printed_as_sources(region: Region) -> None:
    """Without `discover` nothing is fetched; the command tells what there is, and the header of the rest."""
    text = (region.folder / "odis.toml").read_text("utf-8").replace("discover = true", "discover = false")
    (region.folder / "odis.toml").write_text(text, encoding="utf-8")
    assert "no catalogue was harvested yet" in odis(region.folder, "datasets", "discover", code=2).stderr
    odis(region.folder, "build")
    found = json.loads(odis(region.folder, "datasets", "discover", "--json").stdout)
    told = [(offer["specification"], offer["why"], offer["configured"]) for offer in found]
    assert told.count(("bathing-places", "conformsTo of the dataset", False)) == 3
    assert told.count(("outdoor-gyms", "conformsTo of the dataset", True)) == 1
    assert len(told) == 6
    done = odis(region.folder, "datasets", "discover", "--headers", "--toml")
    tables = tomllib.loads(done.stdout)["source"]
    (playgrounds,) = (t for t in tables if t["title"] == "Förskolor")
    assert playgrounds["specification"] == "playgrounds"
    assert "Laddstationer: " in done.stderr
    (region.folder / "odis.toml").write_text(f"{text}\n{done.stdout}", encoding="utf-8")
    assert playgrounds["id"] in odis(region.folder, "build", "--dry-run").stdout
    assert "configured" in odis(region.folder, "datasets", "discover").stdout
