"""Checks one table that is no source of a build: a steward's file or address, read aside."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox

from loaders.checking import REPORTS, check_file, write_report
from loaders.inspection import BASE, LIMITS, documents
from loaders.isolate import Step, run
from loaders.lines import blocks, write_sorted
from loaders.parts import TABLES
from loaders.tables.describe import named
from loaders.tables.fit import fits, sample
from loaders.tables.marked import marking
from loaders.tables.tabular import convert
from ontology.errors import SourceError
from shapes.report import Report


@dataclass(frozen=True, slots=True)
class TableInspection:
    """The report of a table as plain JSON values (see `TabularReport.to_json`), and what SHACL says of it."""

    table: Mapping[str, Any]
    shacl: Report


def inspect_table(
    location: str, specification: Path | None, marked: Path | None = None, language: str = "sv"
) -> TableInspection:
    """Read a file or an http(s) address by a specification, or by the one that its header fits best.

    With `marked` a copy with the findings is written there. SourceError when it is no table, cannot be
    fetched, or fits no specification.
    """
    if Path(location).is_dir():
        raise SourceError(f"{location}: it is a folder; expected one table, as a file or an http(s) address")
    with TemporaryDirectory() as name:
        (document, *_) = documents(location, Path(name))
        chosen = specification or _best(document.path, location)
        argument = {
            "document": str(document.path),
            "name": document.name.rpartition("/")[2] or document.name,
            "address": document.address,
            "specification": str(chosen),
            "marked": str(marked.absolute()) if marked else "",
            "language": language,
            "folder": name,
        }
        run(f"{__name__}:{inspect.__name__}", argument, LIMITS)
        table = json.loads((Path(name) / TABLES).read_bytes())
        return TableInspection(table, Report.from_json((Path(name) / REPORTS[0]).read_bytes()))


def _best(file: Path, location: str) -> Path:
    found = fits(sample(file, 20))
    if not found:
        raise SourceError(f"{location}: no specification knows its columns; draft one with: odis specs new")
    return named(found[0].name)


def inspect(argument: Mapping[str, Any], step: Step) -> None:
    """The work itself, in a process of its own: writes both reports into the folder of the argument."""
    step("read")
    folder, marked, language = Path(argument["folder"]), argument["marked"], argument["language"]
    name, metadata = argument["name"], Path(argument["specification"])
    read, rows = folder / "read.nt", folder / "rows.nt"
    with marking(Path(marked), name, language) if marked else nullcontext() as marker:
        result = convert(
            Path(argument["document"]),
            metadata,
            source="document",
            base=BASE,
            address=argument["address"],
            name=name,
            watcher=marker,
        )
        ox.serialize(result.quads, read, ox.RdfFormat.N_TRIPLES)
        if marker:
            marker.summary(result.report)
    write_sorted(blocks(read), rows)
    step("check")
    write_report(check_file(rows, "", str(metadata)), folder)
    (folder / TABLES).write_text(json.dumps(result.report.to_json(), ensure_ascii=False), encoding="utf-8")
