"""Runs the example call of every saved query on a store just loaded, so that none can rot unseen."""

import faulthandler
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from os import cpu_count
from pathlib import Path
from typing import Any, Final, Literal

import pyoxigraph as ox

from loaders.isolate import Limits, Step, Workers
from loaders.search.function import SearchFunction
from ontology.errors import QueryError, SourceError
from queries.saved import SavedQuery, load

FILE: Final = "queries.rehearsal.json"
"""The outcome, among the reports of a release; no source can have a report of this name."""
DEADLINE: Final = 10.0
"""Seconds one example call may take: people wait no longer, whatever the server allows."""
MEMORY: Final = 4_000_000_000
AT_ONCE: Final = cpu_count() or 1
"""Queries that are asked at the same time."""
_SPARE = 60.0  # seconds for starting and for opening the store
_WORSE: Final = ("ok", "empty", "slow", "broken")

State = Literal["ok", "empty", "slow", "broken"]
"""ok: it has rows (triples, or yes). empty: it has none. slow: not done by the deadline. broken: an error."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one example call went: rows (or triples), milliseconds, and the state in the release before."""

    name: str
    state: State
    rows: int = 0
    ms: int = 0
    message: str = ""
    was: State | None = None

    @property
    def newly(self) -> bool:
        """Whether the release before had more to say."""
        return self.was is not None and _WORSE.index(self.state) > _WORSE.index(self.was)

    def told(self) -> dict[str, object]:
        """The outcome as JSON tells it."""
        return asdict(self) | {"newly": self.newly}


@dataclass(frozen=True)
class Rehearsal:
    """How all example calls went; none when the release was built without."""

    outcomes: tuple[Outcome, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Outcome]:
        """The outcomes by the name of their query."""
        return {outcome.name: outcome for outcome in self.outcomes}

    @property
    def newly(self) -> tuple[Outcome, ...]:
        """Those that went better in the release before."""
        return tuple(outcome for outcome in self.outcomes if outcome.newly)

    @property
    def troubled(self) -> tuple[Outcome, ...]:
        """Those that somebody must look at: broken, slow, or worse than in the release before."""
        return tuple(o for o in self.outcomes if o.newly or o.state in ("slow", "broken"))

    @property
    def counts(self) -> dict[State, int]:
        """How many are in each state."""
        states = [outcome.state for outcome in self.outcomes]
        return {"ok": states.count("ok"), "empty": states.count("empty"), **_bad(states)}

    def summary(self) -> str:
        """The outcome in one line: counts, and by name what is broken, slow or newly empty."""
        counts = ", ".join(f"{number} {state}" for state, number in self.counts.items() if number)
        told = "; ".join(f"{o.name} is {'newly ' if o.newly else ''}{o.state}" for o in self.troubled)
        return f"saved queries: {counts or 'none'}" + (f"; {told}" if told else "")


def _bad(states: list[State]) -> dict[State, int]:
    return {"slow": states.count("slow"), "broken": states.count("broken")}


def rehearse(
    store: Path,
    reports: Path,
    before: Path | None = None,
    *,
    queries: Mapping[str, SavedQuery] | None = None,
    faults: Sequence[QueryError] = (),
    deadline: float = DEADLINE,
) -> Rehearsal:
    """Run every example call and write the outcome among `reports`; `before` are those of the release before.

    The queries are ours when none are given; `faults` are those of files that could not be read. They run in
    another process, which is ended when one of them is not done by the deadline in seconds; the rest go on
    in a new one.
    """
    past = read_rehearsal(before).by_name if before else {}
    known = load() if queries is None else queries
    texts, found = _calls(known)
    found |= dict(_unread(fault) for fault in faults)
    found |= _outcomes(texts, store, deadline)
    outcomes = tuple(
        replace(outcome, was=past[name].state if name in past else None) for name, outcome in found.items()
    )
    document = {"deadline": deadline, "queries": [outcome.told() for outcome in outcomes]}
    (reports / FILE).write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return Rehearsal(outcomes)


def read_rehearsal(reports: Path) -> Rehearsal:
    """The outcome that `rehearse` wrote; an empty one when there is none."""
    try:
        written = json.loads((reports / FILE).read_bytes())["queries"]
    except FileNotFoundError:
        return Rehearsal()
    for entry in written:
        del entry["newly"]
    return Rehearsal(tuple(Outcome(**entry) for entry in written))


