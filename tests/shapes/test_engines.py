"""The two engines give the same results: on made-up shapes, on a made-up catalogue, on the corpus."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.generate_catalogue import DEFECTS, write_catalogue
from ontology.errors import CheckError
from shapes.check import check, load_profile
from shapes.engines import NAMES, engine
from shapes.engines.lexical import ill_formed
from shapes.graph import shapes_graph
from shapes.profile import Profile
from shapes.report import Result
from tests.fuzz import FUZZ, bounded

XSD = "http://www.w3.org/2001/XMLSchema#"
SMALL = 60
"""Files of the corpus with so many triples at most are checked by both engines here."""

NODES = ["<http://e/a>", "<http://e/b>", "<http://e/c>", "_:x", "_:y"]
LITERALS = [
    '"A"',
    f'"A"^^<{XSD}string>',
    '"hej"@sv',
    '"hi"@en',
    '"hi again"@en',
    f'"1"^^<{XSD}integer>',
    f'"01"^^<{XSD}integer>',
    f'"x"^^<{XSD}integer>',
    f'"2024-05-17"^^<{XSD}date>',
    f'"2024-13-01"^^<{XSD}date>',
    f'"2024-05-17T10:00:00Z"^^<{XSD}dateTime>',
    f'"1.50"^^<{XSD}decimal>',
    f'"5"^^<{XSD}nonNegativeInteger>',
]
PREDICATES = ["<http://e/p>", "<http://e/q>", "<http://e/r>"]
PATHS = [
    *PREDICATES,
    "[ sh:inversePath <http://e/p> ]",
    "( <http://e/p> <http://e/q> )",
    "[ sh:alternativePath ( <http://e/p> <http://e/q> ) ]",
    "[ sh:zeroOrMorePath <http://e/r> ]",
    "[ sh:oneOrMorePath <http://e/r> ]",
    "[ sh:zeroOrOnePath <http://e/r> ]",
]
ATOMS = [
    "sh:minCount 1",
    "sh:minCount 2",
    "sh:maxCount 1",
    "sh:maxCount 0",
    f"sh:datatype <{XSD}string>",
    f"sh:datatype <{XSD}integer>",
    f"sh:datatype <{XSD}date>",
    f"sh:datatype <{XSD}decimal>",
    f"sh:datatype <{XSD}nonNegativeInteger>",
    "sh:datatype <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:Literal",
    "sh:nodeKind sh:BlankNodeOrIRI",
    "sh:class <http://e/C>",
    'sh:in ( "A" <http://e/a> 1 )',
    'sh:hasValue "A"',
    "sh:hasValue <http://e/b>",
    'sh:pattern "^h"',
    'sh:pattern "^http"',
    "sh:minLength 2",
    "sh:maxLength 3",
    'sh:languageIn ( "sv" "en" )',
    "sh:uniqueLang true",
    "sh:equals <http://e/q>",
    "sh:disjoint <http://e/q>",
    "sh:minInclusive 1",
    "sh:maxExclusive 2",
]

triples = st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES + LITERALS))
classes = st.tuples(st.sampled_from(NODES), st.just("a"), st.just("<http://e/C>"))
atoms = st.sampled_from(ATOMS)
inner = st.builds(
    lambda path, atom: f"[ sh:property [ sh:path {path} ; {atom} ] ]", st.sampled_from(PATHS), atoms
)
# Cardinalities stand only on property shapes (SHACL 4.2), so bare node shapes leave them out.
bare = st.sampled_from(
    [atom for atom in ATOMS if not atom.startswith(("sh:minCount", "sh:maxCount", "sh:uniqueLang"))]
)
members = st.one_of(inner, bare.map(lambda atom: f"[ {atom} ]"))
combined = st.one_of(
    members.map(lambda member: f"sh:not {member}"),
    members.map(lambda member: f"sh:node {member}"),
    st.lists(members, min_size=1, max_size=3).map(lambda found: f"sh:or ( {' '.join(found)} )"),
    st.lists(members, min_size=1, max_size=3).map(lambda found: f"sh:and ( {' '.join(found)} )"),
    st.lists(members, min_size=1, max_size=3).map(lambda found: f"sh:xone ( {' '.join(found)} )"),
    members.map(lambda member: f"sh:qualifiedValueShape {member} ; sh:qualifiedMinCount 1"),
)
rules = st.lists(
    st.tuples(
        st.sampled_from(PATHS), st.one_of(atoms, combined), st.sampled_from(["Violation", "Warning", "Info"])
    ),
    min_size=1,
    max_size=4,
)


def comparable(results: Iterable[Result]) -> Counter[tuple[object, ...]]:
    """Everything a result says, to be compared between engines."""
    return Counter(
        (*result.key, result.severity, tuple(sorted(result.messages.items()))) for result in results
    )


@FUZZ
@bounded(80)
@given(st.lists(st.one_of(triples, classes), min_size=1, max_size=14), rules)
def test_made_up_shapes(data: list[tuple[str, str, str]], made: list[tuple[str, str, str]]) -> None:
    """Random shapes over random data: same results, down to the value and the message."""
    shapes = ["@prefix sh: <http://www.w3.org/ns/shacl#> ."]
    for number, (path, rule, severity) in enumerate(made):
        shapes.append(
            f"<http://s/{number}> a sh:PropertyShape ; sh:targetClass <http://e/C> ;"
            f" sh:targetSubjectsOf <http://e/p> ; sh:path {path} ; {rule} ;"
            f' sh:severity sh:{severity} ; sh:message "{number}"@en .'
        )
    graph = shapes_graph([q.triple for q in ox.parse("\n".join(shapes), format=ox.RdfFormat.TURTLE)])
    text = "\n".join(" ".join(triple) + " ." for triple in data)
    # What SPARQL cannot compare violates a range (SHACL 4.6); pySHACL puts dates and numbers in an order.
    assume(not ("clusive" in "".join(shapes) and "#date>" in text))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "data.nt"
        # Each term as it was drawn: a store would have rewritten "01" to "1".
        lines = dict.fromkeys(f"{q.triple} .\n" for q in ox.parse(text, format=ox.RdfFormat.TURTLE))
        file.write_text("".join(lines), encoding="utf-8")
        first, second = (comparable(engine(name)[1](file, "", graph)) for name in NAMES)
    assert first == second


def test_a_catalogue_with_defects(tmp_path: Path) -> None:
    """The benchmark's catalogue, with every kind of defect, against the whole Swedish profile."""
    path = tmp_path / "catalogue.nt"
    write_catalogue(path, len(DEFECTS), every=1)
    profile = load_profile("dcat-ap-se")
    first, second = (check(path, profile, engine=name) for name in NAMES)
    assert first.results == second.results
    assert len({result.shape for result in first.results}) >= 30


