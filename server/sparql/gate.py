"""The gate before the engine: refuses what is too big, too deep, writes, or reaches out over the network.

It reads tokens, never raw text, so comments, strings and IRIs cannot hide or feign a keyword.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

from ontology import PREFIXES
from queries.tokens import Token, iri_of, tokens
from server.http import problems
from server.http.negotiation import Kind
from server.http.problems import Problem
from server.http.words import Words
from server.settings import ServerSettings
from server.sparql.marking import syntax

MEMO_ENTRIES = 1000
MEMO_TEXT = 8192  # characters; longer texts are examined each time, so the memo stays below 10 MB

_KINDS: dict[str, Kind] = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"])
_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})
_VOLATILE = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"])
_OPENING = {"{": 1, "(": 1, "[": 1, "<<": 1, "{|": 1, "<<(": 2}  # `<<(` is closed by two tokens
_CLOSING = frozenset({"}", ")", "]", ">>", "|}"})
# For each of these an engine builds one more level of a tree, and walks it on its stack.
_CHAINED = frozenset({"||", "&&", "!", "/", "|", "^", "+", "-", "*", "?"}) | {
    "UNION", "OPTIONAL", "LATERAL", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "EXISTS", "AS",
}  # fmt: skip

_MATTERS = re.compile("SERVICE|FROM|NOW|RAND|UUID|BNODE|CONSTRUCT|DESCRIBE", re.IGNORECASE)
_PLAIN = re.compile(
    r"(?:\s|#[^\r\n]*[\r\n]|PREFIX\s+[\w.-]*:\s*<[^<>\s]*>|BASE\s+<[^<>\s]*>)*+(SELECT|ASK)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A query that may go to a worker, and what the gate found out about it.

    `default_graphs` and `named_graphs` are the dataset clauses that were taken out of the text because
    several default graphs must be merged; else both are empty and the clauses stay in the text.
    """

    text: str
    kind: Kind
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()
    """The prefixes that the query declares, with their namespaces."""
    volatile: bool = False
    """Asks for the time, chance or another service: the next answer may differ."""
    fresh_blanks: bool = False
    """May make new blank nodes, so that equal answers differ in their labels."""


@dataclass(slots=True)
class _Survey:
    """What one walk over the tokens collects."""

    text: str
    deepest: int  # the limits it is held to
    longest: int
    kind: Kind | None = None
    depth: int = 0
    chains: Counter[str] = field(default_factory=Counter)
    prefixes: dict[str, str] = field(default_factory=dict)
    clauses: list[tuple[bool, Token, int]] = field(default_factory=list)
    services: list[Token] = field(default_factory=list)
    volatile: bool = False
    construct: bool = False
    blanks: bool = False


