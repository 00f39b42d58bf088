"""The gate lets queries pass, and refuses by tokens what is too big, too deep, writes or is no SPARQL."""

import dataclasses
from pathlib import Path

import pytest

from server.http.problems import Problem
from server.settings import ServerSettings
from server.sparql.gate import Gate

SETTINGS = ServerSettings(Path("unused"), query_bytes=20_000, query_depth=20, query_chain=50)


@pytest.fixture
def gate() -> Gate:
    """A gate with small limits."""
    return Gate(SETTINGS)


def refusal(gate: Gate, text: str) -> Problem:
    """The problem a text is refused with."""
    with pytest.raises(Problem) as caught:
        gate.examine(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * { ?s ?p ?o }", "select"),
        ("# SELECT\nBASE <http://x/> PREFIX a: <b> aSk {}", "ask"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "graph"),
        ("DESCRIBE <http://x/>", "graph"),
        ('VERSION "1.2" SELECT * { <<( <a:> <b:> 1 )>> ?p ?o }', "select"),
    ],
)
def test_a_query_passes_with_its_kind(gate: Gate, text: str, kind: str) -> None:
    """The first keyword after the prologue decides which formats there are."""
    assert gate.examine(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:> <b:> 1 }",
        "PREFIX a: <http://x/> delete where { ?s ?p ?o }",
        "LOAD <http://127.0.0.1/>",
        "WITH <a:> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "#SELECT\nCLEAR ALL",
        "DROP ALL",
        "CREATE GRAPH <a:>",
        "COPY <a:> TO <b:>",
        "MOVE <a:> TO <b:>",
        "ADD <a:> TO <b:>",
    ],
)
def test_updates_are_refused(gate: Gate, text: str) -> None:
    """403: the form is known and never accepted here."""
    assert refusal(gate, text).sort.status == 403


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'INSERT DATA' }",
        "ASK { <http://x/LOAD> ?p ?DROP } # CLEAR ALL",
        "ASK { ?s ?p 'SERVICE <x>' }",
    ],
)
def test_words_in_data_are_only_data(gate: Gate, text: str) -> None:
    """Strings, IRIs, variables and comments hold no keywords."""
    assert not gate.examine(text).services


def test_length(gate: Gate) -> None:
    """The limit is told."""
    problem = refusal(gate, "ASK {} #" + "x" * 20_000)
    assert (problem.sort.name, problem.sort.status) == ("too-large", 400)
    assert problem.members["limit"] == 20_000


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{", "}"), ("(", ")"), ("[", "]"), ("<< ", ">>"), ("<<( ", " )>>"), ("{ ( [", "] ) }")],
)
def test_depth(gate: Gate, opening: str, closing: str) -> None:
    """Brackets of all sorts count together; those that are closed again do not add up."""
    levels = 21
    assert refusal(gate, "ASK { " + opening * levels + closing * levels).sort.name == "too-deep"
    assert gate.examine("ASK { " + (opening + closing) * 30 + "}")


@pytest.mark.parametrize(
    "operator", ["||", "&&", "/", "|", "+", "-", "*", " UNION ", " OPTIONAL {} ", " MINUS {} "]
)
def test_chains(gate: Gate, operator: str) -> None:
    """So many operators of one kind are more than an engine should hold on its stack."""
    assert refusal(gate, "ASK { " + operator.join(["?x"] * 52) + "}").sort.name == "too-deep"
    assert gate.examine("ASK { " + operator.join(["?x"] * 51) + "}")


def test_a_long_list_of_values_is_no_chain(gate: Gate) -> None:
    """Rows of VALUES make no tree."""
    assert gate.examine("ASK { VALUES ?x {" + " 1" * 2000 + "} }")


def test_an_undeclared_prefix_is_named(gate: Gate) -> None:
    """With its place, and the declaration where the project knows the prefix."""
    problem = refusal(gate, "DESCRIBE ?d {\n\t?d a dcat:Dataset }")
    assert problem.members == {
        "line": 2,
        "column": 7,
        "excerpt": "\t?d a dcat:Dataset }\n\t     ^^^^^^^^^^^^",
    }
    assert "PREFIX dcat: <http://www.w3.org/ns/dcat#>" in problem.detail.en


