"""Says where a query is no SPARQL and what is wrong there, in words for the one who wrote it.

The engine names the farthest place it could read to and lists all that could have stood there; the tokens
tell what does stand there, and whether a prefix was forgotten, which the engine often hides.
"""

import re

from queries.tokens import Token, code, declared_prefixes
from server.workers.query import Failure

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_CHARACTERS = re.compile(r"\['[^\]]*\]")
_SENTENCE = re.compile(r"(?:^|, )((?:The|SELECT|IRI|[A-Z][a-z]+)(?: [A-Za-z*]+){2,})(?=, |$)")
_EXPECTED = re.compile(r'"(?:\\.|[^"\\])+"|(?<![\w\'])[A-Z]{2,}[A-Z_]*(?![\w\'])')
_NAME = re.compile(r"""([^\s"'<>]*?):""")
_MANY = 12


def failure(message: str, text: str) -> Failure:
    """What the engine's SyntaxError, which said `message`, means for the query `text`."""
    pieces = code(text)
    if forgotten := _undeclared(pieces):
        prefix = forgotten.text.partition(":")[0]
        complaint = f'the prefix "{prefix}:" is not declared; add PREFIX {prefix}: <…>'
        return _placed(complaint, *_line_and_column(text, forgotten.start))
    place = _PLACE.fullmatch(message)
    if place is None:
        return Failure("syntax", message)
    line, column = int(place[1]), int(place[2])
    return _placed(_complaint(place[3], pieces, _offset(text, line, column)), line, column)


def _undeclared(pieces: list[Token]) -> Token | None:
    declared = declared_prefixes(pieces)
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if before is not None and before.text.upper() == "PREFIX":
            continue
        name = _NAME.match(piece.text) if piece.kind in ("name", "error") else None
        if name and name[1] not in declared:
            return piece
    return None


def _complaint(expected: str, pieces: list[Token], offset: int) -> str:
    if sentence := _SENTENCE.search(expected):
        return sentence[1][0].lower() + sentence[1][1:] if sentence[1].startswith("The ") else sentence[1]
    here = next((piece for piece in pieces if piece.end >= offset), None)
    where = f"the query cannot be read on from “{here.text[:40]}”" if here else "the query ends too early"
    wanted = list(dict.fromkeys(_EXPECTED.findall(_CHARACTERS.sub("", expected))))
    return f"{where}; expected one of {' '.join(wanted[:_MANY])}" if wanted else where


def _placed(complaint: str, line: int, column: int) -> Failure:
    return Failure("syntax", f"Line {line}, column {column}: {complaint}.", line=line, column=column)


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")
