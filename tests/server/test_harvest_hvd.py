"""The member state's view of high-value datasets: page, export and saved query."""

import csv
import io
from collections.abc import Iterator
from typing import cast

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from queries.saved import load
from tests.harvested import STOCKHOLM
from tests.harvested import region as small_region
from tests.server.harvesting import Region, get, serving

SERVED = """
s:air a dcat:Dataset ; dcterms:title "Luft"@sv ; dcterms:publisher org:SE2120000142 ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> .
s:air-api a dcat:DataService ; dcat:endpointURL <https://stockholm.example/luft> ; dcat:servesDataset s:air .
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The small region with two high-value datasets: one has all, one only a service that names it."""
    with serving(tmp_path_factory.mktemp("hvd")) as region:
        region.build(small_region(STOCKHOLM + SERVED))
        yield region


def test_the_report_says_how_each_dataset_is_offered(region: Region) -> None:
    """Category, API, download and licence of each dataset under the regulation."""
    air, bathing = get(region, "hvd.json").json()
    assert bathing == {
        "dataset": "https://stockholm.example/bathing",
        "title": "Badplatser & bryggor",
        "publisher": "http://dataportal.se/organisation/SE2120000142",
        "publisher_name": "Stockholms stad",
        "categories": ["http://data.europa.eu/bna/c_dd313021"],
        "apis": ["https://stockholm.example/api"],
        "downloads": ["https://stockholm.example/bad.csv?a=1&b=2"],
        "licences": ["http://creativecommons.org/licenses/by/4.0/"],
        "documented": False,
        "marked": True,
    }
    assert air["apis"] == ["https://stockholm.example/luft"]
    assert (air["categories"], air["downloads"], air["licences"]) == ([], [], [])


def test_the_export_is_the_report(region: Region) -> None:
    """CSV has a line for each dataset, several addresses with a space between."""
    lines = list(csv.DictReader(io.StringIO(get(region, "hvd.csv").text)))
    rows = get(region, "hvd.json").json()
    assert [(line["dataset"], line["apis"].split()) for line in lines] == [
        (row["dataset"], row["apis"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", ("Värdefulla datamängder", "Badplatser &amp; bryggor", "saknas")),
        ("en", ("Bathing places", "missing")),
    ],
)
def test_the_page_is_in_both_languages(region: Region, language: str, said: tuple[str, ...]) -> None:
    """Titles in the language of the reader, what is missing is told, and the export is linked."""
    page = get(region, f"hvd?lang={language}")
    assert page.headers["content-language"] == language
    assert [one for one in (*said, "/hvd.csv", "stockholm.example/luft") if one not in page.text] == []
    assert get(region, f"hvd?lang={language}", If_None_Match=page.headers["etag"]).status_code == 304


def test_the_saved_query_finds_the_same(region: Region) -> None:
    """`high-value-datasets` gives the datasets, APIs and downloads of the report."""
    store = Store()
    store.bulk_load(path=region.served().graph, format=RdfFormat.N_QUADS)
    found = cast(QuerySolutions, store.query(load()["high-value-datasets"].bind({"language": "sv"})))
    columns = ("apis", "downloads", "licences")
    rows = {(row["dataset"].value, *(row[one].value if row[one] else "" for one in columns)) for row in found}
    report = get(region, "hvd.json").json()
    assert rows == {(row["dataset"], *(" ".join(row[one]) for one in columns)) for row in report}
