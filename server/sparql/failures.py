"""From the reason why the pool has no answer to the problem that a client is told."""

from server.http import problems
from server.http.problems import Problem, Sort
from server.http.words import Words
from server.sparql.gate import complaint
from server.sparql.marking import syntax_at
from server.workers.query import Cause, Failure

_SORTS: dict[Cause, tuple[Sort, str]] = {
    "syntax": (problems.SYNTAX, "Frågan går inte att tolka."),
    "refused": (problems.REFUSED, "Frågemotorn utför inte frågan."),
    "too-deep": (problems.TOO_DEEP, "Frågan har fler nivåer än frågemotorn klarar."),
    "too-large": (problems.TOO_LARGE, "Frågan behöver mer än en gräns i tjänsten medger."),
    "not-xml": (problems.REFUSED, "Svaret har tecken som XML inte kan bära; be om ett annat format."),
    "row-cap": (problems.ROW_CAP, "Svaret har fler rader än ett svar får ha."),
    "deadline": (problems.DEADLINE, "Tiden för frågan tog slut."),
    "memory": (problems.MEMORY, "Minnet för frågan tog slut."),
    "overload": (problems.OVERLOAD, "Kön är full, eller så är alla platser för långa frågor upptagna."),
    "client-cap": (problems.CLIENT_CAP, "En och samma klient får ha ett begränsat antal frågor igång."),
    "stopped": (problems.STOPPED, "Frågan avbröts."),
    "crash": (problems.CRASH, "Processen som arbetade med frågan avslutades oväntat."),
    "unavailable": (problems.UNAVAILABLE, "Ingen arbetsprocess är tillgänglig."),
}


def problem_of(failure: Failure, text: str) -> Problem:
    """The problem for a failure of the query `text`; a syntax error shows its place in it."""
    sort, swedish = _SORTS[failure.cause]
    if failure.cause == "syntax" and (problem := complaint(text)):
        return problem
    if failure.cause == "syntax" and failure.line and failure.column:
        place = f"Rad {failure.line}, kolumn {failure.column}: frågan går inte att tolka härifrån."
        return syntax_at(text, failure.line, failure.column, Words(place, failure.detail))
    return Problem(sort, Words(swedish, failure.detail), retry_after=failure.retry_after)
