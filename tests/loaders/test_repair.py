"""Each repair puts one kind of value right, leaves what is right alone, and says what it did."""

from pathlib import Path

import pytest

from loaders.catalogues.changes import Changes
from loaders.catalogues.organisations import canonical_organisation, valid_number
from loaders.catalogues.repair import STEPS, repair
from ontology import iri
from tests.conftest import ROOT

EU = "http://publications.europa.eu/resource/authority/"
CC = "http://creativecommons.org/licenses/by/4.0/"
CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"
IANA = "https://www.iana.org/assignments/media-types/"
XSD = "http://www.w3.org/2001/XMLSchema#"
SAME = None


def repaired(tmp_path: Path, *lines: str) -> tuple[list[str], list[tuple[str, str, str, int]]]:
    """Repair lines of N-Triples; gives the sorted lines, and the record."""
    text = sorted(f"{line} .\n".encode() for line in lines)
    (tmp_path / "in.nt").write_bytes(b"".join(text))
    changes = Changes()
    repair(tmp_path / "in.nt", tmp_path / "out.nt", changes)
    out = [line.removesuffix(" .") for line in (tmp_path / "out.nt").read_text().splitlines()]
    return out, [(c.step, c.before, c.after, c.count) for c in changes.all()]


CASES: list[tuple[str, str, str | list[str] | None]] = [
    ("dcterms:title", '"  "@sv', []),
    ("dcterms:title", '"\\t\\n"', []),
    ("dcterms:title", '"\u00a0"', []),
    ("dcterms:title", '""', []),
    ("dcterms:title", '"Bad\\u0001platser\\uFFFE \\\\u0001"@sv', '"Badplatser \\\\u0001"@sv'),
    ("dcterms:title", '"en\\u000Btvå\\ftre\\r\\n"', '"en\\ntvå\\ntre\\r\\n"'),
    ("dcterms:title", '"\\u0001"', []),
    ("dcterms:title", f'"1\\b"^^<{XSD}token>', f'"1"^^<{XSD}token>'),
    ("dcterms:title", '"a"@sv', SAME),
    ("dcterms:title", '" \\"å"@sv', SAME),
    ("dcat:contactPoint", "<mailto:>", []),
    ("dcat:accessURL", '"https://example.org/a b"', SAME),
    ("dcat:accessURL", '" https://example.org/a "', "<https://example.org/a>"),
    ("dcat:accessURL", f'"https://example.org/"^^<{XSD}anyURI>', "<https://example.org/>"),
    ("dcterms:title", '"https://example.org/"', SAME),
    ("vcard:hasEmail", '"info@example.org"', "<mailto:info@example.org>"),
    ("vcard:hasEmail", "<mailto:mailto:info@example.org>", "<mailto:info@example.org>"),
    ("vcard:hasEmail", "<mailto:%20info@example.org>", "<mailto:info@example.org>"),
    ("vcard:hasEmail", "<mailto:info@example.org>", SAME),
    ("vcard:hasEmail", '"ring oss"', SAME),
    ("vcard:hasEmail", "<https://example.org/contact>", SAME),
    ("vcard:hasTelephone", '"08-718 80 00"', "<tel:+4687188000>"),
    ("vcard:hasValue", "<tel:+46%208%20718%2080%2000>", "<tel:+4687188000>"),
    ("vcard:hasValue", "<tel:+46(0)8-7188000>", "<tel:+4687188000>"),
    ("vcard:hasValue", "<tel:004687188000>", "<tel:+4687188000>"),
    ("vcard:hasValue", "<tel:+4687188000>", SAME),
    ("vcard:hasTelephone", '"växeln"', SAME),
    ("vcard:hasTelephone", '"12"', SAME),
    ("dcterms:license", "<https://creativecommons.org/licenses/by/4.0>", f"<{CC}>"),
    ("dcterms:license", "<http://www.creativecommons.org/licenses/by/4.0/deed.sv>", f"<{CC}>"),
    ("dcterms:license", "<https://creativecommons.org/licenses/by/4.0/legalcode#s2>", f"<{CC}>"),
    ("dcterms:license", "<https://creativecommons.org/publicdomain/zero/1.0/deed.sv>", f"<{CC0}>"),
    ("dcterms:license", "<http://creativecommons.org/licenses/by/2.5/se>",
     "<http://creativecommons.org/licenses/by/2.5/se/>"),
    ("dcterms:license", f"<{EU}licence/CC_BY_4_0>", f"<{CC}>"),
    ("dcterms:license", '"CC BY 4.0"', f"<{CC}>"),
    ("dcterms:license", f'"{CC}"', f"<{CC}>"),
    ("dcterms:license", f"<{CC}>", SAME),
    ("dcterms:license", "<https://example.org/licence>", SAME),
    ("dcterms:license", '"Fritt"', SAME),
    ("dcterms:conformsTo", "<https://www.dataportal.se/sv/specifications/badplatser/1.0>",
     "<https://dataportal.se/specifications/badplatser/1.0>"),
    ("dcterms:conformsTo", "<http://dataportal.se/specifications/x/2.0/>", "<https://dataportal.se/specifications/x/2.0>"),
    ("dcterms:conformsTo", "<https://lankadedata.se/spec/badplatser/>",
     "<https://dataportal.se/specifications/badplatser/1.0>"),
    ("dcterms:conformsTo", "<https://example.org/spec>", SAME),
    ("dcterms:accrualPeriodicity", "<http://purl.org/cld/freq/daily>", f"<{EU}frequency/DAILY>"),
    ("dcterms:accrualPeriodicity", f"<https{EU[4:]}frequency/DAILY/>", f"<{EU}frequency/DAILY>"),
    ("dcterms:accrualPeriodicity", f"<{EU}frequency/DAILY>", SAME),
    ("dcterms:format", '"text/csv"', ['"text/csv"', f"<{EU}file-type/CSV>", f"M<{IANA}text/csv>"]),
    ("dcterms:format", '".CSV"@sv', ['".CSV"@sv', f"<{EU}file-type/CSV>", f"M<{IANA}text/csv>"]),
    ("dcterms:format", '"något"', SAME),
    ("dcterms:format", f"<{EU}file-type/CSV>", SAME),
    ("dcterms:issued", '"2024-05-17"', f'"2024-05-17"^^<{XSD}date>'),
    ("dcterms:issued", f'"2024-05-17"^^<{XSD}dateTime>', f'"2024-05-17"^^<{XSD}date>'),
    ("dcterms:issued", '"2024/05/17"', f'"2024-05-17"^^<{XSD}date>'),
    ("dcterms:issued", '"20240517"', f'"2024-05-17"^^<{XSD}date>'),
    ("dcterms:modified", '"2024-05-17 10:30"', f'"2024-05-17T10:30:00"^^<{XSD}dateTime>'),
    ("dcterms:modified", f'"2024-05-17T10:30:00.5+0200"^^<{XSD}date>',
     f'"2024-05-17T10:30:00.5+02:00"^^<{XSD}dateTime>'),
    ("dcterms:modified", f'"2024-05-17T10:30:00Z"^^<{XSD}dateTime>', SAME),
    ("dcterms:issued", f'"2024-02-30"^^<{XSD}date>', SAME),
    ("dcterms:issued", f'"2024"^^<{XSD}gYear>', SAME),
    ("dcterms:publisher", "<https://www.dataportal.se/organisation/212000-0142>",
     "<http://dataportal.se/organisation/SE2120000142>"),
    ("dcterms:publisher", "<http://id.kb.se/organisations/SE2120000142>", "<http://dataportal.se/organisation/SE2120000142>"),
    ("dcterms:publisher", "<https://dataportal.se/organisation/SE2120000142-x>", "<http://dataportal.se/organisation/SE2120000142-x>"),
    ("dcterms:publisher", "<http://dataportal.se/organisation/SE2120000142>", SAME),
    ("dcterms:publisher", "<https://dataportal.se/organisation/SE2120000143>", SAME),
]  # fmt: skip


