"""OAI-PMH: every verb and error of the protocol, and a real client that reads everything."""

import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree

import httpx2 as httpx
import pytest
from oaipmh_scythe import Scythe
from pyoxigraph import RdfFormat, parse

from benchmarks.graphs import write_graph
from tests.harvested import STOCKHOLM
from tests.harvested import region as small_region
from tests.loaders.test_views import subjects
from tests.server.harvesting import CREATED, Region, get, serving

OAI = "{http://www.openarchives.org/OAI/2.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """250 datasets of 7 publishers, behind a server."""
    with serving(tmp_path_factory.mktemp("oai")) as region:
        path = region.folder / "0"
        path.mkdir()
        write_graph(path / "graph.nq", 250, publishers=7, base=region.base)
        region.add(path)
        yield region


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The small region on three days: all, one dataset changed, a source gone."""
    with serving(tmp_path_factory.mktemp("changing")) as region:
        changed = STOCKHOLM.replace('"Kort"@sv', '"Längre"@sv')
        for day, found in enumerate((small_region(), small_region(changed), small_region(changed, ""))):
            region.build(found, CREATED + timedelta(days=day))
        yield region


def ask(region: Region, query: str) -> ElementTree.Element:
    """An answer of the protocol, parsed."""
    response = get(region, f"oai?{query}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.text)
    assert root.tag == f"{OAI}OAI-PMH"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", root.findtext(f"{OAI}responseDate") or "")
    return root


def headers(root: ElementTree.Element) -> list[tuple[str, str, str]]:
    """Short identifier, datestamp and status of every header."""
    return [
        (
            (one.findtext(f"{OAI}identifier") or "").rpartition(":")[2],
            one.findtext(f"{OAI}datestamp") or "",
            one.get("status", ""),
        )
        for one in root.iter(f"{OAI}header")
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Nonsense", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=a", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=soon", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-13-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-24&until=2026-11-24T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-25&until=2026-11-24", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:y", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:x:y", "idDoesNotExist"),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&set=publisher:nobody", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=abc", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=WyJtYXJjIl0", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=WzEsMl0", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=abc", "badResumptionToken"),
    ],
)
def test_every_error_has_its_code(changing: Region, query: str, code: str) -> None:
    """Errors are answers of the protocol with the code of section 3.6."""
    errors = ask(changing, query).findall(f"{OAI}error")
    assert [error.get("code") for error in errors] == [code]


def test_identify_says_what_is_promised(changing: Region) -> None:
    """Deletions are kept for ever, times are in seconds, the earliest is that of the oldest record."""
    root = ask(changing, "verb=Identify")
    assert root.findtext(f".//{OAI}deletedRecord") == "persistent"
    assert root.findtext(f".//{OAI}granularity") == "YYYY-MM-DDThh:mm:ssZ"
    assert root.findtext(f".//{OAI}earliestDatestamp") == "2026-11-24T08:00:00Z"
    assert root.findtext(f".//{OAI}baseURL") == f"{changing.base}oai"
    assert root.findtext(f".//{OAI}adminEmail") == "webmaster@127.0.0.1"
    request = root.find(f"{OAI}request")
    assert request is not None
    assert request.attrib == {"verb": "Identify"}


def test_formats_and_sets(changing: Region) -> None:
    """Dublin Core and DCAT-AP; a set for each publisher, also for one that is gone."""
    formats = ask(changing, "verb=ListMetadataFormats")
    assert [e.text for e in formats.iter(f"{OAI}metadataPrefix")] == ["oai_dc", "dcat_ap"]
    sets = [e.text for e in ask(changing, "verb=ListSets").iter(f"{OAI}setSpec")]
    assert sets == ["publisher", "publisher:SE2120000142", "publisher:org-29432a"]


def test_selective_harvesting_by_time(changing: Region) -> None:
    """Test 4: from and until are inclusive; each record bears the time of its last change."""
    listed = "verb=ListIdentifiers&metadataPrefix=oai_dc"
    every = headers(ask(changing, listed))
    assert len(every) == 4
    assert sorted(stamp[:10] for _, stamp, _ in every) == ["2026-11-24"] * 2 + ["2026-11-25", "2026-11-26"]
    assert len(headers(ask(changing, f"{listed}&from=2026-11-25"))) == 2
    assert len(headers(ask(changing, f"{listed}&from=2026-11-25&until=2026-11-25"))) == 1
    assert len(headers(ask(changing, f"{listed}&until=2026-11-24T08:00:00Z"))) == 2
    assert len(headers(ask(changing, f"{listed}&from=2026-11-24T08:00:01Z"))) == 2


