"""The repair of a catalogue: small named steps that put one kind of value right, each with a record.

What a step gives goes into the default graph. The source's own graph keeps what was published, and so does
the check: its report is for the publisher, who is not helped when others put faults right unseen.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from loaders.catalogues.changes import Changes
from loaders.catalogues.organisations import canonical_organisation, joined, may_identify
from loaders.catalogues.skolem import split
from loaders.lines import blocks, write_sorted
from loaders.views.formats import recognise, table
from loaders.views.terms import Pair, is_iri, literal, name, names, quote
from ontology import FOLDER, iri

Mended = tuple[Pair, ...]
"""What takes the place of a value: pairs of property and value; an empty property means the same one."""


_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (2.2) has no way to write: one of them, and a whole catalogue is no RDF/XML."""
_MAY_BE_CONTROL: Final = re.compile(rb"\\[ubf]")
"""How they begin in canonical N-Triples."""


class Step(NamedTuple):
    """One kind of repair. `mend` is given a term and gives None when there is nothing to put right."""

    name: str
    properties: frozenset[str]
    """The properties whose values are looked at, as terms; all when empty."""
    mend: Callable[[str], Mended | None]
    sv: str
    en: str


def _characters(term: str) -> Mended | None:
    if not term.startswith('"'):
        return None
    found = literal(term)
    text = _CONTROLS.sub(lambda one: "\n" if one[0] in "\v\f" else "", found.text)
    if text == found.text:
        return None
    return (("", quote(text, found.language, f"<{found.datatype}>" if found.datatype else "")),)


def _empty(term: str) -> Mended | None:
    if term in ("<mailto:>", "<tel:>"):
        return ()
    return () if term.startswith('"') and not literal(term).text.strip() else None


def _address(term: str) -> Mended | None:
    if not term.startswith('"'):
        return None
    text = literal(term).text.strip()
    return _iri(text) if re.match(r"https?://[^\s/]", text) else None


def _mail(term: str) -> Mended | None:
    text = (term[1:-1] if is_iri(term) else literal(term).text).strip()
    plain = re.sub(r"^(mailto:)+|\s|%20", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"[^@/:]+@[^@/:]+\.[^@/:.]+", plain) or term == f"<mailto:{plain}>":
        return None
    return _iri(f"mailto:{plain}")


def _telephone(term: str) -> Mended | None:
    text = unquote(term[1:-1]) if is_iri(term) else literal(term).text
    if not re.fullmatch(r"\s*(tel:)?[\s\d+()/.–-]+", text, re.IGNORECASE):
        return None
    digits = re.sub(r"[^\d+]", "", text.replace("(0)", ""))
    number = re.sub(r"^0", "+46", re.sub(r"^00", "+", digits))
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number) or term == f"<tel:{number}>":
        return None
    return _iri(f"tel:{number}")


_CREATIVE_COMMONS = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/"
    r"(licenses/[a-z-]+/\d\.\d(?:/(?!deed|legal|rdf)[a-z]{2})?|publicdomain/(?:zero|mark)/1\.0)(?:[/#?.].*)?",
    re.IGNORECASE,
)


def _licence(term: str) -> Mended | None:
    text = term[1:-1] if is_iri(term) else literal(term).text.strip()
    found = _CREATIVE_COMMONS.fullmatch(text)
    after = (
        f"http://creativecommons.org/{found[1].lower()}/" if found else _named_licences().get(_key(text), "")
    )
    return _iri(after) if after and term != f"<{after}>" else None


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", "-", text.strip().upper())


@cache
def _named_licences() -> Mapping[str, str]:
    """Licence by the short name that the code list gives it, `CC-BY-4.0`."""
    return {_key(name): licence for licence, name in _values("licences.ttl", "skos:notation")}


_SPECIFICATION = re.compile(r"https?://(?:www\.)?dataportal\.se/(?:(?:sv|en)/)?specifications/([^?#]+?)/?")


def _specification(term: str) -> Mended | None:
    if not is_iri(term):
        return None
    found = _SPECIFICATION.fullmatch(term[1:-1])
    after = f"https://dataportal.se/specifications/{found[1]}" if found else term[1:-1]
    after = _specifications().get(after, after)
    return _iri(after) if term != f"<{after}>" else None


@cache
def _specifications() -> Mapping[str, str]:
    """The first IRI of each specification by its others, as their metadata lists them."""
    known = {}
    for path in sorted(FOLDER.glob("specifications/*/metadata.json")):
        conforms = json.loads(path.read_bytes()).get("dcterms:conformsTo", [])
        iris = [one["@id"] for one in (conforms if isinstance(conforms, list) else [conforms])]
        known.update(dict.fromkeys(iris, iris[0]) if iris else {})
    return known