def test_a_clean_catalogue_is_clean(tmp_path: Path) -> None:
    """Without its defects the catalogue has no violation in any of our profiles."""
    path = tmp_path / "catalogue.nt"
    write_catalogue(path, 30, defects=False)
    for name in ("dcat-ap-se", "dcat-ap", "dcat-ap-hvd"):
        assert [r.shape for r in check(path, load_profile(name)).results if r.level == "Violation"] == [], (
            name
        )


@pytest.mark.shared
@pytest.mark.parametrize("profile", ["dcat-ap-se", "dcat-ap"])
def test_the_small_files_of_the_corpus(shared: Path, tmp_path: Path, profile: str) -> None:
    """Real catalogues of many countries, put together: both engines report the same."""
    files = sorted((shared / "corpus/dcat").rglob("*.ttl"))
    small = [lines for lines in map(readable, files) if 0 < len(lines) <= SMALL]
    assert len(small) == 37
    path = tmp_path / "data.nt"
    path.write_text("".join(dict.fromkeys(line for lines in small for line in lines)), encoding="utf-8")
    first, second = (check(path, load_profile(profile), engine=name) for name in NAMES)
    assert first.results == second.results
    assert len(first.results) > 500


def readable(file: Path) -> list[str]:
    """A file of the corpus as N-Triples lines; none where its syntax is broken, which INDEX.tsv tells."""
    try:
        quads = list(ox.parse(path=file, format=ox.RdfFormat.TURTLE, base_iri="https://example.com/"))
    except SyntaxError:
        return []
    return list(dict.fromkeys(f"{quad.triple} .\n" for quad in quads))


