"""The profiles a catalogue is written for, each a list of steps that change one node.

What a step changes and why stands in docs/harvesting.md; the rules are those of DCAT-AP-SE 3.0.1, DCAT-AP
3.0.1 and DCAT-AP 2.1.1.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from loaders.views.formats import both_forms
from loaders.views.records import AGENTS, CONTACTS, DATASET, SERIES
from loaders.views.terms import A, Node, Pair, digest, is_iri, literal, name, quote, types

Step = Callable[[Node, str], Iterable[Node]]
"""Changes a node; the second argument is the base of our own IRIs. More nodes than one may come out."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One form a catalogue is offered in."""

    name: str
    """What stands in ``?profile=``."""
    iri: str
    """What stands in ``Accept-Profile`` and ``Content-Profile``."""
    title: str
    steps: tuple[Step, ...]
    records: bool = False
    """Whether a dcat:CatalogRecord is written for every dataset."""
    after: "Profile | None" = None
    """The profile whose steps come before these."""

    def shape(self, node: Node, base: str) -> tuple[Node, ...]:
        """A node as this profile wants it, first the node itself."""
        return _shaped(self, node, base)


@lru_cache(maxsize=4096)
def _shaped(profile: Profile, node: Node, base: str) -> tuple[Node, ...]:
    """Kept for a while: the views, the hashes and the feed ask for the same nodes one after the other."""
    nodes = profile.after.shape(node, base) if profile.after else (node,)
    for step in profile.steps:
        nodes = tuple(changed for before in nodes for changed in step(before, base))
    return nodes


_IDENTIFIER = name("adms:identifier")
_CHECKSUM_VALUE = name("spdx:checksumValue")
_BYTE_SIZE = name("dcat:byteSize")
_DIGITS = re.compile(r"[0-9]+")
_NATURAL = name("xsd:nonNegativeInteger")
_DECIMAL = name("xsd:decimal")
_RIGHTS = name("odrs:RightsStatement")
_LICENCE = name("dcterms:license")
_STATUS = name("adms:status")
_IN_SERIES = name("dcat:inSeries")
_NAL = "http://publications.europa.eu/resource/authority/licence/"
_CC = "http://creativecommons.org/"
_LICENCES = {
    f"<{_CC}publicdomain/zero/1.0/>": f"<{_NAL}CC0>",
    f"<{_CC}licenses/by/4.0/>": f"<{_NAL}CC_BY_4_0>",
    f"<{_CC}licenses/by-sa/4.0/>": f"<{_NAL}CC_BYSA_4_0>",
    f"<{_CC}licenses/by-nd/4.0/>": f"<{_NAL}CC_BYND_4_0>",
    f"<{_CC}licenses/by-nc/4.0/>": f"<{_NAL}CC_BYNC_4_0>",
    f"<{_CC}licenses/by-nc-sa/4.0/>": f"<{_NAL}CC_BYNCSA_4_0>",
    f"<{_CC}licenses/by-nc-nd/4.0/>": f"<{_NAL}CC_BYNCND_4_0>",
}
_SINCE_3 = {
    name("dcat:version"): name("owl:versionInfo"),
    name("dcat:hasVersion"): name("dcterms:hasVersion"),
    name("dcat:isVersionOf"): name("dcterms:isVersionOf"),
    _IN_SERIES: name("dcterms:isPartOf"),
}
_STATUS_NAL = "<http://publications.europa.eu/resource/authority/distribution-status/"
_STATUS_ADMS = {
    f"{_STATUS_NAL}COMPLETED>": "<http://purl.org/adms/status/Completed>",
    f"{_STATUS_NAL}DEPRECATED>": "<http://purl.org/adms/status/Deprecated>",
    f"{_STATUS_NAL}DEVELOP>": "<http://purl.org/adms/status/UnderDevelopment>",
    f"{_STATUS_NAL}WITHDRAWN>": "<http://purl.org/adms/status/Withdrawn>",
}


def _with(node: Node, pairs: Iterable[Pair]) -> Node:
    return Node(node.subject, tuple(sorted(set(pairs))))


def formats_for_both(node: Node, base: str) -> Iterable[Node]:
    """Formats as both portals read them; what no table knows stays a literal, as Sweden allows."""
    yield node._replace(pairs=both_forms(node.pairs, keep_unknown=True))


