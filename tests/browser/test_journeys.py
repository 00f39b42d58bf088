"""Five journeys of five people, in both languages: on a desk, and on a phone where no script runs."""

import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect
from pyoxigraph import NamedNode, RdfFormat, parse

from ontology import iri
from tests.browser.conftest import Language, OpenPage, Width

pytestmark = pytest.mark.browser
STEP_FREE = "Exempelbadet Kungsholmen (påhittat)"
QUERY = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
SELECT ?dataset WHERE { ?dataset a dcat:Dataset } ORDER BY ?dataset LIMIT 3"""
HERE = {"latitude": 59.3293, "longitude": 18.0686}


class Way:
    """Someone on the way through the pages, in one language and on one device."""

    def __init__(self, page: Page, language: Language, scripts: bool) -> None:
        self.page = page
        self.language = language
        self.scripts = scripts

    def say(self, sv: str, en: str) -> str:
        """The words of this language."""
        return sv if self.language == "sv" else en

    def follow(self, sv: str, en: str) -> None:
        """Follow the first link with these words."""
        self.page.locator("main, nav").get_by_role("link", name=self.say(sv, en)).first.click()

    def arrived(self, sv: str, en: str) -> None:
        """See the heading of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.say(sv, en))


@pytest.fixture(params=[(lang, wide) for lang in ("sv", "en") for wide in ("wide", "phone")], ids="-".join)
def way(request: pytest.FixtureRequest, open_page: OpenPage) -> Way:
    """Someone on the first page; on the phone scripts are off."""
    language: Language
    width: Width
    language, width = request.param
    scripts = width == "wide"
    return Way(open_page("/", language, width, scripts=scripts), language, scripts)


def test_find_step_free_bathing_places_near_me_and_download_them(way: Way, tmp_path: Path) -> None:
    """Search, a ready question, one's own place and step-free access; the answer as a file for a map."""
    page = way.page
    page.get_by_role("searchbox").fill(way.say("badplatser nära", "bathing places near"))
    page.get_by_role("button", name=way.say("Sök", "Search")).click()
    page.locator(".pills").get_by_role("link", name=way.say("Frågor", "Questions")).click()
    way.follow("Badplatser nära en punkt", "Bathing places near a point")
    near = page.get_by_label(way.say("Nära", "Near"), exact=True)
    if way.scripts:
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": HERE["latitude"], "longitude": HERE["longitude"]})
        page.get_by_role("button", name=way.say("Där jag är", "Where I am")).click()
        expect(near).to_have_value("59.3293,18.0686")
    else:
        expect(page.get_by_role("button", name=way.say("Där jag är", "Where I am"))).to_be_hidden()
        near.fill("59.3293,18.0686")
    page.get_by_label(way.say("Avstånd", "Distance")).fill("20000")
    page.get_by_label(way.say("Åtkomlig med rullstol", "Wheelchair accessible")).check()
    page.get_by_role("button", name=way.say("Visa svaret", "Show the answer")).click()
    expect(page.get_by_role("link", name=STEP_FREE)).to_be_visible()
    expect(page.get_by_role("link", name="Tanto strandbad")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoJSON").click()
    download.value.save_as(tmp_path / "places.geojson")
    features = json.loads((tmp_path / "places.geojson").read_text("utf-8"))["features"]
    assert STEP_FREE in {feature["properties"]["name"] for feature in features}
    assert all(feature["geometry"]["type"] == "Point" for feature in features)


def test_write_and_share_a_query(open_page: OpenPage, way: Way) -> None:
    """Without a script a query is written in the plain form; its address shows the same to anyone else."""
    page = open_page("/", way.language, "wide" if way.scripts else "phone", scripts=False)
    page.get_by_role("link", name="SPARQL").first.click()
    page.get_by_label(way.say("Fråga i SPARQL", "Query in SPARQL")).fill(QUERY)
    page.get_by_role("button", name=way.say("Kör frågan", "Run the query")).click()
    rows = page.get_by_role("row")
    expect(rows).to_have_count(4)
    other = open_page(page.url.removeprefix(page.url.partition("/sparql")[0]), way.language, scripts=False)
    expect(other.get_by_role("row")).to_have_text(rows.all_inner_texts(), use_inner_text=True)


def test_a_steward_finds_her_worst_dataset_and_what_to_mend(way: Way) -> None:
    """From her organisation to the dataset with most faults, to a fault in words with her own value."""
    way.follow("Du publicerar data", "You publish data")
    way.follow("utgivarsidan", "the page of publishers")
    way.follow("Norrtälje kommun", "Norrtälje Municipality")
    mend = way.page.get_by_role("region", name=way.say("Att rätta först", "To mend first"))
    worst = mend.get_by_role("listitem").first
    expect(worst).to_contain_text(way.say("14 fel", "14 faults"))
    worst.get_by_role("link").click()
    way.arrived("Badplatser", "Badplatser")
    faults = way.page.get_by_role("region", name=way.say("Kvalitet", "Quality")).locator("li")
    fault = faults.filter(has_text="2023-06-31")
    expect(fault).to_contain_text(way.say("Utgivningsdatumet är inte ett giltigt datum", "not a valid date"))
    fault.get_by_role("link", name=way.say("om regeln", "about the rule")).click()
    way.arrived("Måste rättas", "Must be mended")


def test_a_portal_operator_finds_the_harvest_address(way: Way) -> None:
    """The address that the page shows gives the whole catalogue, and nothing the second time."""
    way.follow("Du driver en portal", "You run a portal")
    address = way.page.locator("#address").inner_text()
    answer = httpx2.get(address)
    assert answer.headers["content-type"].startswith("application/rdf+xml")
    quads = list(parse(answer.content, format=RdfFormat.RDF_XML))
    datasets = {quad.subject for quad in quads if quad.object == NamedNode(iri("dcat:Dataset"))}
    assert len(datasets) > 20
    again = httpx2.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_developer_gets_from_a_dataset_to_working_code(way: Way) -> None:
    """The Python code of the page runs as it stands, and gives every row of the dataset."""
    page = way.page
    way.follow("Datamängder", "Datasets")
    page.get_by_role("searchbox").fill(way.say("stadens badplatser", "bathing places of the city"))
    page.get_by_role("button", name=way.say("Sök", "Search")).click()
    page.locator(".entry", has_text=way.say("Stockholms stad", "City of Stockholm")).first.get_by_role(
        "link"
    ).click()
    way.follow("Alla rader: karta", "All rows: map")
    code = page.locator("#code-python").text_content() or ""
    if way.scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("details", has_text="urlopen").get_by_role("button").click()
        expect(page.get_by_role("button", name=way.say("Kopierat", "Copied"))).to_be_visible()
        code = page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("40 rows\n")
    assert "POINT(" in done.stdout
