"""Puts terms where parameters stand in a query text, by token and place in the grammar, never as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import NamedTuple

from ontology.errors import QueryError
from queries.parameters import Term
from queries.tokens import Token, code, dataset_clauses, fault, tokens

Place = OneOf["term", "expression", "list", "values", "row", "limit"]
"""Where a parameter may stand.

term        in a triple, a path, GRAPH, FROM or DESCRIBE
expression  in the brackets of FILTER, BIND, SELECT, ORDER BY and so on
list        alone between the commas of IN (…): takes several values
values      in a VALUES block of one variable: takes several values, or UNDEF for none
row         in a row of a VALUES block of several variables: one value, or UNDEF for none
limit       after LIMIT or OFFSET
"""
MANY: frozenset[Place] = frozenset({"list", "values"})
EMPTY: frozenset[Place] = frozenset({"values", "row", "term"})


class Slot(NamedTuple):
    """A variable that is a parameter, with its place; `variable` is without the question mark."""

    variable: str
    place: Place
    start: int
    end: int


_ENDED_BY: Mapping[str, frozenset[str]] = {
    ")": frozenset({"FILTER", "BIND"}),
    "}": frozenset({"VALUES"}),
    "]": frozenset(),
    "|}": frozenset(),
}


@dataclass(slots=True)
class _Level:
    """An open bracket: what stands in it, and what the last keyword in it lets expect."""

    sort: OneOf["group", "triples", "expression", "list", "values", "row", "names"] = "group"
    clause: str = ""


@dataclass(slots=True)
class _Walk:
    """Follows the clauses of a query token by token."""

    levels: list[_Level] = field(default_factory=lambda: [_Level()])
    previous: str = ""
    before: str = ""

    def step(self, token: Token) -> None:
        """Takes note of a token after its own place has been told."""
        word = token.text.upper() if token.kind in ("keyword", "punctuation") else token.kind
        if token.kind == "keyword":
            self._keyword(word)
        elif word in ("(", "{", "[", "<<(", "{|"):
            self._open(word)
        elif word in (")", "}", "]", "|}") and len(self.levels) > 1:
            self.levels.pop()
            if self.levels[-1].clause in _ENDED_BY[word]:
                self.levels[-1].clause = ""
        self.before, self.previous = self.previous, word

    def _keyword(self, word: str) -> None:
        level = self.levels[-1]
        if word in ("SELECT", "BY", "HAVING", "FILTER", "BIND", "VALUES"):
            level.clause = word
        elif word in ("FROM", "WHERE", "LIMIT", "OFFSET", "GRAPH"):
            level.clause = ""

    def _open(self, bracket: str) -> None:
        level = self.levels[-1]
        if bracket == "(" and level.sort in ("expression", "list"):
            self.levels.append(_Level("list" if self.previous == "IN" else "expression"))
        elif bracket == "(" and level.sort == "values":
            self.levels.append(_Level("row"))
        elif bracket == "(" and level.clause == "VALUES":
            self.levels.append(_Level("names"))
        elif bracket == "(" and level.clause:
            self.levels.append(_Level("expression"))
        elif bracket == "{" and level.clause == "VALUES":
            self.levels.append(_Level("values"))
        elif bracket == "{":
            level.clause = ""
            self.levels.append(_Level())
        else:
            self.levels.append(_Level("triples"))

    def place(self, token: Token, following: str) -> Place:
        """The place of a parameter; QueryError where the grammar wants a variable, not a value."""
        level = self.levels[-1]
        if self.previous in ("LIMIT", "OFFSET"):
            return "limit"
        bound = (self.before, self.previous) == ("BOUND", "(")
        if (
            bound
            or self.previous == "AS"
            or level.sort == "names"
            or (level.sort == "group" and level.clause)
        ):
            raise QueryError(
                f"{token.text} at character {token.start}: a parameter is a value and cannot be "
                "selected, grouped by or bound; use another variable and bind the parameter elsewhere"
            )
        if self.previous in ("SERVICE", "SILENT"):
            raise QueryError(
                f"{token.text} at character {token.start}: an address of SERVICE cannot be a parameter"
            )
        if level.sort in ("values", "row"):
            return "values" if level.sort == "values" else "row"
        if level.sort == "list" and self.previous in ("(", ",") and following in (",", ")"):
            return "list"
        return "expression" if level.sort in ("expression", "list") else "term"


def slots(text: str) -> tuple[Slot, ...]:
    """The parameters of a query in order: variables whose name begins with an underscore.

    Raises QueryError when the text has a piece that is no token, or a parameter stands where none can.
    """
    pieces = code(text)
    for piece in pieces:
        if piece.kind == "error":
            raise QueryError(f"the query has {piece.text[:40]!r} at character {piece.start}, {fault(piece)}")
    return tuple(_find(pieces))


def _find(pieces: Sequence[Token]) -> Iterator[Slot]:
    walk = _Walk()
    for token, following in zip(pieces, [*(piece.text for piece in pieces[1:]), ""], strict=True):
        if token.kind == "variable" and token.text[1:2] == "_":
            yield Slot(token.text[1:], walk.place(token, following), token.start, token.end)
        walk.step(token)


def fill(text: str, places: Sequence[Slot], terms: Mapping[str, Sequence[Term]]) -> str:
    """The text with every slot replaced by its terms, by variable; a slot without terms becomes UNDEF
    in a VALUES block and stays the variable it is elsewhere."""
    parts: list[str] = []
    end = 0
    for slot in places:
        parts.append(text[end : slot.start])
        # Spaces keep a language tag or an operator beside the slot from growing into the term.
        parts.append(f" {_written(slot, terms[slot.variable])} ")
        end = slot.end
    parts.append(text[end:])
    return "".join(parts)


def _written(slot: Slot, terms: Sequence[Term]) -> str:
    if not terms:
        return "UNDEF" if slot.place in ("values", "row") else f"?{slot.variable}"
    if slot.place == "limit":
        return str(int(terms[0].value))
    return (", " if slot.place == "list" else " ").join(_one_term(term) for term in terms)


_SHAPES = (["iri"], ["string"], ["string", "language"], ["string", "punctuation", "iri"])


def _one_term(term: Term) -> str:
    """The term as it writes itself, after a second look: it must be one term to the tokenizer too."""
    written = str(term)
    if [token.kind for token in tokens(written)] not in _SHAPES:
        raise QueryError(f"{term.value[:40]!r} cannot be written as one term of a query")
    return written


def _columns(pieces: Sequence[Token]) -> Iterator[str]:
    """The variables that a select clause gives, in their order; `pieces` begin after SELECT."""
    depth, previous = 0, ""
    for piece in pieces:
        word = piece.text.upper()
        if depth == 0 and (word == "{" or (piece.kind == "keyword" and word in ("WHERE", "FROM"))):
            return
        depth += (word == "(") - (word == ")")
        named = depth == 0 or (depth == 1 and previous == "AS")
        if (piece.kind == "variable" and named) or (word == "*" and depth == 0):
            yield piece.text
        previous = word


def page(text: str, limit: int, offset: int) -> str:
    """The SELECT query `text` cut to `limit` rows after the first `offset`; a LIMIT of its own keeps holding.

    Ask for one row more than a page has, and whether there is a next page is known for certain.
    """
    pieces = code(text)
    first = next(
        (at for at, piece in enumerate(pieces) if piece.kind == "keyword" and piece.text.upper() == "SELECT"),
        None,
    )
    if first is None:
        raise QueryError("only a SELECT query has pages")
    select, columns = pieces[first], " ".join(_columns(pieces[first + 1 :]))
    body, clauses, end = "", "", select.start
    for clause in dataset_clauses(pieces):  # FROM cannot stand in a sub-select
        body += text[end : clause.start]
        clauses += text[clause.start : clause.end] + " "
        end = clause.end
    inner = body + text[end:]
    head = f"{text[: select.start]}SELECT {columns} {clauses}"
    return f"{head}WHERE {{ {{\n{inner}\n}} }} LIMIT {int(limit)} OFFSET {int(offset)}\n"
