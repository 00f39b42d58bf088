"""Dumps of the whole graph, all its named graphs included, as compressed files with checksums."""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from pyoxigraph import RdfFormat, parse, serialize

from loaders.views.pieces import HEADER
from loaders.views.self_description import DUMPS, dump_distribution
from loaders.views.terms import A, Node, digest, name, quote
from ontology import PREFIXES

_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump: its file ending, and size and checksums of the compressed file."""

    ending: str
    bytes: int
    sha256: str
    sha1: str
    """What the profiles know: DCAT-AP 2.1.1 and DCAT-AP-SE allow no other algorithm."""

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"odis.{self.ending}.gz"


class _GzipFile:
    """A gzip file that is the same whenever it is written, with its checksum."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc = self._plain = self.bytes = 0
        self.sha256 = hashlib.sha256()
        self.sha1 = hashlib.sha1(usedforsecurity=False)
        self._put(HEADER)

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self.sha256.update(data)
        self.sha1.update(data)
        self.bytes += len(data)

    def write(self, data: bytes) -> int:
        """Add text."""
        self._crc = zlib.crc32(data, self._crc)
        self._plain += len(data)
        self._put(self._packer.compress(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do before the end; pyoxigraph asks for it."""

    def finish(self) -> None:
        """Write the end."""
        self._put(self._packer.flush())
        self._put(self._crc.to_bytes(4, "little") + (self._plain & 0xFFFFFFFF).to_bytes(4, "little"))


def write_dumps(graph_nq: Path, folder: Path) -> tuple[Dump, ...]:
    """Write N-Quads and TriG of a graph.nq into a new folder; nothing is held in memory."""
    folder.mkdir()
    return tuple(_write(graph_nq, folder, ending, _WRITERS[ending]) for ending in DUMPS)


def _write(graph_nq: Path, folder: Path, ending: str, fill: "Callable[[Path, _GzipFile], None]") -> Dump:
    with (folder / f"odis.{ending}.gz").open("wb") as file:
        target = _GzipFile(file)
        fill(graph_nq, target)
        target.finish()
    return Dump(ending, target.bytes, target.sha256.hexdigest(), target.sha1.hexdigest())


def _copy(graph_nq: Path, target: _GzipFile) -> None:
    with graph_nq.open("rb") as source:
        while block := source.read(_READ):
            target.write(block)


def _trig(graph_nq: Path, target: _GzipFile) -> None:
    quads = parse(path=graph_nq, format=RdfFormat.N_QUADS, lenient=True)
    serialize(quads, cast(BinaryIO, target), format=RdfFormat.TRIG, prefixes=PREFIXES)


_WRITERS: Final[dict[str, Callable[[Path, _GzipFile], None]]] = {"nq": _copy, "trig": _trig}


def checksum_nodes(base: str, dump: Dump) -> tuple[Node, ...]:
    """Size and checksum of a dump, to be said of its distribution.

    They are in the catalogue's documents only: in the graph they would be part of what they are the checksum
    of, and in the feed every release would change them.
    """
    distribution = f"<{dump_distribution(base, dump.ending)}>"
    checksum = f"<{base}.well-known/genid/checksum-{digest(dump.file)}>"
    return (
        Node(
            distribution,
            (
                (name("dcat:byteSize"), quote(str(dump.bytes), datatype=name("xsd:nonNegativeInteger"))),
                (name("spdx:checksum"), checksum),
            ),
        ),
        Node(
            checksum,
            (
                (A, name("spdx:Checksum")),
                (name("spdx:algorithm"), name("spdx:checksumAlgorithm_sha1")),
                (name("spdx:checksumValue"), quote(dump.sha1, datatype=name("xsd:hexBinary"))),
            ),
        ),
    )
