"""The tokenizer against the engine's own parser: on made-up, on hostile and on the W3C's query texts."""

import itertools
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyoxigraph import Store

from queries.tokens import Token, code, depth, first_error, form, survey, tokens
from tests.fuzz import FUZZ, bounded

PROLOGUE = "PREFIX : <http://e/> PREFIX ex: <http://e/> PREFIX ex.b-c: <http://f/> "


def parses(text: str) -> bool:
    """Whether the engine accepts the text (it has no parse without running; the store is empty)."""
    try:
        Store().query(text, base_iri="http://base/")
    except SyntaxError:
        return False
    except (RuntimeError, OSError):
        pass  # parsed, then refused for what it asks
    return True


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a' \"b\" '''c'd''' \"\"\"e\"f\n\"\"\"", ["string"] * 4),
        ("'a\\'b' \"\\\"\" '''\\'''' ''", ["string"] * 4),
        ("'\\u00e9' '\\U0001F600'", ["string"] * 2),
        ("<http://e/> <> <a#b'c>", ["iri"] * 3),
        ("?a $b ?_c ?1 ?é", ["variable"] * 5),
        ("_:a _:b.c _:1", ["blank"] * 3),
        ("1 1.5 .5 1e5 1.e-5 .5E+3", ["number"] * 6),
        ("@sv @en-GB @ar--rtl", ["language"] * 3),
        ("SELECT select a true GROUP_CONCAT isIRI", ["keyword"] * 6),
        ("# one\n#two", ["comment"] * 2),
        ("<<( << >> {| |} || && ^^ <= >= != { } [ ] ( ) ; , . + - * / < > = ! ^ | ~ ?", ["punctuation"] * 32),
        ("§ ` \ufeff \xa0 \x0b", ["error"] * 5),
    ],
)
def test_each_sort_of_token(text: str, expected: list[str]) -> None:
    """Every sort of token is told by its kind."""
    assert [token.kind for token in tokens(text)] == expected


@pytest.mark.parametrize(
    "name",
    ["ex:a", "ex:", ":", ":a", "ex:a.b", "ex:a:b", "ex:1", "ex:%20", "ex:\\#", "ex:a\\'b", "ex.b-c:x-y"],
)
def test_prefixed_names(name: str) -> None:
    """Prefixed names with dots, colons, digits and escapes are one token each."""
    assert code(PROLOGUE + name)[-1].text == name
    assert code(PROLOGUE + name)[-1].kind == "name"


def test_the_dot_after_a_name_ends_the_triple() -> None:
    """A dot at the end of a name, a label or a number belongs to the triples, not to the name."""
    text = PROLOGUE + "ASK{ex:a ex:b ex:c. ex:d.e :f _:g.h. :i :j 1.}"
    assert [token.text for token in code(text)].count(".") == 3


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{?s ?p ?a FILTER(?a<?b&&?c>?d)}",
        "SELECT*{?s ?p ?a FILTER(?a<'b>' || true)}",
        "SELECT*{?s ?p ?a FILTER(?a<<http://x#>)}",
        "SELECT(?a<?b AS ?c){?a ?b ?d}ORDER BY(?a<?b&&?b>1)",
        "SELECT*{FILTER(EXISTS{?s <http://x/p> ?o}<<http://x/>)}",
        "SELECT*{BIND(1<2 AS ?x)FILTER(STR(?x)<'a>')}",
        "SELECT(COUNT(?a)<3 AS ?n){?a <http://x/p>?b}GROUP BY ?a HAVING(COUNT(?a)<3&&3>1)",
    ],
)
def test_less_than_is_not_the_beginning_of_an_iri(text: str) -> None:
    """In an expression, after an operand, `<` is the operator, whatever looks like an IRI after it."""
    assert parses(text)
    assert first_error(text) is None
    assert [token.text for token in code(text)].count("<") == text.count("<") - text.count("<http")


