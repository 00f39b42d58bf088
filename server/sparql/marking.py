"""Syntax problems that show their place: line, column, and the line with the offending text marked."""

import re
from bisect import bisect_right

from queries.tokens import tokens
from server.http.problems import SYNTAX, Problem
from server.http.words import Words


def syntax(text: str, offset: int, length: int, detail: Words) -> Problem:
    """A syntax problem at an offset: line and column from 1, and the line with the offending text marked."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    line = bisect_right(starts, offset)
    begin = starts[line - 1]
    shown = re.split(r"[\r\n]", text[begin:], maxsplit=1)[0]
    column = offset - begin + 1
    width = max(1, min(length, len(shown) - column + 1))
    start = max(0, column - 100)
    excerpt = shown[start : start + 200]
    lead = re.sub(r"[^\t]", " ", excerpt[: column - 1 - start])
    mark = f"{excerpt}\n{lead}{'^' * min(width, 100)}"
    members = {"line": line, "column": column, "excerpt": mark}
    return Problem(SYNTAX, detail, members=members)


def syntax_at(text: str, line: int, column: int, detail: Words) -> Problem:
    """A syntax problem where the engine named a line and column; the token there is marked."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    offset = min(starts[min(line, len(starts)) - 1] + column - 1, len(text))
    token = next((token for token in tokens(text) if token.start <= offset < token.end), None)
    return syntax(text, offset, token.end - offset if token else 1, detail)