@pytest.mark.parametrize(("property_", "before", "after"), CASES)
def test_a_value(tmp_path: Path, property_: str, before: str, after: str | list[str] | None) -> None:
    """The value becomes what it should be, with a record, or stays and leaves none."""
    found, changes = repaired(tmp_path, f"<http://example.org/a> <{iri(property_)}> {before}")
    expected = [before] if after is None else [after] if isinstance(after, str) else after
    media_type = f"<{iri('dcat:mediaType')}> "
    start = "<http://example.org/a> "
    lines = [start + (media_type + e[1:] if e[0] == "M" else f"<{iri(property_)}> {e}") for e in expected]
    assert found == sorted(lines)
    assert (changes == []) == (after is None)


def test_changes_are_counted_by_value(tmp_path: Path) -> None:
    """A thousand times the same change is one line of the record."""
    link = f"<{iri('dcterms:license')}>"
    lines = [
        f"<http://example.org/{number}> {link} <https://creativecommons.org/licenses/by/4.0/>"
        for number in range(9)
    ]
    _, changes = repaired(tmp_path, *lines)
    assert changes == [("licence", "<https://creativecommons.org/licenses/by/4.0/>", f"<{CC}>", 9)]


TYPE = f"<{iri('rdf:type')}> <{iri('foaf:Agent')}>"
STOCKHOLM = "<http://dataportal.se/organisation/SE2120000142>"
IDENTIFIED = {
    "number": f'<{iri("dcterms:identifier")}> "212000-0142"',
    "number with country": f'<{iri("dcterms:identifier")}> "SE2120000142"',
    "kommunkod": '<http://www.wikidata.org/prop/direct/P525> "0180"',
    "wikidata": f"<{iri('owl:sameAs')}> <http://www.wikidata.org/entity/Q506250>",
    "wikidata page": f"<{iri('skos:exactMatch')}> <https://www.wikidata.org/wiki/Q506250>",
}


