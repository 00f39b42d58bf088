"""Any RDF syntax is read by its content; what is not quite right is read all the same, and recorded."""

import codecs
import gzip
import json
from pathlib import Path

import pytest

from loaders.catalogues.changes import Change, Changes
from loaders.catalogues.jsonld import contexts
from loaders.catalogues.rdf import Input, read
from ontology.errors import SourceError

LIMIT = 10_000_000
TRIPLE = '<http://example.org/a> <http://purl.org/dc/terms/title> "Å" .\n'
TURTLE = '@prefix dct: <http://purl.org/dc/terms/> . <http://example.org/a> dct:title "Å" .'
XML = """<?xml version="1.0"{0}?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="http://example.org/a"><dct:title>Å</dct:title></rdf:Description></rdf:RDF>"""
BARE = XML.split("?>")[1]
JSON = '{"@id": "http://example.org/a", "http://purl.org/dc/terms/title": "Å"}'


def lines(
    tmp_path: Path, content: str | bytes, name: str = "file"
) -> tuple[str, list[str], tuple[Change, ...]]:
    """Read content; gives the format, the sorted lines, and the changes."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    changes = Changes()
    document = Input(path, "http://example.org/folder/document", path.suffix)
    found = read(document, tmp_path / "out.nt", changes, LIMIT)
    return found, sorted(set((tmp_path / "out.nt").read_text().splitlines(True))), changes.all()


FORMATS = {
    "RDF/XML": [XML.format(""), BARE, "<!-- by hand -->" + BARE],
    "Turtle": [TURTLE, "# by hand\n" + TURTLE, TRIPLE.replace('"', "'")],
    "N-Triples": [TRIPLE, "# c\n\n" + TRIPLE],
    "N-Quads": [TRIPLE.replace(" .", " <http://g/> ."), TRIPLE * 30 + TRIPLE[:-2] + "<http://g/> ."],
    "TriG": ["<http://example.org/g> {" + TRIPLE + "}", "@prefix : <http://example.org/> . { " + TRIPLE + "}",
             "GRAPH <http://example.org/g> {" + TRIPLE + "}"],
    "JSON-LD": [JSON, f"[{JSON}]", " \n" + JSON],
}  # fmt: skip


@pytest.mark.parametrize("name", ["file", "file.rdf", "file.ttl", "file.jsonld", "file.nt"])
@pytest.mark.parametrize(("format_", "content"), [(f, c) for f, texts in FORMATS.items() for c in texts])
def test_the_content_tells_the_format(tmp_path: Path, format_: str, content: str, name: str) -> None:
    """Whatever the ending says, the same triple comes out."""
    assert lines(tmp_path, content, name) == (format_, [TRIPLE], ())


ENCODINGS = {
    "utf-8 with mark": codecs.BOM_UTF8 + TURTLE.encode(),
    "utf-8 with mark, json": codecs.BOM_UTF8 + JSON.encode(),
    "utf-8 with mark, lines": codecs.BOM_UTF8 + TRIPLE.encode(),
    "utf-16": TURTLE.encode("utf-16"),
    "utf-16 big": codecs.BOM_UTF16_BE + TURTLE.encode("utf-16-be"),
    "utf-32": TURTLE.encode("utf-32"),
    "xml in latin-1": XML.format(' encoding="ISO-8859-1"').encode("latin-1"),
    "xml in windows-1252": XML.format(" encoding='windows-1252'").encode("cp1252"),
    "xml in utf-16": XML.format(' encoding="UTF-16"').encode("utf-16"),
    "gzip": gzip.compress(TURTLE.encode()),
    "gzip of latin-1": gzip.compress(XML.format(' encoding="ISO-8859-1"').encode("latin-1")),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_encodings_that_are_as_they_say(tmp_path: Path, case: str) -> None:
    """A mark or a declaration that is true is no fault, so nothing is recorded."""
    _, found, changes = lines(tmp_path, ENCODINGS[case])
    assert (found, changes) == ([TRIPLE], ())


@pytest.mark.parametrize(
    "content",
    [TURTLE.encode("cp1252"), XML.format("").encode("cp1252"), XML.format(' encoding="ISO-8859-1"').encode()],
)
def test_encodings_that_are_not_as_they_say(tmp_path: Path, content: bytes) -> None:
    """Windows-1252 without a word, and UTF-8 that claims to be Latin-1, are read and recorded."""
    _, found, changes = lines(tmp_path, content)
    assert found == [TRIPLE]
    assert [change.step for change in changes] == ["encoding"]


def xml(inner: str, doctype: str = "") -> str:
    """RDF/XML with one property element."""
    head, tail = XML.format("").split("<dct:title>Å</dct:title>")
    return head.replace("?>", f"?>{doctype}") + inner + tail


def test_illegal_iris_are_encoded_and_recorded(tmp_path: Path) -> None:
    """Blanks and brackets, as in real catalogues, do not cost the file."""
    _, found, changes = lines(tmp_path, xml('<dct:source rdf:resource=" http://example.org/a b?x[]=1 "/>'))
    assert found == [
        "<http://example.org/a> <http://purl.org/dc/terms/source> <http://example.org/a%20b?x%5B%5D=1> .\n"
    ]
    assert [(c.step, c.before, c.after) for c in changes if c.step == "iri"] == [
        ("iri", " http://example.org/a b?x[]=1 ", "http://example.org/a%20b?x%5B%5D=1")
    ]
    assert {c.step for c in changes} == {"iri", "reading"}


def test_json_ld_loses_nothing_in_silence(tmp_path: Path) -> None:
    """A strict reading would drop a node with an illegal IRI without a word."""
    title = '{"@value": "x", "@language": "sv_SE"}'
    content = f'{{"@id": "http://example.org/a b", "http://purl.org/dc/terms/title": {title}}}'
    _, found, changes = lines(tmp_path, content)
    assert found == ['<http://example.org/a%20b> <http://purl.org/dc/terms/title> "x"@sv-se .\n']
    assert [c.step for c in changes] == ["iri", "language"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("", '"x"'), ("sv_SE", '"x"@sv-se'), ("på svenska", '"x"'), ("fr-t-sv-t0-mtec", None)],
)
def test_language_tags(tmp_path: Path, tag: str, expected: str | None) -> None:
    """What is no tag is put right or left out; odd but right ones stay."""
    _, found, changes = lines(tmp_path, xml(f'<dct:title xml:lang="{tag}">x</dct:title>'))
    literal = found[0].split(" ", 2)[2].removesuffix(" .\n")
    assert literal == (expected or f'"x"@{tag}')
    assert (expected is None) == (changes == ())


def test_rdflib_reads_what_is_left(tmp_path: Path) -> None:
    """A semicolon too much ends pyoxigraph's reading, so rdflib reads it, and that is recorded."""
    _, found, changes = lines(
        tmp_path, "<http://example.org/g> { <http://example.org/a> ; <http://example.org/p> 1 . }"
    )
    assert found == [
        '<http://example.org/a> <http://example.org/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    ]
    assert [(c.step, c.after) for c in changes] == [("reading", "read by rdflib")]


def test_literals_stay_as_they_are(tmp_path: Path) -> None:
    """No spelling of a number or date is changed, by none of the three readings."""
    literals = ['"01"^^<http://www.w3.org/2001/XMLSchema#integer>', '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
                '"2024-02-30"^^<http://www.w3.org/2001/XMLSchema#date>']  # fmt: skip
    turtle = "<http://example.org/a> <http://example.org/p> " + ", ".join(literals) + "."
    expected = sorted(f"<http://example.org/a> <http://example.org/p> {literal} .\n" for literal in literals)
    broken = turtle.replace("a> ", "a> ; ", 1)
    lenient = turtle + " <http://example.org/a b> <http://example.org/p> 1 ."
    assert lines(tmp_path, turtle)[1] == expected
    assert lines(tmp_path, broken)[1] == expected
    assert set(expected) < set(lines(tmp_path, lenient)[1])


def test_relative_iris_are_resolved(tmp_path: Path) -> None:
    """Against the address of the document, unless the document says otherwise."""
    _, found, _ = lines(tmp_path, "<x> <http://example.org/p> <../y>, <#z> .")
    assert [line.split(" ")[2] for line in found] == [
        "<http://example.org/folder/document#z>",
        "<http://example.org/y>",
    ]
    assert found[0].startswith("<http://example.org/folder/x> ")


def test_blank_nodes_of_two_readings_never_meet(tmp_path: Path) -> None:
    """The same label in two documents means two nodes."""
    first, second = (lines(tmp_path, "_:b <http://example.org/p> 1 .")[1][0].split()[0] for _ in range(2))
    assert first != second


def test_known_contexts_are_not_fetched(tmp_path: Path) -> None:
    """Documents that name the usual contexts are read with ours; each of ours is a context."""
    for number, address in enumerate(contexts()):
        node = {"@id": "http://example.org/a", "@type": "http://example.org/T"}
        document = json.dumps({"@context": [address, {"x": "urn:x"}], **node})
        assert len(lines(tmp_path, document, f"{number}.json")[1]) == 1
    assert len(contexts()) == 15


def test_schema_org_is_read_by_our_context(tmp_path: Path) -> None:
    """Addresses become IRIs, all else text in the namespace of schema.org."""
    document = {"@context": "https://schema.org", "@id": "urn:a", "url": "https://e.example/", "name": "A"}
    assert lines(tmp_path, json.dumps({"@graph": [document]}))[1] == [
        '<urn:a> <http://schema.org/name> "A" .\n',
        "<urn:a> <http://schema.org/url> <https://e.example/> .\n",
    ]


REFUSED = {
    "": "it is empty",
    " \n\n": "it is empty",
    "<!DOCTYPE html><html><body>404": "it is a web page, not RDF",
    "<!-- x --><html lang='sv'>": "it is a web page, not RDF",
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="x">': "it is a web page, not RDF",
    "@prefix : <http://example.org/> .": r"there is no triple in it \(read as Turtle\)",
    '{"dcat-catalog": {}}': r"there is no triple in it \(read as JSON-LD\)",
    TURTLE + "<a>": "it cannot be read as Turtle: .*line 1",
    TRIPLE + TRIPLE[:-10]: "it cannot be read as N-Triples",
    XML.format("")[:-20]: "it breaks off in line 3",
    '{"a": ': "it begins like JSON but is not",
    '{"@context": "https://example.org/c", "@id": "http://example.org/a"}': "remote JSON-LD context https://example",
    '{"@graph": [{"@context": [{}, "http://x/"]}]}': "the remote JSON-LD context http://x/",
    '{"@context": {"a": {"@id": "http://a", "@context": "http://y/"}}}': "the remote JSON-LD context http://y/",
    '{"@context": {"@import": "http://z/"}}': "the remote JSON-LD context http://z/",
    '{"a":' * 5000 + "1" + "}" * 5000: "deep",
    "name,lat\nBad,59": "it cannot be read as",
    XML.format(' encoding="klingon"'): "the XML declaration names an unknown encoding, klingon",
    gzip.compress(TURTLE.encode())[:-9]: "the gzip file is damaged",
    gzip.compress(b" " * LIMIT + b"  "): "unpacked it has more than the allowed 10,000,000 bytes",
    codecs.BOM_UTF16_LE + b"\x00\xd8\x00": "the text is not utf-16",
}


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_refused_with_a_clear_sentence(tmp_path: Path, content: str | bytes) -> None:
    """Each kind of file that is no RDF has its own message."""
    with pytest.raises(SourceError, match=REFUSED[content]):
        lines(tmp_path, content)


def test_rdf_xml_that_breaks_off_between_elements_is_refused(tmp_path: Path) -> None:
    """The reader would take what is there for the whole; a cut transfer must not shrink a catalogue."""
    with pytest.raises(SourceError, match="breaks off in line 3"):
        lines(tmp_path, XML.format("").removesuffix("</rdf:RDF>"))


def laughs(levels: int) -> str:
    """Entities within entities: each level is ten times the one before."""
    declared = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels)
    )
    return f"<!DOCTYPE rdf:RDF [{declared}]>"


