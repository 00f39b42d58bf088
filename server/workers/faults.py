"""Why a query has no answer: from the engine's exceptions and from how a worker ended to a Failure."""

import signal

from server.workers import syntax
from server.workers.query import Failure
from server.workers.rows import RowCapReached
from server.workers.xml import NotXml

_TOO_DEEP = "The query is nested or chained too deeply for the engine; split it or flatten it."
_MEMORY = "The query needed more memory than one query may have; ask for less, or sort and group fewer rows."


def from_exception(error: BaseException, text: str) -> Failure:
    """What the engine's exception means to the one who asked `text`."""
    if isinstance(error, SyntaxError):
        return syntax.failure(str(error), text)
    if isinstance(error, RowCapReached):
        return Failure("row-cap", "The answer is longer than the row cap; add a LIMIT or page through it.")
    if isinstance(error, NotXml):
        return Failure(
            "not-xml", "The answer holds characters that XML cannot carry; ask for another format."
        )
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
