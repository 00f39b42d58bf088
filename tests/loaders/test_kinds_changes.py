"""Sources that tell their changes: OAI-PMH and change feeds, followed from harvest to harvest."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse, serialize

from loaders.kinds.oai import RUNS
from tests.loaders.kinds import Harvested, lines, refusal, titles
from tests.loaders.site import Answer, Asked, Site

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dcterms="http://purl.org/dc/terms/">
<dcat:Dataset rdf:about="https://e.example/{id}"><dcterms:title>{title}</dcterms:title>
<dcat:distribution rdf:nodeID="x"/></dcat:Dataset>
<dcat:Distribution rdf:nodeID="x"><dcterms:title>file of {title}</dcterms:title></dcat:Distribution>
</rdf:RDF>"""
DC = """<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="sv">{title}</dc:title>
<dc:identifier>x-{id}</dc:identifier><dc:identifier>https://e.example/{id}</dc:identifier>
<dc:publisher>Kommunen</dc:publisher></dc>"""


class Repository:
    """A small OAI-PMH repository: `records` are (id, second of change, title or None for a deleted one)."""

    def __init__(self, deletes: str = "persistent", metadata: str = RDF) -> None:
        self.records: list[tuple[str, int, str | None]] = []
        self.second = 0
        self.asked: list[dict[str, str]] = []
        self._deletes = deletes
        self._metadata = metadata

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request; two records in a list, the rest by a token."""
        words = {name: value[0] for name, value in parse_qs(urlsplit(asked.path).query).items()}
        self.asked.append(words)
        if words["verb"] == "Identify":
            body = f"<Identify><deletedRecord>{self._deletes}</deletedRecord>{GRANULARITY}</Identify>"
        else:
            body = self._list(words)
        date = f"<responseDate>{self._date(self.second)}</responseDate>"
        text = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{date}{body}</OAI-PMH>'
        return Answer(body=text.encode(), headers={"Content-Type": "text/xml"})

    def _list(self, words: dict[str, str]) -> str:
        since, _, start = words.get("resumptionToken", words.get("from", "")).partition("|")
        found = [record for record in self.records if self._date(record[1]) >= since]
        if not found:
            return '<error code="noRecordsMatch">none</error>'
        first = int(start or 0)
        following = f"{since}|{first + 2}" if len(found) > first + 2 else ""
        shown = "".join(map(self._record, found[first : first + 2]))
        return f"<ListRecords>{shown}<resumptionToken>{following}</resumptionToken></ListRecords>"

    def _record(self, record: tuple[str, int, str | None]) -> str:
        id, _, title = record
        status = "" if title else ' status="deleted"'
        header = f"<header{status}><identifier>oai:{id}</identifier></header>"
        metadata = f"<metadata>{self._metadata.format(id=id, title=title)}</metadata>" if title else ""
        return f"<record>{header}{metadata}</record>"

    @staticmethod
    def _date(second: int) -> str:
        return f"2026-11-24T08:00:{second:02}Z"


GRANULARITY = "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity>"


def repository(server: Site, **more: str) -> Repository:
    """A repository with three records at /oai."""
    found = Repository(**more)
    found.records = [(name, 0, name) for name in ("a", "b", "c")]
    server.answers["/oai"] = found.answer
    return found


def test_records_and_then_only_changes(server: Site, harvested: Harvested) -> None:
    """A token leads on; later only what changed is asked for, and what was deleted goes."""
    served = repository(server)
    location = f"{server.address}/oai"
    served.second = 1
    assert titles(harvested("oai-pmh", location)) == ["a", "b", "c", "file of a", "file of b", "file of c"]
    assert [words["verb"] for words in served.asked] == ["Identify", "ListRecords", "ListRecords"]
    served.second = 5
    assert harvested("oai-pmh", location).entry.state == "unchanged"
    assert served.asked[-1]["from"] == "2026-11-24T08:00:01Z"
    served.records = [("c", 0, "c"), ("a", 6, None), ("b", 7, "b2"), ("d", 7, "d")]
    served.second = 8
    before = len(served.asked)
    outcome = harvested("oai-pmh", location)
    assert titles(outcome) == ["b2", "c", "d", "file of b2", "file of c", "file of d"]
    assert len(served.asked) - before == 3
    assert harvested("oai-pmh", location).entry.state == "unchanged"
    assert served.asked[-1]["from"] == "2026-11-24T08:00:08Z"


def test_a_repository_that_tells_no_deletions_is_read_whole(server: Site, harvested: Harvested) -> None:
    """Otherwise what is gone there would stay here for ever."""
    served = repository(server, deletes="no")
    harvested("oai-pmh", f"{server.address}/oai")
    served.records.pop()
    assert titles(harvested("oai-pmh", f"{server.address}/oai")) == ["a", "b", "file of a", "file of b"]
    assert not any("from" in words for words in served.asked)


def test_after_many_changes_all_is_read_again(server: Site, harvested: Harvested) -> None:
    """So what was missed once is found in the end, and the number of documents stays small."""
    served = repository(server)
    for second in range(1, RUNS + 3):
        served.records[0] = ("a", second, f"a{second}")
        served.second = second
        outcome = harvested("oai-pmh", f"{server.address}/oai")
    listed = [words for words in served.asked if "metadataPrefix" in words]
    assert [("from" in words) for words in listed] == [False, *[True] * RUNS, False]
    assert outcome.good
    assert len(outcome.good.documents) == 2


def test_dublin_core(server: Site, harvested: Harvested) -> None:
    """Where a repository has nothing better, its simple records become datasets."""
    repository(server, metadata=DC)
    made = lines(harvested("oai-pmh", f"{server.address}/oai", 'prefix = "oai_dc"\nset = "s"'))
    assert {'<e:a> <dcterms:title> "a"@sv', '<e:a> <dcterms:identifier> "x-a"'} <= made
    assert len([line for line in made if line.endswith('<foaf:name> "Kommunen"')]) == 3


ENTITY = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<html/>", "it is no answer of OAI-PMH"),
        ("<OAI-PMH", "it is not XML"),
        (f"{ENTITY}<a>&b;</a>", "its DOCTYPE declares the entity b"),
        ('<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-24T08:00:00Z</responseDate>'
         f'{GRANULARITY}<error code="badArgument">no</error></OAI-PMH>', "answered badArgument: no"),
    ],
)  # fmt: skip
def test_what_is_no_repository_is_refused(
    server: Site, harvested: Harvested, body: str, message: str
) -> None:
    """Each fault has its sentence."""
    server.answers["/oai"] = [Answer(body=body.encode())]
    assert message in refusal(harvested("oai-pmh", f"{server.address}/oai"))


def test_metadata_that_is_not_understood(server: Site, harvested: Harvested) -> None:
    """The sentence names what came instead of RDF."""
    repository(server, metadata='<mods xmlns="http://www.loc.gov/mods/v3"/>')
    assert "mods, which is not understood" in refusal(harvested("oai-pmh", f"{server.address}/oai"))


FEED = """@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix tree: <https://w3id.org/tree#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix e: <https://e.example/> .
"""


def activity(name: str, kind: str, about: str, time: str, title: str = "") -> str:
    """A member of a feed with its payload."""
    payload = f'e:{name} {{ e:{about} a dcat:Dataset ; dcterms:title "{title}" . }}\n' if title else ""
    return f'e:{name} a as:{kind} ; as:object e:{about} ; as:published "{time}"^^xsd:dateTime .\n{payload}'


def feed_page(text: str, *, closed: bool = False) -> Answer:
    """A page; a closed one never changes."""
    headers = {"Content-Type": "application/trig", "ETag": f'"{hash(text)}"'}
    if closed:
        headers["Cache-Control"] = "public, max-age=604800, immutable"
    return Answer(body=(FEED + text).encode(), headers=headers)


def relation(*pages: str) -> str:
    """The way from a page to others."""
    return "<> a tree:Node ; " + " ; ".join(f"tree:relation [ tree:node <{page}> ]" for page in pages) + " ."


def test_a_feed_is_followed(server: Site, harvested: Harvested) -> None:
    """The newest activity decides by its time, in any order of pages; closed pages are read once only."""
    server.answers |= {
        "/feed": [feed_page(relation("/2", "/1"))],
        "/1": [
            feed_page(
                activity("1", "Create", "x", "2026-01-01T00:00:00Z", "x1")
                + activity("2", "Create", "y", "2026-01-01T00:00:01Z", "y1")
                + activity("3", "Create", "z", "2026-01-01T00:00:02Z", "z1"),
                closed=True,
            )
        ],
        "/2": [
            feed_page(
                activity("5", "Delete", "y", "2026-01-02T00:00:02Z")
                + activity("4", "Update", "x", "2026-01-02T01:00:00+01:00", "x2")
            )
        ],
    }
    location = f"{server.address}/feed"
    assert titles(harvested("feed", location)) == ["x2", "z1"]
    assert sorted(asked.path for asked in server.asked) == ["/1", "/2", "/feed"]
    more = activity("6", "Create", "y", "2026-01-03T00:00:00Z", "y again")
    server.answers["/2"] = [feed_page(activity("4", "Update", "x", "2026-01-02T01:00:00+01:00", "x2") + more)]
    assert titles(harvested("feed", location)) == ["x2", "y again", "z1"]
    assert sorted(asked.path for asked in server.asked[3:]) == ["/2", "/feed"]


def test_pages_that_a_server_lets_go_stay(server: Site, harvested: Harvested) -> None:
    """Retention at the source loses nothing here: only a Delete does."""
    first = activity("1", "Create", "x", "2026-01-01T00:00:00Z", "x1")
    second = activity("2", "Create", "y", "2026-01-02T00:00:00Z", "y1")
    server.answers |= {
        "/feed": [feed_page(relation("/1")), feed_page(relation("/2"))],
        "/1": [feed_page(first)],
        "/2": [feed_page(second)],
    }
    assert titles(harvested("feed", f"{server.address}/feed")) == ["x1"]
    assert titles(harvested("feed", f"{server.address}/feed")) == ["x1", "y1"]


def test_a_feed_in_json_ld_with_a_known_context(server: Site, harvested: Harvested) -> None:
    """The context of Activity Streams is not fetched; ours stands for it."""
    document = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"title": "http://purl.org/dc/terms/title"}],
        "id": "https://e.example/1",
        "type": "Create",
        "object": "https://e.example/x",
        "published": "2026-01-01T00:00:00Z",
        "@graph": [{"id": "https://e.example/x", "title": "x1"}],
    }
    server.answers["/feed"] = [Answer(body=json.dumps(document).encode())]
    assert titles(harvested("feed", f"{server.address}/feed")) == ["x1"]


def test_what_is_no_feed_is_refused(server: Site, harvested: Harvested) -> None:
    """A catalogue at the address of a feed is an error, not an empty feed."""
    server.answers["/feed"] = [feed_page('e:x a dcat:Dataset ; dcterms:title "x" .')]
    assert "there is no activity in it" in refusal(harvested("feed", f"{server.address}/feed"))


@pytest.mark.shared
@pytest.mark.parametrize("case", ["test1", "test3", "test6", "test16"])
def test_the_national_cases(shared: Path, tmp_path: Path, harvested: Harvested, case: str) -> None:
    """DIGG's cases of LDES for DCAT-AP: what was before, as a first page, and the feed give what is after."""
    folder = shared / "corpus" / "dcat" / "ldes"
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "0.trig").write_bytes(as_feed(triples(folder / f"{case}-before.ttl")))
    (tmp_path / "feed" / "1.trig").write_bytes((folder / f"{case}-feed.trig").read_bytes())
    outcome = harvested("feed", "feed")
    assert outcome.good, outcome.entry.message
    found = {quad.triple for quad in parse(path=outcome.good.folder / "graph.nq", format=RdfFormat.N_QUADS)}
    assert found == triples(folder / f"{case}-after.ttl")


def triples(path: Path) -> set[Triple]:
    """The triples of a Turtle file."""
    return {quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)}


def as_feed(found: set[Triple]) -> bytes:
    """A page that creates each subject, long ago."""
    about = NamedNode("https://www.w3.org/ns/activitystreams#object")
    page = []
    for triple in found:
        assert isinstance(triple.subject, NamedNode)
        name = NamedNode(f"urn:created:{triple.subject.value}")
        page.append(Quad(name, about, triple.subject))
        page.append(Quad(triple.subject, triple.predicate, triple.object, name))
    return serialize(page, format=RdfFormat.TRIG) or b""