DIFFERENCES = {
    # Where the engines are known to differ on a datatype's text, and which of them is right (XML Schema 2).
    ("24:00:00 is a time", f'"2024-01-01T24:00:00"^^<{XSD}dateTime>'): "shacl",
    ("hexBinary has digits and a-f", f'"xyz"^^<{XSD}hexBinary>'): "pyshacl",
    ("hexBinary has an even number of digits", f'"abc"^^<{XSD}hexBinary>'): "pyshacl",
}


@pytest.mark.parametrize(("reason", "literal"), list(DIFFERENCES))
def test_known_differences(tmp_path: Path, reason: str, literal: str) -> None:
    """Each known difference still exists; when an engine mends it, this says so and the entry can go."""
    datatype = literal.rpartition("<")[2].removesuffix(">")
    target = f"<{SHACL}targetNode> <http://x> ; <{SHACL}path> <http://p>"
    text = f"<http://s> {target} ; <{SHACL}datatype> <{datatype}> ."
    graph = shapes_graph([q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE)])
    path = tmp_path / "data.nt"
    path.write_text(f"<http://x> <http://p> {literal} .\n", encoding="utf-8")
    found = {name: len(engine(name)[1](path, "", graph)) for name in NAMES}
    valid = reason.startswith("24")
    right = DIFFERENCES[reason, literal]
    assert found == {name: int((name == right) != valid) for name in NAMES}


SHACL = "http://www.w3.org/ns/shacl#"


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("2024-02-29", "date", False),
        ("2023-02-29", "date", True),
        ("2024-05-17T10:00:00", "date", True),
        ("2024-05-17T10:00:00.5+02:00", "dateTime", False),
        ("2024-05-17", "dateTime", True),
        ("P1Y2M3DT4H5M6.7S", "duration", False),
        ("P1W", "duration", True),
        ("P", "duration", True),
        ("-0", "nonNegativeInteger", False),
        ("-1", "nonNegativeInteger", True),
        ("1e3", "decimal", True),
        ("1e3", "double", False),
        ("anything", "string", None),
    ],
)
def test_lexical_spaces(text: str, datatype: str, expected: bool | None) -> None:
    """The texts of XSD datatypes are judged as XML Schema does, not as Python's parsers do."""
    assert ill_formed(text, XSD + datatype) is expected


def test_blank_nodes_keep_their_labels(tmp_path: Path) -> None:
    """The engine renames blank nodes; results carry the labels of the file, in any order."""
    path = tmp_path / "data.nt"
    labels = ["b2", "b10", "b1", "zz", "b0"]
    lines = [
        f'<http://e/{n}> <http://e/says> "looks like _:{n} .\\n_:fake <p> _:fake2 ." .\n' for n in labels
    ]
    lines += [f'_:{n} <http://e/p> "{n}" .\n<http://e/x> <http://e/q> _:{n} .\n' for n in labels]
    path.write_text("".join(lines), encoding="utf-8")
    text = (
        f"<http://s> a <{SHACL}PropertyShape> ; <{SHACL}targetSubjectsOf> <http://e/p> ;"
        f" <{SHACL}path> <http://e/p> ; <{SHACL}maxLength> 0 ."
    )
    graph = shapes_graph([q.triple for q in ox.parse(text, format=ox.RdfFormat.TURTLE)])
    for name in NAMES:
        results = engine(name)[1](path, "", graph)
        assert sorted((r.focus, r.value) for r in results) == sorted((f"_:{n}", f'"{n}"') for n in labels)


def test_errors_are_told(tmp_path: Path) -> None:
    """A missing file, broken data, an unknown engine and empty shapes are each one clear error."""
    profile = load_profile("dcat-ap-se")
    broken = tmp_path / "broken.nt"
    broken.write_text("<http://a> <http://b> .\n", encoding="utf-8")
    with pytest.raises(CheckError, match="no such file"):
        check(tmp_path / "nothing.nt", profile)
    with pytest.raises(CheckError, match="no SHACL engine"):
        check(broken, profile, engine="rudof")
    for name in NAMES:
        with pytest.raises(CheckError, match=r"broken\.nt"):
            check(broken, profile, engine=name)
    empty = tmp_path / "empty.ttl"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(CheckError, match="no SHACL shape"):
        check(broken, Profile("x", {}, (empty,)))
    with pytest.raises(CheckError, match="neither a profile"):
        load_profile("no-such-profile")
