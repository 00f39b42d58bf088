"""Why a query has no answer: from the engine's exceptions and from how a worker ended to a Failure."""

import re
import signal

from server.query import Failure
from server.rows import RowCapReached

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:^|, )((?:The|SELECT|IRI|[A-Z][a-z]+)(?: [A-Za-z*]+){2,})(?=, |$)")
_EXPECTED = re.compile(r'"(?:\\.|[^"\\])+"|(?<![\w\'])[A-Z]{2,}[A-Z_]*(?![\w\'])')
_CHARACTERS = re.compile(r"\['[^\]]*\]")
_PREFIX = re.compile(r"(?<![^\s({\[,;|/^!<>=&+*-])([^\s<>(){}\[\]\"',;|/^!=&+*?$:]*):\S*$")
_TOKEN = re.compile(r"\s*(\S{1,40})")

_TOO_DEEP = "The query is nested or chained too deeply for the engine; split it or flatten it."
_MEMORY = "The query needed more memory than one query may have; ask for less, or sort and group fewer rows."


def from_exception(error: BaseException, text: str) -> Failure:
    """What the engine's exception means to the one who asked `text`."""
    if isinstance(error, SyntaxError):
        return _syntax(str(error), text)
    if isinstance(error, RowCapReached):
        return Failure("row-cap", "The answer is longer than the row cap; add a LIMIT or page through it.")
    if isinstance(error, MemoryError):
        return Failure("memory", _MEMORY)
    if isinstance(error, PermissionError):
        return Failure("refused", "The query asks for something this server may not do, such as SERVICE.")
    return Failure("refused", f"The query cannot be evaluated: {error}")


def from_exit(code: int | None, last_words: str) -> Failure:
    """What the end of a worker means; `code` is negative for a signal, `last_words` its standard error."""
    if code is None:  # the zygote ended, and all its workers with it
        return Failure("unavailable", "The workers had to be started anew; ask again.", retry_after=1)
    if code == -signal.SIGALRM:  # the second wall; the front should have been first
        return Failure("deadline", "The query was not finished in its time.", retry_after=10)
    if code in (-signal.SIGSEGV, -signal.SIGBUS) or "overflowed its stack" in last_words:
        return Failure("too-deep", _TOO_DEEP)
    if code == -signal.SIGKILL:
        return Failure(
            "memory", "The system ended the query, most likely for want of memory.", retry_after=10
        )
    if code == -signal.SIGABRT and "panicked" not in last_words:
        return Failure("memory", _MEMORY, retry_after=10)
    return Failure("crash", "The engine ended unexpectedly while answering this query.", retry_after=5)


def _syntax(message: str, text: str) -> Failure:
    place = _PLACE.fullmatch(message)
    if place is None:
        return Failure("syntax", message)
    line, column, expected = int(place[1]), int(place[2]), place[3]
    offset = _offset(text, line, column)
    if "Prefix not found" in expected and (prefix := _PREFIX.search(text[:offset])):
        column -= offset - prefix.start(1)
        return _placed(
            f'the prefix "{prefix[1]}:" is not declared; add PREFIX {prefix[1]}: <…>', line, column
        )
    return _placed(_complaint(expected, text[offset:]), line, column)


def _placed(complaint: str, line: int, column: int) -> Failure:
    return Failure("syntax", f"Line {line}, column {column}: {complaint}.", line=line, column=column)


def _complaint(expected: str, rest: str) -> str:
    """The engine lists all that could have stood there: its sentence if there is one, else the tokens."""
    found = _TOKEN.match(rest)
    unexpected = f"unexpected {found[1]}" if found else "the query ends too early"
    if sentence := _SENTENCE.search(expected):
        return sentence[1][0].lower() + sentence[1][1:] if sentence[1].startswith("The ") else sentence[1]
    wanted = list(dict.fromkeys(_EXPECTED.findall(_CHARACTERS.sub("", expected))))
    return f"{unexpected}; expected one of {' '.join(wanted[:12])}" if wanted else unexpected


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1