def _calls(known: Mapping[str, SavedQuery]) -> tuple[dict[str, str], dict[str, Outcome]]:
    """The text of each example call, and what is to be said of the queries that have none."""
    texts, without = {}, {}
    for name, query in known.items():
        try:
            texts[name] = query.bind(query.example)
        except QueryError as error:
            without[name] = Outcome(name, "broken", message=f"it has no example call: {error}")
    return texts, without


def _unread(fault: QueryError) -> tuple[str, Outcome]:
    """What is to be said of a file that is no saved query: the sentence begins with its path."""
    path, _, message = str(fault).partition(": ")
    return Path(path).name, Outcome(Path(path).name, "broken", message=message)


def _outcomes(texts: Mapping[str, str], store: Path, deadline: float) -> Iterator[tuple[str, Outcome]]:
    """The outcome of each query by name, in order; some are asked at a time, each in a process of its own."""
    names = list(texts)
    parts = [names[start::AT_ONCE] for start in range(AT_ONCE)]
    with Workers() as workers, ThreadPoolExecutor(AT_ONCE) as pool:
        ask_part = partial(_part, store=store, deadline=deadline, workers=workers)
        asked = pool.map(ask_part, ({name: texts[name] for name in part} for part in parts))
        found = {outcome.name: outcome for part in asked for outcome in part}
    return ((name, found[name]) for name in names)


def _part(left: dict[str, str], *, store: Path, deadline: float, workers: Workers) -> list[Outcome]:
    """The outcomes of some queries, one after the other."""
    outcomes: list[Outcome] = []
    while left:
        round_ = _Round()
        limits = Limits(MEMORY, deadline * len(left) + _SPARE)
        argument = {"store": str(store), "deadline": deadline, "queries": list(left.items())}
        try:
            workers.run("loaders.releases.rehearsal:ask", argument, limits, round_.hear)
        except SourceError as error:
            round_.broke_off(next(iter(left)), str(error), deadline)
        for outcome in round_.done:
            del left[outcome.name]
        outcomes += round_.done
    return outcomes


class _Round:
    """Listens to one process: which query it is at, and what came of those before."""

    def __init__(self) -> None:
        self.done: list[Outcome] = []
        self._at = ""
        self._since = 0.0

    def hear(self, told: str) -> None:
        """Take a step: the name of a query that begins, or the outcome of one as JSON."""
        if told.startswith("{"):
            self.done.append(Outcome(**json.loads(told)))
            self._at = ""
        else:
            self._at, self._since = told, time.monotonic()

    def broke_off(self, first: str, why: str, deadline: float) -> None:
        """The process has ended; the query that it was at is to blame, or else the first of all."""
        spent = time.monotonic() - self._since if self._at else 0.0
        name = self._at or (first if not self.done else "")
        if name and spent >= deadline:
            message = f"not done after {deadline:g} seconds"
            self.done.append(Outcome(name, "slow", ms=round(spent * 1000), message=message))
        elif name:
            self.done.append(Outcome(name, "broken", ms=round(spent * 1000), message=why))


def ask(argument: Mapping[str, Any], step: Step) -> None:
    """Ask `queries`, pairs of name and text; each and its outcome are steps. For `loaders.isolate`."""
    store = ox.Store.read_only(argument["store"])
    search = SearchFunction(Path(argument["store"]).parent)
    for name, text in argument["queries"]:
        step(name)
        # The engine cannot be interrupted, so it goes with its process.
        faulthandler.dump_traceback_later(argument["deadline"], exit=True)
        outcome = _asked(store, search, name, text)
        faulthandler.cancel_dump_traceback_later()
        step(json.dumps(asdict(outcome)))


def _asked(store: ox.Store, search: SearchFunction, name: str, text: str) -> Outcome:
    began = time.perf_counter()
    try:
        found = store.query(text, custom_functions=dict(search.functions))
        rows = int(bool(found)) if isinstance(found, ox.QueryBoolean) else sum(1 for _ in found)
        search.check()
    except (SyntaxError, RuntimeError, OSError) as error:
        return Outcome(name, "broken", message=str(error))
    ms = round((time.perf_counter() - began) * 1000)
    return Outcome(name, "ok" if rows else "empty", rows, ms)