@pytest.mark.parametrize(
    "text",
    [
        "ASK{?s<http://x/a>?o}",
        "ASK{?s ?p (<http://x/a><http://x/b>?x<http://x/c>)}",
        "ASK{?s(<http://x/a>|<http://x/b>)*<http://x/c>}",
        "ASK{FILTER(true)<http://x/a><http://x/b><http://x/c>}",
        "SELECT ?a{?a ?b ?c}ORDER BY ?a<http://x/f>(?a)",
        "ASK{VALUES(?a ?b){(<http://x/a><http://x/b>)}}",
        "ASK{FILTER(<<(?a<http://x/p>?b)>> = 1)}",
        "ASK{?s ?p ?o FILTER(1 IN(<http://x/a>,<http://x/b>)&&?o=<http://x/a>)}",
    ],
)
def test_an_iri_stays_an_iri(text: str) -> None:
    """Where the grammar wants a term, `<` begins an IRI, also right after another term."""
    assert parses(text)
    assert [token.text for token in code(text) if token.kind == "iri"] == [
        "<http" + part.split(">")[0] + ">" for part in text.split("<http")[1:]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{SERVICESILENT<http://x/>{}}",
        "SELECT*FROMNAMED<http://x/>{}",
        "ASK{?s ?p trueSERVICE<http://x/>{}}",
        PROLOGUE + "ASK{SERVICEex:x{}}",
        PROLOGUE + "PREFIX service: <http://g/> ASK{{}service:x{}}",
        PROLOGUE + "PREFIX SERVICEex: <http://g/> ASK{SERVICEex:x{}}",
        PROLOGUE + "PREFIX true.SERVICE: <http://g/> ASK{?s ?p true.SERVICE:x{}}",
        PROLOGUE + "PREFIX GROUPBYex: <http://g/> ASK{}GROUPBYex:f(?a)",
        PROLOGUE + "ASK{?s ?p ex:a.b.SERVICE:x{}}",
        PROLOGUE + "ASK{?s ?p ex:a.b.FILTER(?a<'b')}",
        "ASK{VALUES ?x{'''a'}SERVICE <http://x/>{}#\\q'''\n}",
        "ASK{VALUES ?x{'''a'}SERVICE <http://x/>{}#\\uD800'''\n}",
    ],
)
def test_a_keyword_cannot_hide(text: str) -> None:
    """What one engine reads as a keyword and another as part of a name or string is an error token."""
    assert first_error(text) is not None


FRAGMENTS = [
    *[
        "'",
        '"',
        "'''",
        '"""',
        "#",
        "\n",
        "<",
        ">",
        "<<",
        "?a",
        "&&",
        "||",
        "(",
        ")",
        "{",
        "}",
        ".",
        " ",
        "\\",
    ],
    *["1", "ex:a", "ex:a.b.", "true", "FILTER", "FILTERex:", "a", "<http://x/", "=", "\\q", "\\'", "@en"],
    *["^^", ";", ",", "BIND(2 AS ?q)", "SELECT", "VALUES", "'b'", "<'b>'", "?p"],
]
HIDING = st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join)


@FUZZ
@bounded(800)
@given(
    HIDING,
    HIDING,
    st.sampled_from(["FILTER(?a%s)", "BIND(?a%s AS ?c)", "%s", "?s ex:p ?o%s", "VALUES ?v{%s}"]),
)
def test_what_the_engine_sees_is_seen(before: str, after: str, shape: str) -> None:
    """A variable the engine binds is a variable token or the text has an error, whatever stands around it."""
    text = (
        PROLOGUE
        + "PREFIX FILTERex: <http://g/> SELECT*{?s ?p ?a "
        + shape % before
        + "BIND(1 AS ?hidden)"
        + after
        + "\n}"
    )
    try:
        seen = {variable.value for variable in Store().query(text).variables}  # type: ignore[union-attr]
    except (SyntaxError, RuntimeError):
        return
    found = code(text)
    if all(token.kind != "error" for token in found):
        assert seen <= {token.text[1:] for token in found if token.kind == "variable"}