def test_deleted_records_are_told_for_ever(changing: Region) -> None:
    """What is gone is listed, in the set of its publisher too, and without metadata."""
    (deleted,) = [one for one in headers(ask(changing, "verb=ListRecords&metadataPrefix=dcat_ap")) if one[2]]
    assert deleted[1:] == ("2026-11-26T08:00:00Z", "deleted")
    found = ask(changing, "verb=ListIdentifiers&metadataPrefix=oai_dc&set=publisher:org-29432a")
    assert headers(found) == [deleted]
    name = found.findtext(f".//{OAI}identifier")
    record = ask(changing, f"verb=GetRecord&metadataPrefix=oai_dc&identifier={name}")
    assert headers(record) == [deleted]
    assert record.find(f".//{OAI}metadata") is None


def test_resumption_reaches_every_record_once(large: Region) -> None:
    """Tokens lead through the list; the last answer has an empty one."""
    query, seen, cursors = "verb=ListRecords&metadataPrefix=oai_dc", [], []
    while query:
        root = ask(large, query)
        seen += headers(root)
        token = root.find(f".//{OAI}resumptionToken")
        assert token is not None
        assert token.get("completeListSize") == "250"
        cursors.append(token.get("cursor"))
        query = f"verb=ListRecords&resumptionToken={token.text}" if token.text else ""
    assert cursors == ["0", "100", "200"]
    assert len(seen) == len(set(seen)) == 250


def test_sets_split_the_records(large: Region) -> None:
    """The sets of the publishers have all records between them."""
    sets = [e.text for e in ask(large, "verb=ListSets").iter(f"{OAI}setSpec") if ":" in (e.text or "")]
    counts = [
        len(headers(ask(large, f"verb=ListIdentifiers&metadataPrefix=oai_dc&set={one}"))) for one in sets
    ]
    assert (len(counts), sum(counts)) == (7, 250)
    assert len(headers(ask(large, "verb=ListIdentifiers&metadataPrefix=oai_dc&set=publisher"))) == 100


def test_post_is_as_good_as_get(changing: Region) -> None:
    """Requests come by POST as well (section 3.1.1.2)."""
    response = httpx.post(f"{changing.base}oai", data={"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"})
    assert len(headers(ElementTree.fromstring(response.text))) == 4


def test_a_record_as_rdf_stands_alone(changing: Region) -> None:
    """The DCAT-AP form is one rdf:RDF element with dataset, distributions, service, publisher and contact."""
    root = ask(changing, "verb=ListRecords&metadataPrefix=dcat_ap")
    texts = [ElementTree.tostring(element) for element in root.iter(RDF)]
    assert len(texts) == 3
    graphs = [{q.triple for q in parse(text, format=RdfFormat.RDF_XML)} for text in texts]
    (bathing,) = [one for one in graphs if len(subjects(one, "dcat:Distribution")) == 2]
    for kind in ("dcat:Dataset", "dcat:DataService", "foaf:Agent", "vcard:Kind", "dcat:CatalogRecord"):
        assert len(subjects(bathing, kind)) == 1, kind


def test_a_record_in_dublin_core(changing: Region) -> None:
    """Texts with their language, the publisher by name, the dataset's IRI as identifier."""
    root = ask(changing, "verb=ListRecords&metadataPrefix=oai_dc")
    said = {(e.tag.removeprefix(DC), e.text) for e in root.iter() if e.tag.startswith(DC)}
    assert {
        ("title", "Badplatser & bryggor"),
        ("publisher", "Stockholms stad"),
        ("identifier", "https://stockholm.example/bathing"),
        ("subject", "badplats"),
        ("type", "Dataset"),
    } <= said


def test_a_real_client_reads_everything(large: Region) -> None:
    """oaipmh-scythe, unchanged, goes through all records in both forms."""
    with Scythe(f"{large.base}oai") as client:
        assert client.identify().repositoryName == "ÖDIS"
        for prefix in ("oai_dc", "dcat_ap"):
            records = list(client.list_records(metadata_prefix=prefix))
            assert len(records) == 250
        identifiers = {one.identifier for one in client.list_identifiers()}  # type: ignore[union-attr]
        assert len(identifiers) == 250