ENTITIES = {
    "laughs": (laughs(9), "&l8;", "the entity l1, which is external or holds other entities"),
    "external": ('<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;", "the entity x"),
    "parameter": ('<!DOCTYPE rdf:RDF [<!ENTITY % x "y">]>', "", "the entity x"),
    "much": (
        f'<!DOCTYPE rdf:RDF [<!ENTITY x "{"y" * 100_000}">]>',
        "&x;" * 1000,
        "would expand to 100,000,000 bytes",
    ),
    "endless": ("<!DOCTYPE rdf:RDF [" + " " * 300_000, "", "its DOCTYPE does not end"),
}


@pytest.mark.parametrize("case", ENTITIES)
def test_entities_that_could_harm_are_refused(tmp_path: Path, case: str) -> None:
    """Nothing is fetched, and nothing can grow beyond a limit that is known before parsing."""
    doctype, text, message = ENTITIES[case]
    with pytest.raises(SourceError, match=message):
        lines(tmp_path, xml(f"<dct:title>{text}</dct:title>", doctype))


def test_plain_entities_are_read(tmp_path: Path) -> None:
    """Abbreviated namespaces, as in ontologies made by hand, do no harm."""
    doctype = '<!DOCTYPE rdf:RDF [ <!ENTITY ex "http://example.org/"> <!ENTITY a "&#229;&amp;"> ]>'
    _, found, changes = lines(tmp_path, xml('<dct:source rdf:resource="&ex;x"/>', doctype))
    assert found == ["<http://example.org/a> <http://purl.org/dc/terms/source> <http://example.org/x> .\n"]
    assert changes == ()