# A small grammar of queries, as pieces: what comes out of the tokenizer must be the pieces again.
Pieces = list[str]
VARIABLES = st.sampled_from(["?a", "$b", "?_c", "?é1"])
IRIS = st.sampled_from(["<http://x/a>", "<#b>", "ex:a", ":", "ex:b.c", "ex.b-c:d", "ex:%41", "ex:\\(a\\)"])
STRINGS = st.sampled_from(
    ["'a'", '"b"', "'''c'\nd'''", '"""e"f"""', "''", '"\\u00e9"', "'#'", '"<x>"', "'\\\\'"]
)
NUMBERS = st.sampled_from(["1", "2.5", ".5", "1e5", "1.e-5"])
LITERALS = st.one_of(
    STRINGS.map(lambda s: [s]),
    NUMBERS.map(lambda n: [n]),
    STRINGS.map(lambda s: [s, "@sv-SE"]),
    st.tuples(STRINGS, IRIS).map(lambda p: [p[0], "^^", p[1]]),
    st.sampled_from([["true"], ["false"]]),
)
TERMS: st.SearchStrategy[Pieces] = st.one_of(VARIABLES.map(lambda v: [v]), IRIS.map(lambda i: [i]), LITERALS)
VERBS = st.one_of(
    VARIABLES.map(lambda v: [v]),
    IRIS.map(lambda i: [i]),
    st.just(["a"]),
    st.tuples(IRIS, IRIS).map(lambda p: ["(", "^", p[0], "|", p[1], ")", "+", "/", "!", p[0]]),
)


def flat(*parts: Pieces) -> Pieces:
    return list(itertools.chain.from_iterable(parts))


EXPRESSIONS: st.SearchStrategy[Pieces] = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["<", "<=", ">", "=", "!=", "&&", "||", "*", "/"]), inner).map(
            lambda p: flat(["("], p[0], [p[1]], p[2], [")"])
        ),
        inner.map(lambda e: flat(["STR", "("], e, [")"])),
        inner.map(lambda e: flat(["!"], e)),
        st.tuples(inner, inner).map(lambda p: flat(["ex:f", "("], p[0], [","], p[1], [")"])),
        st.tuples(inner, inner).map(lambda p: flat(["("], p[0], ["NOT", "IN", "("], p[1], [")", ")"])),
        st.just(["EXISTS", "{", "?a", "<http://x/a>", "?b", "}"]),
    ),
    max_leaves=6,
)
TRIPLES = st.tuples(VARIABLES.map(lambda v: [v]) | IRIS.map(lambda i: [i]), VERBS, TERMS).map(
    lambda p: flat(*p, ["."])
)
CLAUSES: st.SearchStrategy[Pieces] = st.recursive(
    TRIPLES,
    lambda inner: st.one_of(
        EXPRESSIONS.map(lambda e: flat(["FILTER", "("], e, [")"])),
        st.tuples(inner, inner).map(lambda p: flat(["{"], p[0], ["}", "UNION", "{"], p[1], ["}"])),
        inner.map(lambda c: flat(["OPTIONAL", "{"], c, ["}"])),
        st.tuples(EXPRESSIONS, inner).map(
            lambda p: flat(
                ["{", "SELECT", "DISTINCT", "(", "("],
                p[0],
                [")", "AS", "?n", ")", "{"],
                p[1],
                ["}", "LIMIT", "5", "}"],
            )
        ),
        st.just(["VALUES", "(", "?v", ")", "{", "(", "<http://x/a>", ")", "(", "UNDEF", ")", "}"]),
    ),
    max_leaves=4,
)
QUERIES = st.tuples(CLAUSES, EXPRESSIONS).map(
    lambda p: flat(
        ["SELECT", "*", "FROM", "<http://x/g>", "WHERE", "{"], p[0], ["}", "ORDER", "BY", "("], p[1], [")"]
    )
)
GAPS = st.sampled_from(["", "", " ", "\n", "\t", " # c'\" <\n", "#\r"])


def join(pieces: Pieces, gaps: list[str]) -> str:
    """The pieces with a gap between each two; none may only stand next to a bracket or a comma."""
    text = before = ""
    for piece, gap in zip(pieces, itertools.cycle(gaps), strict=False):
        loose = {piece, before} & set("{}(),;")
        text += ("" if loose or not text else " ") + gap + piece
        before = piece
    return text


@FUZZ
@bounded(150)
@given(QUERIES, st.lists(GAPS, min_size=1, max_size=7))
def test_a_query_is_cut_where_it_was_joined(pieces: Pieces, gaps: list[str]) -> None:
    """The tokens of a query are the pieces it was made of, and none of them is an error."""
    text = PROLOGUE + join(pieces, gaps)
    assume(parses(text))
    found = code(text)[9:]
    assert all(token.kind != "error" for token in found)
    assert [token.text for token in found] == pieces