_AUTHORITY = re.compile(r"https?://publications\.europa\.eu/resource/authority/([^/?#]+/[^/?#]+)/?")


def _authority(term: str) -> Mended | None:
    if not is_iri(term):
        return None
    found = _AUTHORITY.fullmatch(term[1:-1])
    after = f"http://publications.europa.eu/resource/authority/{found[1]}" if found else term[1:-1]
    after = _same_codes().get(after, after)
    return _iri(after) if term != f"<{after}>" else None


@cache
def _same_codes() -> Mapping[str, str]:
    """The IRI that our code lists use, by the IRI of the same concept elsewhere."""
    lists = ("frequencies.ttl", "languages.ttl", "licences.ttl", "access-rights.ttl", "data-themes.ttl")
    return {other: ours for file in lists for ours, other in _values(file, "skos:exactMatch")}


def _values(file: str, name: str) -> Iterator[tuple[str, str]]:
    """Each concept of a code list that has a property, with its value."""
    predicate = ox.NamedNode(iri(name))
    for quad in ox.parse(path=FOLDER / "codes" / file, format=ox.RdfFormat.TURTLE):
        if quad.predicate == predicate and not isinstance(quad.object, ox.Triple):
            yield quad.subject.value, quad.object.value


def _format(term: str) -> Mended | None:
    """The literal stays: it is what the Swedish profile asks for."""
    if not term.startswith('"'):
        return None
    found = recognise(term)
    more = []
    if found.code:
        more.append(("", f"<http://publications.europa.eu/resource/authority/file-type/{found.code}>"))
    if found.media_type in table().registered:
        media_type = f"<https://www.iana.org/assignments/media-types/{found.media_type}>"
        more.append((name("dcat:mediaType"), media_type))
    return (("", term), *more) if more else None


_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_DAY = re.compile(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)")


def _date(term: str) -> Mended | None:
    if not term.startswith('"'):
        return None
    text = literal(term).text.strip()
    after = _day(text) or _moment(text)
    return (("", after),) if after and after != term else None


def _day(text: str) -> str:
    found = _DAY.fullmatch(text)
    try:
        return f'"{date(*map(int, found.groups()))}"^^{name("xsd:date")}' if found else ""
    except ValueError:
        return ""


def _moment(text: str) -> str:
    found = _MOMENT.fullmatch(text)
    if not found:
        return ""
    day, time, seconds, zone = found.groups()
    zone = re.sub(r"(\d\d)(\d\d)$", r"\1:\2", (zone or "").upper())
    whole = f"{day}T{time}{seconds or ':00'}{zone}"
    try:
        datetime.fromisoformat(whole)
    except ValueError:
        return ""
    return f'"{whole}"^^{name("xsd:dateTime")}'


def _organisation(term: str) -> Mended | None:
    after = canonical_organisation(term)
    return None if after is None else (("", after),)


def _iri(text: str) -> Mended | None:
    try:
        return (("", str(ox.NamedNode(text))),)
    except ValueError:
        return None


_PAGES = names(
    "dcat:accessURL", "dcat:downloadURL", "dcat:landingPage", "dcat:endpointURL", "dcat:endpointDescription",
    "foaf:homepage", "foaf:page", "dcterms:license", "dcterms:conformsTo",
)  # fmt: skip
_DATES = names("dcterms:issued", "dcterms:modified", "dcterms:created", "dcat:startDate", "dcat:endDate")
_CODES = names(
    "dcterms:accrualPeriodicity", "dcterms:language", "dcterms:license", "dcterms:accessRights", "dcat:theme",
    "dcterms:format", "dcatap:availability", "dcterms:type", "adms:status", "dcatap:hvdCategory",
)  # fmt: skip

STEPS: Final = (
    Step(
        "characters",
        frozenset(),
        _characters,
        "styrtecken som XML inte kan bära tas bort",
        "control characters that XML cannot carry are left out",
    ),
    Step("empty", frozenset(), _empty, "tomma värden tas bort", "empty values are left out"),
    Step("address", _PAGES, _address, "webbadresser i text blir IRI:er", "web addresses in text become IRIs"),
    Step(
        "mail", names("vcard:hasEmail"), _mail, "e-postadresser får mailto:", "e-mail addresses get mailto:"
    ),
    Step(
        "telephone",
        names("vcard:hasTelephone", "vcard:hasValue"),
        _telephone,
        "telefonnummer skrivs internationellt, med tel:",
        "telephone numbers are written internationally, with tel:",
    ),
    Step(
        "licence",
        names("dcterms:license"),
        _licence,
        "licenser får Creative Commons egna IRI:er",
        "licences get the IRIs of Creative Commons",
    ),
    Step(
        "specification",
        names("dcterms:conformsTo"),
        _specification,
        "en specifikation har en IRI",
        "a specification has one IRI",
    ),
    Step("authority", _CODES, _authority, "koder får EU:s IRI:er", "codes get the IRIs of the EU"),
    Step(
        "format",
        names("dcterms:format"),
        _format,
        "format får även EU:s filtyp och IANA:s medietyp",
        "formats also get the EU file type and the IANA media type",
    ),
    Step("date", _DATES, _date, "datum skrivs enligt XML Schema", "dates are written as XML Schema has them"),
    Step(
        "organisation",
        frozenset(),
        _organisation,
        "organisationer får den nationella IRI:n",
        "organisations get the national IRI",
    ),
)
"""All steps, in the order in which they look at a value; each sees what the ones before it made."""


