"""Answers in XML say what was stored, as a real parser of XML reads them, or are refused."""

import xml.etree.ElementTree as ET

import httpx2
import pytest

from server.workers.xml import NotXml, speller
from tests.server.http.test_protocol import problem

ROWS = "application/sparql-results+xml"
TRIPLES = "application/rdf+xml"
JSON = "application/sparql-results+json"
TEXT = "one\rtwo\r\nthree\tfour <&> \ufffd \U0001f3ca"


def asked(client: httpx2.Client, text: str, form: str) -> httpx2.Response:
    """The answer that holds a literal, as rows or as triples."""
    literal = '"' + "".join(f"\\U{ord(letter):08X}" for letter in text) + '"'
    graph = f"CONSTRUCT {{ <http://x/a> <http://x/p> {literal} }} {{}}"
    query = graph if form == TRIPLES else f"SELECT ({literal} AS ?o) {{}}"
    return client.get("/sparql", params={"query": query}, headers={"Accept": form})


@pytest.mark.parametrize("form", [ROWS, TRIPLES])
def test_line_ends_survive(client: httpx2.Client, form: str) -> None:
    """A carriage return does not come out as a line feed (XML 1.0, 2.11)."""
    texts = list(ET.fromstring(asked(client, TEXT, form).content).itertext())
    assert TEXT in texts


@pytest.mark.parametrize("form", [ROWS, TRIPLES])
@pytest.mark.parametrize("letter", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_what_xml_cannot_carry_is_refused(client: httpx2.Client, form: str, letter: str) -> None:
    """Such an answer would be no XML (1.0, 2.2): it is an error that names the way out, and JSON has it."""
    told = problem(asked(client, f"a{letter}b", form), 422, "refused")
    assert "ask for another format" in str(told["detail"])
    other = asked(client, f"a{letter}b", JSON).json()
    assert other["results"]["bindings"][0]["o"]["value"] == f"a{letter}b"


def test_pieces_may_be_cut_anywhere() -> None:
    """A character of three bytes that comes in two pieces is found, and so is one that is allowed."""
    for cut in (1, 2):
        spelt = speller()
        whole = "x\ufffe".encode()
        spelt(whole[: 1 + cut])
        with pytest.raises(NotXml):
            spelt(whole[1 + cut :])
    spelt = speller()
    assert b"".join(spelt(bytes([byte])) for byte in TEXT.encode()).count(b"&#13;") == 2
