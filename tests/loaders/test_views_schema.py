"""Datasets for search engines: schema.org, as JSON that is JSON-LD too."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from loaders.views.schema_org import LONGEST, SHORTEST
from tests.harvested import STOCKHOLM, region
from tests.loaders.test_views import build, objects, triples


def objects_by_id(folder: Path) -> dict[str, dict[str, Any]]:
    """The objects of the schema.org view by their @id."""
    text = gzip.decompress((folder / "views" / "schema.org.jsonld.gz").read_bytes())
    document = json.loads(text)
    assert document["@context"] == "https://schema.org/"
    return {one["@id"]: one for one in document["@graph"]}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small region, with its views; one description is far too long."""
    folder = tmp_path_factory.mktemp("schema") / "release"
    build(folder, region(STOCKHOLM.replace('"Serie"@sv', f'"{"Serie. " * 1000}"@sv')))
    return folder


def test_download_addresses_are_those_of_the_catalogue(small: Path) -> None:
    """Test 9 of the harvesting rules: contentUrl is the download address, else that for access."""
    found = objects_by_id(small)
    rdf = triples(small, "dcat-ap")
    downloads = [one for thing in found.values() for one in thing.get("distribution", ())]
    assert len(downloads) == 3
    for one in downloads:
        distribution = NamedNode(one["@id"])
        stated = objects(rdf, distribution, "dcat:downloadURL") or objects(
            rdf, distribution, "dcat:accessURL"
        )
        assert {NamedNode(one["contentUrl"])} == stated


def test_every_dataset_has_name_and_description_of_the_right_length(small: Path) -> None:
    """Short descriptions are led by title and followed by keywords, long ones end in time."""
    datasets = [one for one in objects_by_id(small).values() if one["@type"] == "Dataset"]
    assert len(datasets) == 4
    assert all(one["name"] and one["description"] for one in datasets)
    assert max(len(one["description"]) for one in datasets) == LONGEST
    short = objects_by_id(small)["https://nacka.example/parks"]
    assert len(short["description"]) < SHORTEST
    assert short["description"] == "Parker. Kommunens parker"


def test_places_times_and_licences(small: Path) -> None:
    """A box turns from longitude-first to latitude-first, a period becomes an interval, agreement is told."""
    found = objects_by_id(small)["https://stockholm.example/bathing"]
    boxes = [one["geo"]["box"] for one in found["spatialCoverage"] if "geo" in one]
    assert boxes == ["59.2 17.7 59.5 18.2"]
    assert {"@type": "Place", "@id": "https://odis.example/area"} in found["spatialCoverage"]
    assert found["temporalCoverage"] == "2020-01-01/.."
    assert found["license"] == "http://creativecommons.org/licenses/by/4.0/"
    assert found["isAccessibleForFree"] is True
    assert found["inLanguage"] == "sv"
    assert found["contactPoint"]["email"] == "data@stockholm.example"
    assert found["contactPoint"]["telephone"] == "+468123456"
    (csv,) = [one for one in found["distribution"] if one.get("encodingFormat") == "text/csv"]
    assert csv["contentSize"] == "123 B"


def test_it_is_json_ld(small: Path) -> None:
    """With a vocabulary for the context it parses to triples about every thing in it."""
    document = json.loads(gzip.decompress((small / "views" / "schema.org.jsonld.gz").read_bytes()))
    document["@context"] = {"@vocab": "https://schema.org/"}
    quads = list(parse(json.dumps(document).encode(), format=RdfFormat.JSON_LD))
    assert {quad.subject for quad in quads} >= {NamedNode(iri) for iri in objects_by_id(small)}