def repair(harvested: Path, target: Path, changes: Changes) -> None:
    """Write the repaired lines of sorted N-Triples to `target`, sorted, and record the changes."""
    repairer = Repairer(
        changes, joined(line for lines in blocks(harvested) for line in lines if may_identify(line))
    )
    parts = (list(repairer.lines(lines)) for lines in blocks(harvested))
    write_sorted(chain(parts, [list(repairer.sameness())]), target)


_BY_PROPERTY: Final[Mapping[bytes, tuple[Step, ...]]] = {
    name.encode(): tuple(step for step in STEPS if name in step.properties or not step.properties)
    for name in frozenset().union(*(step.properties for step in STEPS))
}
_FOR_ALL: Final = tuple(step for step in STEPS if not step.properties)

_REMEMBERED = 100_000
"""Different values whose repair is remembered."""


class _Outcome(NamedTuple):
    """What takes the place of a property and value, and which step made what of what."""

    pairs: tuple[tuple[bytes, bytes], ...]
    made: tuple[tuple[str, str, str], ...]


class Repairer:
    """Repairs the lines of one source, and records what it did; nodes of `renamed` get their new names."""

    def __init__(self, changes: Changes, renamed: Mapping[bytes, bytes]) -> None:
        self._changes = changes
        self._renamed = renamed
        self._known: dict[tuple[bytes, bytes], _Outcome | None] = {}
        self.touched = False

    def lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The repaired lines of N-Triples; their order is as before but where something was repaired."""
        for line in lines:
            subject, predicate, value = split(line)
            node = self._node(subject)
            outcome = self._outcome(predicate, value) if _may_be_mended(predicate, value) else None
            if outcome is None and value in self._renamed:
                outcome = _Outcome(((predicate, self._renamed[value]),), ())
            if outcome is None and node is subject:
                yield line
                continue
            self.touched = True
            for made in outcome.made if outcome else ():
                self._changes.add(*made, subject.decode())
            for pair in outcome.pairs if outcome else ((predicate, value),):
                yield b"%s %s %s .\n" % (node, *pair)

    def sameness(self) -> Iterator[bytes]:
        """For each node that got another name, the statement that both are the same thing."""
        for before, after in sorted(self._renamed.items()):
            self._changes.add("organisation", before.decode(), after.decode(), before.decode())
            yield b"%s <%s> %s .\n" % (after, iri("owl:sameAs").encode(), before)

    def _node(self, subject: bytes) -> bytes:
        if subject in self._renamed:
            return self._renamed[subject]
        after = canonical_organisation(subject.decode()) if b"organisation" in subject else None
        return subject if after is None else after.encode()

    def _outcome(self, predicate: bytes, value: bytes) -> _Outcome | None:
        key = (predicate, value)
        if key not in self._known:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            self._known[key] = _worked_out(predicate, value)
        return self._known[key]


def _may_be_mended(predicate: bytes, value: bytes) -> bool:
    """A cheap look: whether any step could want to change the value."""
    if predicate in _BY_PROPERTY or b"organisation" in value or value[1:7] in (b"mailto", b"tel:>"):
        return True
    if value[:1] != b'"':
        return False
    return value[1:2] in b'" \\\xc2\xe2' or value[1:2].isspace() or bool(_MAY_BE_CONTROL.search(value))


def _worked_out(predicate: bytes, value: bytes) -> _Outcome | None:
    pairs = [(predicate.decode(), value.decode())]
    made = []
    for step in _BY_PROPERTY.get(predicate, _FOR_ALL):
        for pair in list(pairs):
            mended = step.mend(pair[1])
            if mended is None:
                continue
            pairs.remove(pair)
            pairs += [(property_ or pair[0], after) for property_, after in mended]
            after = " ".join(after for _, after in mended if after != pair[1])
            made.append((step.name, pair[1], after or "(left out)"))
    if not made:
        return None
    return _Outcome(tuple((p.encode(), v.encode()) for p, v in pairs), tuple(made))
