"""Cuts SPARQL 1.1 and 1.2 text into tokens, so that nobody has to guess what is code and what is data.

The gate of the server (which SERVICE, which FROM, how deep) and the binding of parameters build on it.
Engines do not agree on where a token ends: Oxigraph 0.5 reads character by character and follows its
grammar, other engines take the longest token (SPARQL 1.1, 19.8). Whatever the two could read differently
in a way that hides a keyword comes out as an "error" token, and `<` is told apart from the beginning of an
IRI as the grammar does it: inside the brackets of an expression, after an operand, it is the operator.
Text with an error token must therefore be refused, never searched.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from queries.lexis import FULL, KEYWORDS, ONE_DOT, PLAIN

Kind = Literal[
    "comment",
    "iri",
    "string",
    "name",
    "variable",
    "blank",
    "number",
    "language",
    "keyword",
    "punctuation",
    "error",
]
Form = Literal["select", "ask", "construct", "describe", "update"]


class Token(NamedTuple):
    """One piece of the text: `text == query[start:end]`; white space stands between tokens."""

    kind: Kind
    text: str
    start: int
    end: int


class Clause(NamedTuple):
    """A dataset clause: FROM or FROM NAMED with its graph as written (IRI or prefixed name)."""

    named: bool
    graph: Token
    start: int
    end: int


# Keywords whose hiding inside a longer name would change what the text does, or how the rest is read.
_TELLING = ("SERVICE", "FROM", "FILTER", "BIND", "UNFOLD", "HAVING", "BY", "SELECT", "VALUES")
_LONGEST_KEYWORD = max(map(len, KEYWORDS))
_LONGEST_PREFIX = 256  # characters; beyond it a prefix is refused instead of examined

_KINDS: dict[str | None, Kind] = {
    "comment": "comment",
    "iri": "iri",
    "string": "string",
    "variable": "variable",
    "blank": "blank",
    "number": "number",
    "language": "language",
    "keyword": "keyword",
    "punctuation": "punctuation",
    "name": "name",
    "bare": "name",
    "run": "keyword",
}
_OPERANDS = frozenset({"iri", "string", "name", "variable", "blank", "number", "language"})
_EXPRESSIONS_UNTIL_NEXT_CLAUSE = frozenset({"SELECT", "BY", "HAVING"})
_ONE_EXPRESSION = frozenset({"FILTER", "BIND", "UNFOLD"})
_NO_EXPRESSION = frozenset({"FROM", "WHERE", "LIMIT", "OFFSET", "VALUES", "WITH", "USING"})


@dataclass(slots=True)
class _Frame:
    """An open bracket: `expression` when what stands in it is an expression; `awaits` a bracket of one."""

    expression: bool = False
    awaits: Literal["none", "one", "many"] = "none"


@dataclass(slots=True)
class _Reader:
    """What has been read so far, as far as it decides how the next character is to be read."""

    declared: set[str]
    frames: list[_Frame] = field(default_factory=lambda: [_Frame()])
    operand: bool = False
    declaring: bool = False
    judged: dict[str, bool] = field(default_factory=dict)

    def less_than(self) -> bool:
        """Whether a `<` at this place is the operator: in an expression, after an operand."""
        return self.operand and self.frames[-1].expression

    def judge(self, group: str, text: str) -> Kind:
        """The kind of the next token, and note taken of it."""
        kind = _KINDS.get(group, "error")
        if kind == "punctuation":
            self._punctuation(text)
        elif kind == "keyword":
            kind = self._keyword(text.upper())
        elif kind == "name":
            kind = self._name(text)
        elif kind != "comment":
            self.operand = kind in _OPERANDS
            self.declaring = False
        return kind

    def _punctuation(self, text: str) -> None:
        self.declaring = False
        self.operand = text in (")", "}", ">>")
        frame = self.frames[-1]
        if text == "(":
            inner = frame.expression or frame.awaits != "none"
            self.frames.append(_Frame(expression=inner))
        elif text in ("{", "[", "<<(", "{|"):
            frame.awaits = "none"
            self.frames.append(_Frame())
        elif text in (")", "}", "]", "|}") and len(self.frames) > 1:
            self.frames.pop()
            if text == ")" and self.frames[-1].awaits == "one":
                self.frames[-1].awaits = "none"

    def _keyword(self, word: str) -> Kind:
        if word not in KEYWORDS:
            return "error"
        self.declaring = word == "PREFIX"
        self.operand = word in ("TRUE", "FALSE")
        if word in _EXPRESSIONS_UNTIL_NEXT_CLAUSE:
            self.frames[-1].awaits = "many"
        elif word in _ONE_EXPRESSION:
            self.frames[-1].awaits = "one"
        elif word in _NO_EXPRESSION:
            self.frames[-1].awaits = "none"
        return "keyword"

    def _name(self, text: str) -> Kind:
        self.operand = True
        if self.declaring:
            self.declared.add(text[:-1])
            self.declaring = False
            return "name"
        return "name" if self._sound(text) else "error"

    def _sound(self, text: str) -> bool:
        """Whether every engine reads this prefixed name as one name, or refuses it."""
        prefix, _, local = text.partition(":")
        if prefix not in self.declared or len(prefix) > _LONGEST_PREFIX:
            return False
        if local.count(".") > 1 and _hides_after_dot(local):
            return False
        known = self.judged.get(prefix)
        if known is None:
            known = self.judged[prefix] = not _splits(prefix, self.declared)
        return known


def _hides_after_dot(local: str) -> bool:
    """Whether a telling keyword follows the second dot of a local name, where Oxigraph 0.5 ends the name."""
    match = ONE_DOT.match(local)
    rest = local[match.end() :].lstrip(".").upper() if match else ""
    return rest.startswith(_TELLING)


def _splits(prefix: str, declared: Collection[str]) -> bool:
    """Whether a prefix can be read as keywords, a telling one among them, before another declared prefix.

    With `:` declared, `service:x` is the keyword SERVICE and `:x` to an engine that reads by grammar.
    """
    upper = prefix.upper()
    ends = {0: False}  # where a chain of keywords may end → whether a telling one is in it
    for end in range(len(prefix) + 1):
        if end not in ends:
            continue
        if ends[end] and prefix[end:].lstrip(".") in declared:
            return True
        start = end + (len(prefix[end:]) - len(prefix[end:].lstrip(".")))
        for stop in range(start + 1, min(start + _LONGEST_KEYWORD, len(prefix)) + 1):
            if upper[start:stop] in KEYWORDS:
                ends[stop] = ends.get(stop, False) or ends[end] or upper[start:stop] in _TELLING
    return False


def tokens(text: str, prefixes: Collection[str] = ()) -> Iterator[Token]:
    """Every token of `text` in order, comments included; what is no token is of the kind "error".

    `prefixes` are those declared outside the text. Never raises; time is linear in the length of the text.
    """
    reader = _Reader(set(prefixes))
    position = 0
    plain_until = 0  # no colon follows the run of name characters that ends here
    while True:
        match = (PLAIN if position < plain_until else FULL).match(text, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        group = match.lastgroup or ""
        start, position = match.span(group)
        if group == "name":
            start = match.start("run")
        elif group == "run" and (
            text.find(".", start, position) >= 0 or text.find("-", start, position) >= 0
        ):
            plain_until, position = position, start
            continue
        elif group == "end":
            return
        elif text[start] == "<" and reader.less_than():
            position = start + (2 if text.startswith("<=", start) else 1)
            group = "punctuation"
        piece = text[start:position]
        yield Token(reader.judge(group, piece), piece, start, position)


def code(text: str, prefixes: Collection[str] = ()) -> list[Token]:
    """The tokens without the comments."""
    return [token for token in tokens(text, prefixes) if token.kind != "comment"]


@dataclass(frozen=True, slots=True)
class Survey:
    """All that a gate asks of a query text, from one reading of it."""

    form: Form | None
    """What the text asks for: the first keyword after the prologue; None when that is no query."""
    depth: int
    """How deeply brackets of every sort are nested: a recursive parser needs its stack for this."""
    chain: int
    """How often the most frequent operator or clause stands in the text: engines nest one level for each."""
    clauses: tuple[Clause, ...]
    """The FROM and FROM NAMED clauses, in order."""
    services: tuple[Token, ...]
    """The SERVICE keywords; empty when the query stays in the store."""
    error: Token | None
    """The first piece that is no token; with one, nothing else here can be relied on: refuse the text."""


def survey(text: str, prefixes: Collection[str] = ()) -> Survey:
    """Reads the text once and tells what a gate must know."""
    pieces = code(text, prefixes)
    return Survey(
        form=_form(pieces),
        depth=_depth(pieces),
        chain=_chain(pieces),
        clauses=tuple(dataset_clauses(pieces)),
        services=tuple(
            piece for piece in pieces if piece.kind == "keyword" and piece.text.upper() == "SERVICE"
        ),
        error=next((piece for piece in pieces if piece.kind == "error"), None),
    )


def form(text: str) -> Form | None:
    """What the text asks for, told by the first keyword after the prologue; None when that is no query."""
    return _form(code(text))


def depth(text: str) -> int:
    """How deeply brackets of every sort are nested; a parser that recurses needs its stack for this."""
    return _depth(code(text))


def first_error(text: str, prefixes: Collection[str] = ()) -> Token | None:
    """The first piece of the text that is no token, or None; such a text must be refused."""
    return next((token for token in tokens(text, prefixes) if token.kind == "error"), None)


def fault(token: Token) -> str:
    """Why a token is of the kind "error", as the end of a sentence."""
    if token.text[0] in "'\"":
        return "which is a string without an end or with a wrong escape"
    if ":" in token.text:
        return "whose prefix is not declared, or in which a keyword could hide"
    if token.text[0].isalpha():
        return "which is no word of SPARQL"
    return "which is not SPARQL"


_FORMS: Mapping[str, Form] = {
    "SELECT": "select",
    "ASK": "ask",
    "CONSTRUCT": "construct",
    "DESCRIBE": "describe",
    "INSERT": "update",
    "DELETE": "update",
    "LOAD": "update",
    "CLEAR": "update",
    "DROP": "update",
    "CREATE": "update",
    "ADD": "update",
    "MOVE": "update",
    "COPY": "update",
    "WITH": "update",
}


def _form(pieces: Sequence[Token]) -> Form | None:
    for piece in pieces:
        if piece.kind == "keyword" and piece.text.upper() not in ("BASE", "PREFIX", "VERSION"):
            return _FORMS.get(piece.text.upper())
        if piece.kind == "punctuation":
            return None
    return None


_OPENS = frozenset({"{", "(", "[", "<<(", "<<", "{|"})
_CLOSES = frozenset({"}", ")", "]", ">>", "|}"})


def _depth(pieces: Sequence[Token]) -> int:
    deepest = level = 0
    before = ""
    for piece in pieces:
        if piece.kind == "punctuation":
            if piece.text in _OPENS:
                level += 1
                deepest = max(deepest, level)
            elif piece.text in _CLOSES and level and not (piece.text == ">>" and before == ")"):
                level -= 1  # `)>>` closes `<<(`: two tokens, one level
        before = piece.text
    return deepest


_CHAINED = frozenset({"||", "&&", "!", "/", "|", "^", "+", "-", "*", "?"}) | frozenset(
    {"UNION", "OPTIONAL", "LATERAL", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "SERVICE", "EXISTS"}
)


def _chain(pieces: Sequence[Token]) -> int:
    counts: dict[str, int] = {}
    for piece in pieces:
        if piece.kind in ("punctuation", "keyword"):
            word = piece.text.upper()
            if word in _CHAINED:
                counts[word] = counts.get(word, 0) + 1
    return max(counts.values(), default=0)


def dataset_clauses(pieces: Sequence[Token]) -> Iterator[Clause]:
    """The FROM and FROM NAMED clauses among the tokens of a query (comments left out), in order."""
    for at, piece in enumerate(pieces):
        if piece.kind == "keyword" and piece.text.upper() == "FROM":
            rest = pieces[at + 1 : at + 3]
            named = bool(rest) and rest[0].kind == "keyword" and rest[0].text.upper() == "NAMED"
            graph = rest[named] if len(rest) > named else None
            if graph is not None and graph.kind in ("iri", "name"):
                yield Clause(named, graph, piece.start, graph.end)


def declared_prefixes(pieces: Sequence[Token]) -> dict[str, str]:
    """The prefixes the tokens of a query declare, with their namespaces as written."""
    found: dict[str, str] = {}
    for keyword, name, namespace in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if keyword.text.upper() == "PREFIX" and (name.kind, namespace.kind) == ("name", "iri"):
            found[name.text[:-1]] = namespace.text[1:-1]
    return found


def iri_of(token: Token, prefixes: Mapping[str, str]) -> str:
    """The IRI that an IRI token or prefixed name stands for, escapes resolved (SPARQL 1.1, 19.2)."""
    if token.kind == "iri":
        return _CODEPOINT.sub(lambda match: chr(int(match[1] or match[2], 16)), token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    return prefixes.get(prefix, "") + re.sub(r"\\(.)", r"\1", local)


_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
