"""Waivers: results that somebody has decided to live with, for a reason and for a time."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from ontology import PREFIXES
from ontology.errors import CheckError
from shapes.report import Report, Result
from shapes.terms import SH, plain

_KEYS: Final = {"reason", "expires", "path", "shape", "component", "focus", "by"}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of a waivers file; what is empty matches everything."""

    reason: str
    expires: date | None = None
    path: str = ""
    """IRI of the field."""
    shape: str = ""
    """IRI of the rule."""
    component: tuple[str, ...] = ()
    """IRIs of constraint components."""
    focus: str = ""
    """IRI of the resource."""
    by: str = ""

    def matches(self, result: Result) -> bool:
        """Whether this waiver is about that result."""
        return (
            self.path in ("", (result.path or "").strip("<>"))
            and self.shape in ("", result.shape)
            and (not self.component or result.component in self.component)
            and self.focus in ("", plain(result.focus))
        )


@dataclass(frozen=True, slots=True)
class Waived:
    """A report with its waived results set aside, never hidden."""

    report: Report
    waived: tuple[tuple[Result, Waiver], ...]
    unused: tuple[Waiver, ...]
    """In force, but matching nothing: they can be deleted."""
    expired: tuple[Waiver, ...]
    """Their day has passed; what they covered counts again."""


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """Reads a TOML file of `[[waiver]]` tables.

    Raises:
        CheckError: the file cannot be read, has an unknown key, or a waiver gives no reason.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["waiver"]
        return tuple(_waiver(table, path, number) for number, table in enumerate(tables, 1))
    except KeyError as error:
        raise CheckError(f"{path}: waivers are written as [[waiver]] tables; there is none.") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckError(f"{path}: the waivers cannot be read: {error}") from error


def apply_waivers(report: Report, waivers: Sequence[Waiver], today: date) -> Waived:
    """Sets aside the results that a waiver in force covers."""
    force = [waiver for waiver in waivers if waiver.expires is None or waiver.expires >= today]
    waived: list[tuple[Result, Waiver]] = []
    kept: list[Result] = []
    for result in report.results:
        covering = next((waiver for waiver in force if waiver.matches(result)), None)
        if covering is None:
            kept.append(result)
        else:
            waived.append((result, covering))
    used = {id(waiver) for _, waiver in waived}
    return Waived(
        report=replace(report, results=tuple(kept)),
        waived=tuple(waived),
        unused=tuple(waiver for waiver in force if id(waiver) not in used),
        expired=tuple(waiver for waiver in waivers if waiver not in force),
    )


def _waiver(table: dict[str, Any], path: Path, number: int) -> Waiver:
    where = f"{path}, waiver {number}"
    if unknown := sorted(set(table) - _KEYS):
        raise CheckError(f"{where}: unknown key {unknown[0]!r}; there are {', '.join(sorted(_KEYS))}.")
    if not str(table.get("reason", "")).strip():
        raise CheckError(f"{where}: a waiver needs a reason, so that the next reader knows why.")
    if not set(table) & {"path", "shape", "component", "focus"}:
        raise CheckError(f"{where}: it would waive everything; give path, shape, component or focus.")
    expires = table.get("expires")
    if expires is not None and not isinstance(expires, date):
        raise CheckError(f"{where}: expires must be a date such as 2027-01-31, not {expires!r}.")
    return Waiver(
        reason=table["reason"],
        expires=expires,
        path=_iri(table.get("path", "")),
        shape=_iri(table.get("shape", "")),
        component=tuple(map(_component, _listed(table.get("component", ())))),
        focus=table.get("focus", ""),
        by=table.get("by", ""),
    )


def _listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _iri(name: str) -> str:
    """An IRI as it is, or a prefixed name of ours written out."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def _component(name: str) -> str:
    """`NodeKind`, `NodeKindConstraintComponent` and the IRI all name the same component."""
    if ":" in name:
        return _iri(name)
    return SH + name.removesuffix("ConstraintComponent") + "ConstraintComponent"
