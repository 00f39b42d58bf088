"""Every row of the table of properties is kept: data that breaks it in every way, and what is found.

The table says for every class and property how many values it has and of what kind. From it are made nodes
that lack the property, have it too often, or have a value of the wrong kind; one check must find them all.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ontology import iri
from shapes.check import check, load_profile
from shapes.graph import ShapesGraph
from shapes.report import Report, Result

pytestmark = pytest.mark.shared

CLASSES = {
    "Address (vcard:Address)": "vcard:Address",
    "Agent": "foaf:Organization",
    "Attribution": "prov:Attribution",
    "Catalog": "dcat:Catalog",
    "CatalogRecord": "dcat:CatalogRecord",
    "Checksum": "spdx:Checksum",
    "Concept": "skos:Concept",
    "ConceptScheme": "skos:ConceptScheme",
    "Contact point (vcard:Kind)": "vcard:Kind",
    "DataService": "dcat:DataService",
    "Dataset": "dcat:Dataset",
    "DatasetSeries": "dcat:DatasetSeries",
    "Distribution": "dcat:Distribution",
    "Document": "foaf:Document",
    "Identifier (adms)": "adms:Identifier",
    "LicenseDocument": "dcterms:LicenseDocument",
    "Location": "dcterms:Location",
    "Offer (fee)": "schema:Offer",
    "PeriodOfTime": "dcterms:PeriodOfTime",
    "ProvenanceStatement": "dcterms:ProvenanceStatement",
    "Relationship": "dcat:Relationship",
    "RightsStatement": "odrs:RightsStatement",
    "Standard": "dcterms:Standard",
    "Telephone (vcard:Voice)": "vcard:Voice",
}
LAW, REGULATION = "dcatap:applicableLegislation", "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"
LEVELS = {"M": "Violation", "R": "Warning"}
RETIRED = {
    "dcterms:accrualPeriodicity": "<http://purl.org/cld/freq/annual>",
    "owl:versionInfo": '"1"',
    "schema:startDate": '"2024"',
    "schema:endDate": '"2024"',
}
"""A value of each property that the table says is deprecated."""

IRI, TEXT, WRONG = "<https://example.com/a>", '"x"', "<urn:example:wrong>"
OTHERS = "<https://example.com/image>"
"""Something described, but as what no property of the profile is about."""

GEOMETRY = "a geometry may be a nameless node, as the second row for this property says"
LICENCES = "any licence that is an address will do, as the second row for this property says"
OPEN = "its range is rdfs:Resource: anything that has an address"
KNOWN: dict[tuple[str, str, str, str], str] = {
    ("dcat-ap-se", "Dataset", "dcterms:spatial", "nameless"): GEOMETRY,
    ("dcat-ap-se", "DatasetSeries", "dcterms:spatial", "nameless"): GEOMETRY,
    ("dcat-ap-se", "Distribution", "dcterms:license", "vocabulary"): LICENCES,
    ("dcat-ap-se", "DataService", "dcterms:license", "vocabulary"): LICENCES,
    ("dcat-ap-se", "Agent", "<https://www.w3.org/ns/org#classification>", "missing"): (
        "advice only: nothing but organisations that must charge fees has it"
    ),
    ("dcat-ap", "Dataset", "dcterms:isReferencedBy", "class"): OPEN,
    ("dcat-ap", "Dataset", "dcterms:relation", "class"): OPEN,
    ("dcat-ap", "Distribution", "dcat:accessURL", "class"): OPEN,
    ("dcat-ap", "Distribution", "dcat:downloadURL", "class"): OPEN,
    ("dcat-ap", "DataService", "dcat:endpointURL", "class"): OPEN,
    ("dcat-ap", "DataService", "dcat:endpointDescription", "class"): OPEN,
    ("dcat-ap", "Relationship", "dcterms:relation", "class"): OPEN,
    ("dcat-ap", "Location", "locn:geometry", "class"): "its range, locn:Geometry, is never written as a type",
    ("dcat-ap-hvd", "Distribution", "dcat:accessService", "missing"): "asked of the dataset: one is enough",
    (
        "dcat-ap-hvd",
        "DataService",
        "dcat:servesDataset",
        "missing",
    ): "a must by recommendation 14",
}
"""What a profile does not find on purpose, with the reason: profile, class, property and kind of fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one row: the values a node of the class gets, and what must be said of it."""

    row: tuple[str, str]
    kind: str
    property: str
    values: tuple[str, ...]
    wanted: str
    """A level, or the last part of a constraint component, or nothing for any rule about values."""


def rows(shared: Path) -> list[dict[str, str]]:
    """The table, a dictionary for each line."""
    lines = (shared / "reference/dcat-ap-se-properties.tsv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def swedish(row: dict[str, str]) -> Iterator[Fault]:
    """How a row of the Swedish profile can be broken."""
    level, name, value, codes = (row[key] for key in ("se_level", "property", "se_value", "se_vocabulary"))
    if level == "–":
        return
    if name == "rdf:type":  # a contact that is neither of the two kinds; every node here has a type
        yield _fault(row, "missing", (), LEVELS[level])
        return
    if level == "deprecated":
        yield _fault(row, "retired", (RETIRED[name],), "Warning")
        return
    yield from _cardinality(row, level, row["se_card"])
    yield from _kind(row, value)
    if codes:
        yield _fault(row, "vocabulary", (WRONG if value.startswith("IRI") else TEXT,))


def european(row: dict[str, str]) -> Iterator[Fault]:
    """How a row of the European profile can be broken."""
    if row["eu_level"] == "–":
        return
    yield from _cardinality(row, row["eu_level"], row["eu_card"])
    literal = row["eu_range"] == "Literal"
    typed = row["eu_range"].startswith("xsd:") or row["eu_range"] == "Temporal Literal"
    yield from _kind(row, "literal" if literal else "xsd:" if typed else f"→ {row['eu_range']}")


def _cardinality(row: dict[str, str], level: str, cardinality: str) -> Iterator[Fault]:
    if level in LEVELS:
        yield _fault(row, "missing", (), LEVELS[level])
    if cardinality.endswith("1"):
        yield _fault(row, "many", (IRI, "<https://example.com/b>"), "MaxCount")


def _kind(row: dict[str, str], value: str) -> Iterator[Fault]:
    if "literal" in value or value.startswith(("xsd:", "geo:")):
        yield _fault(row, "not text", (IRI,))
    else:
        yield _fault(row, "text", (TEXT,))
    if "language tag" in value:
        yield _fault(row, "no language", (TEXT,))
    if value.startswith("xsd:"):
        yield _fault(row, "untyped", (TEXT,))
    if value.startswith("IRI") and "blank" not in value:
        yield _fault(row, "nameless", ("_:nobody",))
    if "→" in value:
        yield _fault(row, "class", (OTHERS,))


def _fault(row: dict[str, str], kind: str, values: tuple[str, ...], wanted: str = "") -> Fault:
    return Fault((row["class"], row["property"]), kind, row["iri"], values, wanted)


def annex(row: dict[str, str]) -> Iterator[Fault]:
    """What the annex for high-value datasets asks of a resource that states the regulation."""
    if row["property"] != LAW and row["class"] in ("Dataset", "DatasetSeries", "Distribution", "DataService"):
        yield from _cardinality(row, row["hvd"][:1], "")


def broken(faults: list[Fault]) -> Iterator[str]:
    """N-Triples with a node for each fault, named by its number."""
    yield _line(OTHERS, iri("rdf:type"), f"<{iri('foaf:Image')}>")
    for number, fault in enumerate(faults):
        yield _line(_node(number), iri("rdf:type"), f"<{iri(CLASSES[fault.row[0]])}>")
        yield from (_line(_node(number), fault.property, value) for value in fault.values)


def found(result: Result, fault: Fault) -> bool:
    """Whether a result about the right node and field is the one the fault should give."""
    component = result.component.rpartition("#")[2].removesuffix("ConstraintComponent")
    if fault.wanted:
        return fault.wanted in (result.level, component)
    return component not in ("MinCount", "MaxCount")


@pytest.mark.parametrize(("profile", "least"), [("dcat-ap-se", 530), ("dcat-ap", 360)])
def test_every_row_is_checked(shared: Path, tmp_path: Path, profile: str, least: int) -> None:
    """Cardinality, range, node kind, vocabulary and language of every row are checked, but for the table."""
    ways = swedish if profile == "dcat-ap-se" else european
    faults = [fault for row in rows(shared) for fault in ways(row)]
    assert len(faults) >= least
    assert missed(faults, profile, tmp_path) == {known for known in KNOWN if known[0] == profile}


def test_the_annex_holds_for_what_states_the_regulation(shared: Path, tmp_path: Path) -> None:
    """What the annex demands and recommends is missed where the regulation is stated, and nowhere else."""
    faults = [fault for row in rows(shared) for fault in annex(row)]
    assert len(faults) >= 14
    unmarked = check(_write(faults, tmp_path), load_profile("dcat-ap-hvd"))
    assert unmarked.conforms
    known = {known for known in KNOWN if known[0] == "dcat-ap-hvd"}
    assert missed(faults, "dcat-ap-hvd", tmp_path, law=True) == known


def missed(faults: list[Fault], profile: str, folder: Path, law: bool = False) -> set[tuple[str, ...]]:
    """The faults that a check does not find; with `law`, every node states the regulation."""
    report = check(_write(faults, folder, law), load_profile(profile))
    said = _by_field(report, load_profile(profile).graph())
    return {
        (profile, *fault.row, fault.kind)
        for number, fault in enumerate(faults)
        if not any(found(result, fault) for result in said[_node(number), fault.property])
    }


def _write(faults: list[Fault], folder: Path, law: bool = False) -> Path:
    data = folder / "data.nt"
    marks = (_line(_node(number), iri(LAW), REGULATION) for number in range(len(faults)) if law)
    data.write_text("".join([*broken(faults), *marks]), encoding="utf-8")
    return data


def _by_field(report: Report, graph: ShapesGraph) -> Mapping[tuple[str, str], list[Result]]:
    said: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in report.results:
        said[result.focus, graph.shape(result.shape).field or ""].append(result)
    return said


def _node(number: int) -> str:
    return f"<https://example.com/node/{number}>"


def _line(subject: str, predicate: str, value: str) -> str:
    return f"{subject} <{predicate}> {value} .\n"