def formats_as_iris(node: Node, base: str) -> Iterable[Node]:
    """Formats as IRIs only (DCAT-AP 3.0.1, Distribution, format)."""
    yield node._replace(pairs=both_forms(node.pairs, keep_unknown=False))


def european_classes(node: Node, base: str) -> Iterable[Node]:
    """The class that the EU profile names, beside a narrower or Swedish one."""
    stated = types(node.pairs)
    more = set()
    if stated & AGENTS:
        more.add((A, name("foaf:Agent")))
    if stated & CONTACTS:
        more.add((A, name("vcard:Kind")))
    if SERIES in stated:
        # DCAT 3 makes every series a dataset; readers that infer nothing have to be told.
        more.add((A, DATASET))
    if _RIGHTS in stated:
        more.add((A, name("dcterms:RightsStatement")))
    yield _with(node, (*node.pairs, *more)) if more else node


def identifiers_as_nodes(node: Node, base: str) -> Iterable[Node]:
    """Other identifiers as adms:Identifier nodes, where Sweden writes literals."""
    literals = [term for key, term in node.pairs if key == _IDENTIFIER and not is_iri(term)]
    if not literals:
        yield node
        return
    minted = {term: f"<{base}.well-known/genid/identifier-{digest(term)}>" for term in literals}
    yield _with(
        node, [(key, minted.get(term, term) if key == _IDENTIFIER else term) for key, term in node.pairs]
    )
    for term, subject in sorted(minted.items()):
        yield Node(subject, ((A, name("adms:Identifier")), (name("skos:notation"), term)))


def _hex_binary(term: str) -> str:
    return term if is_iri(term) else quote(literal(term).text.lower(), datatype=name("xsd:hexBinary"))


def before_version_3(node: Node, base: str) -> Iterable[Node]:
    """Series and versions as DCAT-AP 2.1.1 writes them."""
    pairs = tuple((_SINCE_3.get(key, key), DATASET if term == SERIES else term) for key, term in node.pairs)
    yield node if pairs == node.pairs else _with(node, pairs)


def _natural(term: str) -> str:
    """What is no whole number stays as its source wrote it."""
    return _number(term, _NATURAL)


def _decimal(term: str) -> str:
    return _number(term, _DECIMAL)


def _number(term: str, datatype: str) -> str:
    if is_iri(term) or not _DIGITS.fullmatch(literal(term).text):
        return term
    return quote(literal(term).text, datatype=datatype)


def values_as(changes: Mapping[str, Callable[[str], str]]) -> Step:
    """A step that changes the values of some predicates."""

    def change(node: Node, base: str) -> Iterable[Node]:
        pairs = tuple([(key, changes[key](term) if key in changes else term) for key, term in node.pairs])
        yield node if pairs == node.pairs else _with(node, pairs)

    return change


SWEDISH: Final = Profile(
    "dcat-ap-se",
    "https://docs.dataportal.se/dcat/3.0.1/sv/",
    "DCAT-AP-SE 3.0.1",
    (formats_for_both, values_as({_BYTE_SIZE: _natural})),
)
EUROPEAN: Final = Profile(
    "dcat-ap",
    "https://semiceu.github.io/DCAT-AP/releases/3.0.1/",
    "DCAT-AP 3.0.1",
    (
        formats_as_iris,
        european_classes,
        identifiers_as_nodes,
        values_as(
            {
                _BYTE_SIZE: _natural,
                _CHECKSUM_VALUE: _hex_binary,
                _LICENCE: lambda term: _LICENCES.get(term, term),
            }
        ),
    ),
    records=True,
)
EUROPEAN_2: Final = Profile(
    "dcat-ap-2.1.1",
    "https://semiceu.github.io/DCAT-AP/releases/2.1.1/",
    "DCAT-AP 2.1.1",
    (
        before_version_3,
        values_as({_BYTE_SIZE: _decimal, _STATUS: lambda term: _STATUS_ADMS.get(term, term)}),
    ),
    records=True,
    after=EUROPEAN,
)

PROFILES: Final[dict[str, Profile]] = {profile.name: profile for profile in (SWEDISH, EUROPEAN, EUROPEAN_2)}
"""The RDF profiles by name; schema.org, which is JSON-LD only, has a module of its own."""
