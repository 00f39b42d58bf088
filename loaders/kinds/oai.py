"""OAI-PMH 2.0: the records of a repository, later only those that changed, with the deletions it tells.

Section numbers are those of the protocol, https://www.openarchives.org/OAI/openarchivesprotocol.html.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox

from loaders.catalogues import rdf
from loaders.catalogues.changes import Changes
from loaders.catalogues.entities import check_entities
from loaders.catalogues.rdf import Input
from loaders.catalogues.terms import Terms
from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step
from loaders.kinds.mapping import Mapped
from ontology import iri
from ontology.errors import SourceError

RUNS: Final = 30
"""Harvests of changes after a whole one; then all is harvested again, so that what was missed is found."""

_ACCEPT: Final = "text/xml, application/xml;q=0.9, */*;q=0.1"
_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_DC: Final = f"{{{iri('dc:')}}}"
_RDF: Final = f"{{{iri('rdf:')}}}"

Newest = Mapping[str, tuple[Path, int]]
"""Of each record, by identifier, the document and the place in it where it is told last."""


def harvest(walk: Walk, address: str, prefix: str, set_: str | None) -> tuple[Document, ...]:
    """All records, or those of earlier harvests and what changed since."""
    told = walk.look("oai:look", walk.fetch(_asked(address, verb="Identify"), _ACCEPT, known=False))
    wanted = {"verb": "ListRecords", "metadataPrefix": prefix, **({"set": set_} if set_ else {})}
    runs = [document for document in walk.before if document.name.startswith(_asked(address, **wanted))]
    if 0 < len(runs) <= RUNS and told["deletes"]:
        for document in walk.before:
            walk.reuse(document)
        wanted["from"] = walk.look("oai:look", runs[-1])["date"][: len(told["granularity"])]
    records = len(walk.documents)
    following = _asked(address, **wanted)
    while following:
        page = walk.look("oai:look", walk.fetch(following, _ACCEPT, known=False))
        if page["error"] == "noRecordsMatch" and "from" in wanted:
            return tuple(walk.documents[1:records])
        if page["error"]:
            raise SourceError(f"{following} answered {page['error']}: {page['message']}")
        token = page["token"]
        following = _asked(address, verb="ListRecords", resumptionToken=token) if token else ""
    return tuple(walk.documents[1:])


def _asked(address: str, **arguments: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(arguments)}"


def look(argument: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """What leads on from an answer: its date, token and error, and how the repository treats deletions."""
    found: dict[str, Any] = {"date": "", "token": "", "error": "", "message": "", "deletes": False}
    for element in _elements(Path(argument["path"])):
        text = (element.text or "").strip()
        match element.tag.removeprefix(_OAI):
            case "responseDate":
                found["date"] = text
            case "resumptionToken":
                found["token"] = text
            case "error":
                found["error"], found["message"] = element.get("code", "error"), text
            case "deletedRecord":
                found["deletes"] = text in ("persistent", "transient")
            case "granularity":
                found["granularity"] = text
    if not found["date"]:
        raise SourceError("it is no answer of OAI-PMH; expected the element OAI-PMH with a responseDate")
    return found


def newest(documents: Iterable[Input]) -> Newest:
    """Where each record is told last; of deleted ones nothing."""
    found: dict[str, tuple[Path, int]] = {}
    for document in documents:
        for place, record in enumerate(_records(document.path)):
            header = record.find(f"{_OAI}header")
            name = record.findtext(f"{_OAI}header/{_OAI}identifier", "")
            found.pop(name, None)
            if header is not None and header.get("status") != "deleted":
                found[name] = (document.path, place)
    return found


def read(document: Input, text: Path, changes: Changes, limit: int, chosen: Newest) -> None:
    """Write the records of a document that are the newest as N-Triples."""
    places = {place for path, place in chosen.values() if path == document.path}
    gathered = ET.Element(f"{_RDF}RDF")
    simple = []
    for place, record in enumerate(_records(document.path)):
        metadata = record.find(f"{_OAI}metadata")
        if place not in places or metadata is None or not len(metadata):
            continue
        if metadata[0].tag == f"{_RDF}RDF":
            gathered.extend(_apart(metadata[0], place))
        elif any(element.tag.startswith(_DC) for element in metadata[0]):
            simple.append(_dublin_core(metadata[0]))
        else:
            raise SourceError(
                f"its records hold {metadata[0].tag}, which is not understood; set another `prefix`"
            )
    text.touch()
    if len(gathered):
        whole = text.with_name(text.name + ".rdf")
        ET.ElementTree(gathered).write(whole, "utf-8", xml_declaration=True)
        rdf.read(Input(whole, document.base, ".rdf"), text, changes, limit)
    mapped = Mapped("oai-dc", Terms(changes, document.base), {})
    with text.open("ab") as file:
        for found in simple:
            ox.serialize(mapped.triples("record", found), file, ox.RdfFormat.N_TRIPLES)


def _apart(element: ET.Element, place: int) -> Iterator[ET.Element]:
    """The nodes of a record; labels of blank nodes hold for one record only, so they are made different."""
    for part in element.iter():
        if label := part.get(f"{_RDF}nodeID"):
            part.set(f"{_RDF}nodeID", f"r{place}.{label}")
    yield from element


def _dublin_core(element: ET.Element) -> dict[str, Any]:
    """A record in simple Dublin Core as an object for the mapping, with the first address as its `iri`."""
    found: dict[str, Any] = {}
    for part in element:
        text = (part.text or "").strip()
        if not text or not part.tag.startswith(_DC):
            continue
        name, language = part.tag.removeprefix(_DC), part.get("{http://www.w3.org/XML/1998/namespace}lang")
        found.setdefault(name, []).append({"@value": text, "@language": language} if language else text)
        if name == "identifier" and re.match(r"https?://", text):
            found.setdefault("iri", text)
    return found


def _records(path: Path) -> Iterator[ET.Element]:
    return (element for element in _elements(path) if element.tag == f"{_OAI}record")


def _elements(path: Path) -> Iterator[ET.Element]:
    """The elements of a document as they end; a record is emptied after it was used."""
    check_entities(path)
    try:
        for _, element in ET.iterparse(path):  # noqa: S314  (its entities are checked)
            yield element
            if element.tag == f"{_OAI}record":
                element.clear()
    except ET.ParseError as error:
        raise SourceError(f"it is not XML: {error}") from error