@pytest.mark.parametrize("case", IDENTIFIED)
def test_a_publisher_is_joined_by_an_identifier(tmp_path: Path, case: str) -> None:
    """All about it and all that refers to it speaks of the national IRI, and both are the same."""
    agent = "<http://example.org/kommunen>"
    publisher = f"<{iri('dcterms:publisher')}>"
    found, changes = repaired(
        tmp_path,
        f"{agent} {TYPE}",
        f"{agent} {IDENTIFIED[case]}",
        f"<http://example.org/d> {publisher} {agent}",
    )
    assert f"{STOCKHOLM} {TYPE}" in found
    assert f"<http://example.org/d> {publisher} {STOCKHOLM}" in found
    assert f"{STOCKHOLM} <{iri('owl:sameAs')}> {agent}" in found
    assert not any(line.startswith(agent) for line in found)
    assert changes == [("organisation", agent, STOCKHOLM, 1)]


NUMBER, OTHER, WRONG, CODE = (
    f'<{iri("dcterms:identifier")}> "{number}"'
    for number in ("212000-0142", "212000-0159", "212000-0143", "0180")
)


@pytest.mark.parametrize(
    "said",
    [
        [NUMBER],
        [NUMBER, f"<{iri('rdf:type')}> <{iri('vcard:Organization')}>"],
        [TYPE, WRONG],
        [TYPE, CODE],
        [TYPE, f'<{iri("foaf:name")}> "Stockholms stad"@sv'],
        [TYPE, NUMBER, OTHER],
    ],
)
def test_nothing_is_joined_on_a_guess(tmp_path: Path, said: list[str]) -> None:
    """Not by name, not what is no publisher, not by a wrong number, not by two that contradict each other."""
    lines = [f"<http://example.org/x> {pair}" for pair in said]
    found, changes = repaired(tmp_path, *lines)
    assert found == sorted(lines)
    assert changes == []


def test_organisation_numbers() -> None:
    """The check digit and the third digit tell them from other numbers of ten digits."""
    assert valid_number("2120000142")
    assert not valid_number("2120000143")
    assert not valid_number("8112189876")  # a personal number with a right check digit
    assert not valid_number("212000014")
    assert canonical_organisation("<http://example.org/organisation/2120000142>") is None


def test_every_step_is_documented() -> None:
    """docs/repairs.md has a row for each step, in both languages, in the order in which they work."""
    page = (ROOT / "docs" / "repairs.md").read_text(encoding="utf-8").splitlines()
    rows = [f"| `{step.name}` | {step.en} | {step.sv} |" for step in STEPS]
    places = [page.index(row) for row in rows]
    assert places == sorted(places)
    assert len(rows) == len({step.name for step in STEPS}) == 11