class Gate:
    """Examines queries by the limits of the settings, and remembers what it found about short ones."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._remembered = lru_cache(MEMO_ENTRIES)(self._examine)
        self._aside = ThreadPoolExecutor(1, "gate")

    def examine(self, text: str) -> Passed:
        """Let a query pass, or raise the Problem that says why not; Federation judges its services."""
        return self._remembered(text) if len(text) <= MEMO_TEXT else self._examine(text)

    async def examine_aside(self, text: str) -> Passed:
        """As `examine`; long texts are read in a thread, one at a time, so that nobody waits for them."""
        if len(text) <= MEMO_TEXT:
            return self._remembered(text)
        return await asyncio.get_running_loop().run_in_executor(self._aside, self._examine, text)

    def _examine(self, text: str) -> Passed:
        if len(text) > self._settings.query_bytes:
            raise too_large(len(text), self._settings.query_bytes)
        if kind := self._plain(text):
            return Passed(text, kind)
        survey = _walk(text, self._settings.query_depth, self._settings.query_chain)
        if survey.kind is None:
            raise syntax(text, len(text), 1, Words("Frågan är tom.", "The query is empty."))
        default, named, stripped = _dataset(survey)
        return Passed(
            text=stripped,
            kind=survey.kind,
            default_graphs=default,
            named_graphs=named,
            services=tuple(_service(survey, target) for target in survey.services),
            prefixes=tuple(survey.prefixes.items()),
            volatile=survey.volatile,
            fresh_blanks=survey.construct and survey.blanks,
        )

    def _plain(self, text: str) -> Kind | None:
        """The kind of a query that needs no walk: short, and without any word or depth that matters.

        What does not stand in the text at all cannot be hidden in it, so this is sound without tokens.
        """
        if len(text) > self._settings.query_chain or _MATTERS.search(text):
            return None
        if sum(map(text.count, "{([<")) > self._settings.query_depth:
            return None
        start = _PLAIN.match(text)
        return _KINDS[start[1].upper()] if start else None


def _walk(text: str, depth: int, chain: int) -> _Survey:
    """Read the tokens once; raises Problem at the first that is none or passes a limit, and for an update."""
    survey = _Survey(text, depth, chain)
    before: list[Token] = []  # the last two tokens, comments apart
    for token in tokens(text):
        kind = token.kind
        if kind == "comment":
            continue
        if kind == "error":
            raise _unreadable(text, token)
        if kind == "punctuation":
            _bracket(survey, token)
        elif kind == "keyword":
            _keyword(survey, token)
        elif kind == "blank":
            survey.blanks = True
        elif kind in ("iri", "name", "variable"):
            _term(survey, token, before)
        before = [*before[-1:], token]
    return survey


def complaint(text: str) -> Problem | None:
    """What the tokens alone say against a text that the engine has refused: a forgotten prefix, above all."""
    try:
        _walk(text, len(text), len(text))
    except Problem as problem:
        return problem
    return None


def _bracket(survey: _Survey, token: Token) -> None:
    text = token.text
    if text in _OPENING:
        survey.depth += _OPENING[text]
        if survey.depth > survey.deepest:
            raise _too_deep(survey.deepest)
        survey.blanks |= text in ("[", "(")
    elif text in _CLOSING:
        survey.depth = max(0, survey.depth - 1)
    elif text in _CHAINED:
        _chained(survey, text)


def _chained(survey: _Survey, word: str) -> None:
    survey.chains[word] += 1
    if survey.chains[word] > survey.longest:
        raise _too_long(word, survey.longest)


def _too_deep(limit: int) -> Problem:
    detail = Words(
        f"Parenteserna går djupare än de {limit} nivåer som tillåts.",
        f"Brackets nest deeper than the {limit} levels that are allowed.",
    )
    return Problem(problems.TOO_DEEP, detail, members={"limit": limit})


def _too_long(word: str, limit: int) -> Problem:
    detail = Words(
        f"{word} förekommer fler än de {limit} gånger som tillåts.",
        f"{word} occurs more than the {limit} times that are allowed.",
    )
    return Problem(problems.TOO_DEEP, detail, members={"limit": limit})


def _keyword(survey: _Survey, token: Token) -> None:
    word = token.text.upper()
    if survey.kind is None and word not in _PROLOGUE:
        if word in _UPDATES:
            raise read_only()
        survey.kind = _KINDS.get(word)
        survey.construct = word == "CONSTRUCT"
        if survey.kind is None:
            raise syntax(survey.text, token.start, len(token.text), _NO_FORM)
    if word in _CHAINED:
        _chained(survey, word)
    if word in _VOLATILE:
        survey.volatile = True


_NO_FORM = Words(
    "En fråga börjar med SELECT, ASK, CONSTRUCT eller DESCRIBE.",
    "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE.",
)


def _term(survey: _Survey, token: Token, before: Sequence[Token]) -> None:
    """Note what an IRI, name or variable means by the keywords before it: a prefix, a graph, a service."""
    words = [piece.text.upper() if piece.kind == "keyword" else "" for piece in before]
    last = words[-1] if words else ""
    if token.kind == "iri" and len(words) == 2 and words[0] == "PREFIX":
        survey.prefixes[before[1].text[:-1]] = iri_of(token, {})
    elif last == "FROM":
        survey.clauses.append((False, token, before[-1].start))
    elif words == ["FROM", "NAMED"]:
        survey.clauses.append((True, token, before[0].start))
    elif last == "SERVICE" or words == ["SERVICE", "SILENT"]:
        survey.services.append(token)


def _dataset(survey: _Survey) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Several FROM graphs, the FROM NAMED graphs and the text without the clauses.

    One FROM, or none, is left to the engine: it merges wrongly only where there is something to merge.
    """
    if sum(not named for named, *_ in survey.clauses) < 2:
        return (), (), survey.text
    text = survey.text
    graphs: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for named, token, start in survey.clauses:
        graphs[named][_absolute(survey, token)] = None
        kept = "".join("\n" if character == "\n" else " " for character in text[start : token.end])
        text = text[:start] + kept + text[token.end :]  # places in error messages stay right
    return tuple(graphs[False]), tuple(graphs[True]), text


def _service(survey: _Survey, token: Token) -> str:
    if token.kind == "variable":
        detail = Words(
            "SERVICE kräver en adress; en variabel kan peka vart som helst.",
            "SERVICE needs an address; a variable could point anywhere.",
        )
        raise Problem(problems.FEDERATION, detail)
    return _absolute(survey, token)


def _absolute(survey: _Survey, token: Token) -> str:
    address = iri_of(token, survey.prefixes)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        detail = Words(
            "Skriv hela adressen: här tillåts ingen relativ IRI.",
            "Write the whole address: no relative IRI is allowed here.",
        )
        raise syntax(survey.text, token.start, len(token.text), detail)
    return address


def read_only() -> Problem:
    """The refusal of an update."""
    return Problem(
        problems.UPDATE,
        Words("Detta är en ändring (SPARQL Update).", "This is an update (SPARQL Update)."),
    )


def too_large(size: int, limit: int) -> Problem:
    """The refusal of a text of `size` bytes or characters."""
    detail = Words(f"{size} byte; högst {limit} tillåts.", f"{size} bytes; at most {limit} are allowed.")
    return Problem(problems.TOO_LARGE, detail, members={"limit": limit})


def _unreadable(text: str, token: Token) -> Problem:
    prefix, colon, _ = token.text.partition(":")
    if colon and token.text[0] not in "\"'<":
        known = PREFIXES.get(prefix)
        hint = f" PREFIX {prefix}: <{known}>" if known else ""
        detail = Words(
            f"Prefixet {prefix}: är inte deklarerat.{hint}", f"The prefix {prefix}: is not declared.{hint}"
        )
        return syntax(text, token.start, len(token.text), detail)
    shown = token.text if len(token.text) <= 40 else token.text[:40] + "…"
    detail = Words(f"Oväntat: {shown}", f"Unexpected: {shown}")
    return syntax(text, token.start, len(token.text), detail)