@pytest.mark.parametrize(
    ("text", "line", "column", "mark"),
    [
        ("", 1, 1, "^"),
        ("DESCRIBE ?s {\r\n 'åäö }", 2, 2, " ^^^^^^"),
        ("FOO", 1, 1, "^^^"),
        ("DESCRIBE ?s \x00 {}", 1, 13, " " * 12 + "^"),
    ],
)
def test_the_offending_text_is_marked(gate: Gate, text: str, line: int, column: int, mark: str) -> None:
    """Line and column count from 1, in characters."""
    problem = refusal(gate, text)
    assert (problem.sort.status, problem.members["line"], problem.members["column"]) == (400, line, column)
    assert str(problem.members["excerpt"]).split("\n")[1] == mark


def test_a_long_line_is_shown_around_the_mark(gate: Gate) -> None:
    """A query on one line of thousands of characters does not fill the answer."""
    problem = refusal(gate, "ASK { " + "?s ?p ?o . " * 1000 + "§ }")
    excerpt, mark = str(problem.members["excerpt"]).split("\n")
    assert len(excerpt) <= 200
    assert excerpt[mark.index("^")] == "§"


def test_one_from_is_left_to_the_engine(gate: Gate) -> None:
    """There is nothing to merge."""
    text = "SELECT * FROM <http://a/> FROM NAMED <http://b/> { ?s ?p ?o }"
    passed = gate.examine(text)
    assert (passed.text, passed.default_graphs, passed.named_graphs) == (text, (), ())


def test_several_from_are_taken_out(gate: Gate) -> None:
    """The pool merges them; prefixes and escapes are resolved, places in the text stay as they were."""
    text = (
        "PREFIX x: <http://x/>\nASK FROM x:a\\-b FROM\n<http://b/> FROM NAMED <http://\\u0063/> { ?s ?p ?o }"
    )
    passed = gate.examine(text)
    assert passed.default_graphs == ("http://x/a-b", "http://b/")
    assert passed.named_graphs == ("http://c/",)
    assert "FROM" not in passed.text
    assert len(passed.text) == len(text)
    assert passed.text.count("\n") == text.count("\n")


def test_a_relative_graph_is_refused_where_it_would_be_guessed(gate: Gate) -> None:
    """Never silently another graph than the engine would take."""
    assert refusal(gate, "ASK FROM <a> FROM <b> {}").sort.name == "syntax"


def test_services_are_found(gate: Gate) -> None:
    """However they are written; a variable is refused outright."""
    text = "PREFIX x: <http://x/> ASK { SeRvIcE<http://a/> {} SERVICE#c\nSILENT x:b {} }"
    assert gate.examine(text).services == ("http://a/", "http://x/b")
    assert refusal(gate, "ASK { SERVICE ?where {} }").sort.name == "federation"


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_volatile_queries_are_known(gate: Gate, call: str) -> None:
    """Their answers are neither cached nor given an ETag."""
    assert gate.examine(f"SELECT ({call} AS ?x) {{}}").volatile
    assert not gate.examine("SELECT ('NOW()' AS ?x) {}").volatile


def test_fresh_blank_nodes_are_known(gate: Gate) -> None:
    """A template that makes blank nodes gives other labels each time."""
    assert gate.examine("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }").fresh_blanks
    assert gate.examine("CONSTRUCT { _:b ?p ?o } WHERE { ?s ?p ?o }").fresh_blanks
    assert not gate.examine("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }").fresh_blanks


def test_what_was_found_is_remembered() -> None:
    """Repeats cost no second walk; a longer text than is remembered gives the same."""
    gate = Gate(dataclasses.replace(SETTINGS))
    assert gate.examine("ASK {}") is gate.examine("ASK {}")
    long = "ASK {} #" + "x" * 10_000
    assert gate.examine(long) == gate.examine(long)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://x/> {} }",
        "ASK FROM <a:> FROM <b:> {}",
        "SELECT (now() AS ?x) {}",
        "ASK { ?s ?p 'service' }",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        "PREFIX select: <http://x/> ASK {}",
        "# SELECT\nINSERT DATA { <a:> <b:> 1 }",
        "PREFIX : <http://x/# SELECT ",
        "BASE <http://x/> PREFIX a: <b> SELECT ?x {}",
        "ASK" + " {" * 25,
        "ASKING {}",
    ],
)
def test_the_short_way_agrees_with_the_long_one(gate: Gate, text: str) -> None:
    """A text that is passed without a walk is one that the walk would pass in the same way."""
    if kind := gate._plain(text):
        with_comment = gate._examine(f"{text}\n#{' ' * 50}")  # too long for the short way
        assert (with_comment.kind, with_comment.services, with_comment.volatile) == (kind, (), False)
        assert not with_comment.default_graphs
