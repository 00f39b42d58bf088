"""Whatever comes as a catalogue: reading ends in triples or in one sentence, never in a traceback."""

import json
import re
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.catalogues.changes import Changes
from loaders.catalogues.rdf import Input
from loaders.config import SAMPLE
from loaders.kinds import ckan, data_json, dcat, feed, oai
from loaders.kinds.reading import Reading, read
from ontology.errors import SourceError
from tests.fuzz import FUZZ, bounded

pytestmark = FUZZ

ADDRESS = "https://example.org/katalog"
CATALOGUES = sorted((SAMPLE.parent / "catalogues").iterdir())
LIMIT = 10_000_000
OAI = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>
<ListRecords><record><header><identifier>a</identifier><datestamp>2026-01-01</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Träd &amp; buskar</dc:title><dc:identifier>https://example.org/a</dc:identifier></oai_dc:dc></metadata>
</record><record><header status="deleted"><identifier>b</identifier><datestamp>2026-01-02</datestamp></header>
</record><resumptionToken cursor="0">x</resumptionToken></ListRecords></OAI-PMH>"""
FEED = """@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix tree: <https://w3id.org/tree#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix x: <http://www.w3.org/2001/XMLSchema#> .
<feed> tree:view <p1> . <p1> tree:relation [ tree:node <p2> ] .
<a1> a as:Create ; as:object <d> ; as:published "2026-01-01T00:00:00Z"^^x:dateTime .
<a1> { <d> dct:title "Träd"@sv } <a2> a as:Delete ; as:object <e> ."""
LOOK = {"ckan": ckan.look, "oai-pmh": oai.look, "feed": feed.look, "dcat": dcat.look}
"""What tells of a document which pages follow, for kinds that have pages."""

changes = st.lists(
    st.tuples(st.sampled_from(["put", "cut", "replace", "repeat"]), st.floats(0, 1), st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)
"""What happens to a document: where, as a share of its length, and bytes that come in."""


def damaged(content: bytes, what: list[tuple[str, float, bytes]]) -> bytes:
    """The content after some changes."""
    for kind, share, noise in what:
        place = int(share * len(content))
        after = {
            "put": content[place:],
            "cut": b"",
            "replace": content[place + len(noise) :],
            "repeat": content[max(0, place - 40) :],
        }[kind]
        content = content[:place] + noise + after
    return content


def tried(kind: str, content: bytes, name: str) -> bool:
    """Whether a document is read; then what comes of it is N-Triples to the last line."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / name
        path.write_bytes(content)
        looked = _looked(kind, path)
        try:
            reading = Reading(kind, "Prövning", folder, LIMIT, Changes())
            texts = read([(name, Input(path, ADDRESS))], reading)
        except SourceError as error:
            assert 0 < len(str(error)) < 1000
            assert "\n" not in str(error)
            return False
        for text in texts:
            for _ in ox.parse(path=str(text), format=ox.RdfFormat.N_TRIPLES):
                pass
        return looked


def _looked(kind: str, path: Path) -> bool:
    """What the search for further pages makes of a document; whether it can do something with it."""
    if kind not in LOOK:
        return True
    try:
        found = LOOK[kind]({"path": str(path), "address": ADDRESS, "hint": ""}, lambda step: None)
    except SourceError:
        return False
    json.dumps(found)
    return True


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.suffix[1:] + "-" + path.stem)
def test_a_damaged_catalogue(path: Path) -> None:
    """Bytes of RDF in every syntax are changed, cut off, repeated."""
    whole = path.read_bytes()
    assert tried("dcat", whole, path.name)

    @bounded(40)
    @given(changes)
    def damage(what: list[tuple[str, float, bytes]]) -> None:
        tried("dcat", damaged(whole, what), path.name)

    damage()


@pytest.mark.parametrize(("kind", "whole"), [("oai-pmh", OAI), ("feed", FEED)], ids=["oai-pmh", "feed"])
def test_a_damaged_page(kind: str, whole: str) -> None:
    """The same with pages of OAI-PMH and of feeds."""
    assert tried(kind, whole.encode(), "page")

    @bounded(80)
    @given(changes)
    def damage(what: list[tuple[str, float, bytes]]) -> None:
        tried(kind, damaged(whole.encode(), what), "page")

    damage()


def keys(kind: str) -> list[str]:
    """The names of fields that the mapping of a kind reads."""
    mapping = Path(data_json.__file__).with_name(f"{kind}.toml")
    fields = [
        field["from"] for rule in tomllib.loads(mapping.read_text()).values() for field in rule["fields"]
    ]
    return sorted({name for field in fields for name in re.findall(r"[\w@-]+", field)})


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "https://example.org/a b",
            "2026-13-45",
            "[",
            "{}",
            "_:b",
            "mailto:x",
            "\u0000",
            "\ud800",
            "<>",
            "59,3",
        ]
    ),
)


AROUND: dict[str, Callable[[object], object]] = {
    "ckan": lambda found: {"success": True, "result": {"count": 3, "results": found}},
    "data-json": lambda found: {"dataset": found},
}


@pytest.mark.parametrize("kind", AROUND)
def test_any_json(kind: str) -> None:
    """Values of any type and nesting, under the names that the mapping reads."""
    names = st.sampled_from([*keys(kind), "@id", "@type", "@value", "@language"])
    values = st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=6)),
        max_leaves=20,
    )
    one = st.dictionaries(names, values, max_size=12).map(lambda found: {"name": "a", **found})
    packages = st.lists(one, min_size=1, max_size=3)
    read_some = 0

    @bounded(150)
    @given(packages)
    def make(found: list[dict[str, Any]]) -> None:
        nonlocal read_some
        read_some += tried(kind, json.dumps(AROUND[kind](found)).encode(), "document.json")

    make()
    assert read_some > 100
