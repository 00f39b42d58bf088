"""The work on one source, in a process of its own: documents in, sorted quads and reports out.

Terms stay exactly as they were published: everything here is lines of N-Triples, and nothing passes through a
store, which would change the spelling of literals.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox

from loaders.catalogues.changes import Changes, total
from loaders.catalogues.chosen import choose
from loaders.catalogues.rdf import Input
from loaders.catalogues.recorded import change_lines
from loaders.catalogues.repair import repair
from loaders.catalogues.skolem import has_blank, skolemise, split
from loaders.checking import check_file, report_lines, write_report
from loaders.isolate import Step
from loaders.kinds.reading import Reading, read
from loaders.lines import blocks, link, write_sorted
from loaders.parts import CHANGES, GRAPH, MERGED, QUALITY, REPAIRS, TABLES
from ontology.errors import SourceError


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, in values that JSON can carry.

    `documents` are (path, name, address, hint) each; `graph` is the IRI of the graph; `profile` names
    the shapes of a catalogue and `specification` is the path of a dataset's metadata; `map` is that of a
    CONSTRUCT query for a dataset in RDF; `limit` is in bytes.
    """

    source: str
    documents: list[list[str]]
    folder: str
    base: str
    graph: str
    limit: int
    profile: str = ""
    specification: str = ""
    dataset: str | None = None
    publisher: str | None = None
    map: str = ""
    kind: str = "dcat"
    title: str = ""
    publishers: list[str] = field(default_factory=list)
    engine: str = "shacl"

    @property
    def prefix(self) -> str:
        """What the names of blank nodes begin with."""
        return f"{self.base}.well-known/genid/{self.source}-"


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of it, in numbers."""

    triples: int
    violations: int
    warnings: int
    infos: int
    repairs: int


def convert(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """Do one `Job` and give a `Converted`, both as dictionaries; the files are in the job's folder."""
    job = Job(**argument)
    folder = Path(job.folder)
    changes = Changes()
    step("read")
    texts = _read(job, folder, changes)
    step("convert")
    harvested = folder / "harvested.nt"
    triples = write_sorted(_named(texts, job.prefix, changes), harvested)
    for text in texts:
        text.unlink()
    write_quads(blocks(harvested), job.graph, folder / GRAPH)
    if job.specification:
        link(harvested, folder / MERGED)  # tables are put right while they are converted
    else:
        step("repair")
        repair(harvested, folder / MERGED, changes)
    step("check")
    report = check_file(harvested, job.profile, job.specification, prefix=job.prefix, engine=job.engine)
    harvested.unlink()
    write_report(report, folder)
    quality = sorted(set(report_lines(report, job.prefix)))
    write_quads([quality], f"{job.base}graph/quality/shacl/{job.source}", folder / QUALITY)
    made = changes.all()
    (folder / CHANGES).write_text(
        json.dumps([asdict(one) for one in made], ensure_ascii=False, indent=1), "utf-8"
    )
    write_quads(
        [sorted(change_lines(made, job.prefix))], f"{job.base}graph/repairs/{job.source}", folder / REPAIRS
    )
    counts = report.counts
    return asdict(Converted(triples, counts.violations, counts.warnings, counts.infos, total(made)))


def _read(job: Job, folder: Path, changes: Changes) -> list[Path]:
    if not job.specification:
        return _read_documents(job, folder, changes)
    return _read_things(job, folder, changes) if job.kind == "rdf" else _read_table(job, folder)


def _read_things(job: Job, folder: Path, changes: Changes) -> list[Path]:
    """A dataset in RDF: what the CONSTRUCT queries make of its documents."""
    from loaders.constructed import construct, finish, queries_of

    texts = _read_documents(job, folder, changes)
    specification, address = Path(job.specification), job.documents[0][2]
    queries = queries_of(specification, Path(job.map) if job.map else None)
    found = construct(texts, queries, {"base": job.base, "source": job.source})
    things, report = finish(found, specification, address, job.dataset)
    for text in texts:
        text.unlink()
    if not report.kept:
        raise SourceError(f"{job.documents[0][1]}: its CONSTRUCT queries find nothing in it")
    target = folder / "things.nt"
    ox.serialize(things, target, ox.RdfFormat.N_TRIPLES)
    table = {**report.to_json(), "dataset": job.dataset}
    (folder / TABLES).write_text(json.dumps([table], ensure_ascii=False, indent=1), encoding="utf-8")
    return [target]


def _read_documents(job: Job, folder: Path, changes: Changes) -> list[Path]:
    documents = [(name, Input(Path(path), address, hint)) for path, name, address, hint in job.documents]
    texts = read(documents, Reading(job.kind, job.title, folder, job.limit, changes))
    if job.publishers:
        choose(texts, job.publishers)
    return texts


def _read_table(job: Job, folder: Path) -> list[Path]:
    from loaders.tables.tabular import (
        convert as convert_table,  # its readers are many, and catalogues need none
    )

    texts, reports = [], []
    for number, (path, name, address, _) in enumerate(job.documents):
        texts.append(folder / f"text{number}.nt")
        result = convert_table(
            Path(path),
            Path(job.specification),
            source=job.source,
            base=job.base,
            dataset=job.dataset,
            publisher=job.publisher,
            address=address,
            name=urlsplit(name).path.rpartition("/")[2] or name,
        )
        ox.serialize(result.quads, texts[-1], ox.RdfFormat.N_TRIPLES)
        if len(job.documents) > 1:
            result.report.forget("paged")  # the other pages are here too
        reports.append({**result.report.to_json(), "dataset": job.dataset})
    if not any(report["kept"] for report in reports):
        first = job.documents[0][1]
        raise SourceError(f"{first}: no row of it could be used; see its columns in the specification")
    (folder / TABLES).write_text(json.dumps(reports, ensure_ascii=False, indent=1), encoding="utf-8")
    return texts


def _named(texts: Iterable[Path], prefix: str, changes: Changes) -> Iterator[list[bytes]]:
    """The lines of all texts in parts; blank nodes have got names."""
    blank: list[bytes] = []
    for text in texts:
        for lines in blocks(text):
            special = {
                line for line in lines if _may_be_special(line) and (has_blank(line) or _is_nested(line))
            }
            blank += [line for line in special if not _is_nested(line)]
            _leave_out(special.difference(blank), changes)
            yield [line for line in lines if line not in special] if special else lines
    yield list(skolemise(blank, prefix))


def _may_be_special(line: bytes) -> bool:
    return line.startswith(b"_:") or b"> _:" in line or b"> <<(" in line


def _is_nested(line: bytes) -> bool:
    """Whether the object of a line is a triple, as RDF 1.2 allows."""
    return b"> <<(" in line and split(line)[2].startswith(b"<<(")


def _leave_out(lines: Iterable[bytes], changes: Changes) -> None:
    """Record triples about triples as left out: neither SHACL nor RDF 1.1 readers know them."""
    for line in lines:
        subject, _, value = split(line)
        changes.add("triple term", value.decode(), "(left out)", subject.decode())


def write_quads(parts: Iterable[list[bytes]], graph: str, target: Path) -> None:
    """Write lines of N-Triples as quads of a graph; sorted lines stay sorted."""
    end = f"<{graph}> .\n".encode()
    with target.open("wb") as file:
        for lines in parts:
            file.writelines([line[:-2] + end for line in lines])