@FUZZ
@bounded(500)
@given(st.text(max_size=60) | st.text(alphabet="'\"\\<>#?:.@_-{}()|^&a1 \n", max_size=80))
def test_every_character_is_accounted_for(text: str) -> None:
    """Any text: the tokens stand in order, hold their text, and only white space is left between them."""
    end = 0
    for token in tokens(text):
        assert not text[end : token.start].strip(" \t\r\n")
        assert token.text == text[token.start : token.end] != ""
        end = token.end
    assert not text[end:].strip(" \t\r\n")


HOSTILE = [
    *["a.", "'''\\", "\\'''\n", "'\\", "<", "<a", "\\", "{", "(?a<", "as", "ex:", "@en-", "%", "1.e", "?"],
    *["é.-", '"""', "_:a.", "'\\\n", "PREFIX a", "# ", "\\u00e9", "<<(", "FILTER(", "a-", "''"],
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_no_more_steps(piece: str) -> None:
    """Text made to be read again and again gives no more tokens than it has characters, and ends."""
    text = piece * (60_000 // len(piece))
    assert sum(1 for _ in tokens(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PREFIX select: <x> BASE <y> VERSION '1.2' ask {}", "ask"),
        ("#SELECT\nCONSTRUCT {} WHERE {}", "construct"),
        ("describe <x>", "describe"),
        ("SELECT ?x {}", "select"),
        ("PREFIX ex: <x> WITH ex:g DELETE {} WHERE {}", "update"),
        ("INSERT DATA {}", "update"),
        ("", None),
        ("{ SELECT }", None),
        ("FROM <x>", None),
        ("hello", None),
    ],
)
def test_form(text: str, expected: str | None) -> None:
    """The form of a query is its first keyword after the prologue."""
    assert form(text) == expected


def test_depth() -> None:
    """Brackets of all sorts count, those in strings, IRIs and comments do not."""
    assert depth("ASK{?s ?p '{{{' # {{{{\n FILTER(((?a))) }") == 4
    assert depth("ASK{<<(<a> <b> <<(<c> <d> [])>>)>> ?p ({|})}") == 4
    assert depth("ASK{} }}}} {{") == 2
    assert depth("{" * 50_000) == 50_000


def test_survey() -> None:
    """One reading tells form, depth, dataset clauses, services, the longest chain and the first error."""
    text = (
        "PREFIX ex: <http://e/> SELECT ?from FROM <a> # FROM <no>\nFROM NAMED ex:b from<c> {"
        "?x ?FROM 'FROM <no>' SeRvIcE<d>{} SERVICE#c\nSILENT ?x {} FILTER(?a||?b||?c||?d)}"
    )
    result = survey(text)
    assert (result.form, result.depth, result.chain, result.error) == ("select", 2, 3, None)
    assert [(clause.named, clause.graph.text) for clause in result.clauses] == [
        (False, "<a>"),
        (True, "ex:b"),
        (False, "<c>"),
    ]
    assert [text[clause.start : clause.end] for clause in result.clauses] == [
        "FROM <a>",
        "FROM NAMED ex:b",
        "from<c>",
    ]
    assert [token.text for token in result.services] == ["SeRvIcE", "SERVICE"]
    assert survey("ASK{} §").error == Token("error", "§", 6, 7)


def test_prefixes_from_outside() -> None:
    """Prefixes an engine is given beside the text count as declared."""
    assert first_error("ASK{ex:a ?p ?o}") is not None
    assert first_error("ASK{ex:a ?p ?o}", ["ex"]) is None


@pytest.mark.shared
def test_the_w3c_suite(shared: Path) -> None:
    """No query of the SPARQL 1.1 suite that the engine accepts has an error token."""
    files = sorted((shared / "conformance" / "w3c-sparql11").rglob("*.rq"))
    assert len(files) == 415
    accepted = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        result = survey(text)
        if result.services or parses(text):  # one with SERVICE is not run: it would go out
            accepted += 1
            assert result.error is None, file
            assert result.form in ("select", "ask", "construct", "describe"), file
    assert accepted == 366
