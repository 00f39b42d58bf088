"""The official EU shapes as a profile somebody brings, and what they find beside what ours find."""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology import iri
from shapes.check import check, load_profile
from shapes.report import Result

pytestmark = pytest.mark.shared

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".trig": ox.RdfFormat.TRIG,
}

# What official shapes find and ours do not, by property and constraint, each with the reason. A class that is
# asked of other people's addresses (issues 125 and 163 of DCAT-AP) is the one we leave out on purpose.
OTHERS = "the class of an address the file does not describe; no catalogue can inline the world"
DIFFERENCES: dict[str, dict[tuple[str | None, str], str]] = {
    "shapes": {("foaf:primaryTopic", "Node"): OTHERS},
    "shapes_recommended": {(None, "Or"): "a catalogue without datasets; ours names the field, dcat:dataset"},
    "range": {},
    "mdr-vocabularies.shape": {
        ("dcterms:publisher", "Node"): "a list of EU bodies, which no municipality is in",
        ("dcterms:publisher", "NodeKind"): "the same",
        ("dcterms:spatial", "Node"): "GeoNames is allowed by the text of the profile",
        ("dcterms:spatial", "NodeKind"): "a geometry is a node of its own",
        ("dcterms:type", "Node"): "the profile's text says may",
        ("dcterms:type", "NodeKind"): "the same",
        ("dcat:theme", "Node"): "the text asks for one theme of the EU's; more of other kinds are welcome",
        (
            "dcterms:format",
            "Node",
        ): "a newer file type than those in our list; ours goes by the form of the IRI",
        ("dcterms:accrualPeriodicity", "Node"): "a newer frequency; ours goes by the form of the IRI",
        ("spdx:algorithm", "Node"): "SPDX has more algorithms than one; ours goes by the form of the IRI",
    },
}
FOUND = {"shapes": 3000, "shapes_recommended": 6500, "range": 8500, "mdr-vocabularies.shape": 8000}
"""How many results each file has at least over the corpus, so that the comparison cannot run empty."""


@pytest.fixture(scope="module")
def corpus(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All catalogues of the corpus that can be read, in one file."""
    lines: dict[str, None] = {}
    files = sorted(p for p in (shared / "corpus/dcat").rglob("*") if p.suffix in FORMATS)
    read = 0
    for file in files:
        base = f"https://corpus.example/{file.name}"
        try:
            quads = list(ox.parse(path=file, format=FORMATS[file.suffix], base_iri=base))
        except SyntaxError:
            continue
        read += 1
        lines |= dict.fromkeys(f"{quad.triple} .\n" for quad in quads)
    assert (len(files), read) == (104, 96)
    path = tmp_path_factory.mktemp("corpus") / "all.nt"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ours(corpus: Path) -> set[tuple[str, str | None]]:
    """Focus node and path of everything our EU profile finds."""
    return {(result.focus, result.path) for result in check(corpus, load_profile("dcat-ap")).results}


@pytest.mark.parametrize("name", list(DIFFERENCES))
def test_ours_find_what_the_official_ones_find(
    shared: Path, corpus: Path, ours: set[tuple[str, str | None]], name: str
) -> None:
    """Every official result is also one of ours, at the same node and field, but for the table."""
    profile = load_profile(shared / f"conformance/shapes/dcat-ap-3.0.1/{name}.ttl")
    results = check(corpus, profile).results
    assert len(results) > FOUND[name]
    left = Counter(_kind(result) for result in results if (result.focus, result.path) not in ours)
    if name == "range":
        # This file asks for nothing but classes; ours ask for them where the thing is described.
        assert {kind for _, kind in left} <= {"Class", "Node"}
        return
    known = {(f"<{iri(field)}>" if field else None, kind) for field, kind in DIFFERENCES[name]}
    assert {kind: number for kind, number in left.items() if kind not in known} == {}
    assert known - set(left) == set(), "these differences are gone; take them off the table"


def test_broken_official_files_are_told_about(shared: Path, corpus: Path) -> None:
    """Files with references to undefined shapes are run without them, and the report says which."""
    folder = shared / "conformance/shapes/dcat-ap-3.0.1/per-constraint"
    report = check(corpus, load_profile(folder / "dcat-ap-SHACL.ttl"))
    assert len(report.problems) == 2
    assert all("no sh:path" in problem for problem in report.problems)
    assert len(load_profile(folder / "ranges.ttl").graph().problems) > 200


def test_background_is_not_blamed(shared: Path, corpus: Path) -> None:
    """Licences of our code list are looked things up in, but never reported on."""
    report = check(corpus, load_profile(shared / "conformance/shapes/dcat-ap-3.0.1/shapes_recommended.ttl"))
    licence = "<http://creativecommons.org/licenses/by-nc-nd/4.0/>"
    assert licence not in {result.focus for result in report.results}


def _kind(result: Result) -> tuple[str | None, str]:
    return result.path, result.component.rpartition("#")[2].removesuffix("ConstraintComponent")
