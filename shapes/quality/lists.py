"""Which formats, licences and access rights the metrics know, by EU code and by Swedish media type."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from ontology import FOLDER as ONTOLOGY

_NAL: Final = "http://publications.europa.eu/resource/authority/"
_FILE_TYPE: Final = _NAL + "file-type/"
_IANA: Final = "www.iana.org/assignments/media-types/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_NOTATION, _CLOSE = ox.NamedNode(_SKOS + "notation"), ox.NamedNode(_SKOS + "closeMatch")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists, ready to look things up in."""

    file_types: frozenset[str]
    machine_readable: frozenset[str]
    non_proprietary: frozenset[str]
    linked_data: frozenset[str]
    access_rights: frozenset[str]
    licences: frozenset[str]
    licence_addresses: frozenset[str]
    media_types: dict[str, str]
    """Media type, such as `text/csv`, to the code of the EU file type for the same format."""

    def file_type(self, value: str) -> str:
        """The code of an EU file type IRI that is in the list, else empty."""
        code = value.removeprefix(_FILE_TYPE)
        return code if value.startswith(_FILE_TYPE) and code in self.file_types else ""

    def media_type(self, value: str) -> str:
        """The media type of an IANA address or a literal, in lower case, else empty."""
        bare = _bare(value)
        name = bare.removeprefix(_IANA) if bare.startswith(_IANA) else value
        return name.partition(";")[0].strip().lower() if name.count("/") == 1 else ""

    def is_iana(self, value: str) -> bool:
        """Whether a value is the address of a media type at IANA."""
        return _bare(value).startswith(_IANA) and bool(self.media_type(value))

    def known_licence(self, value: str) -> bool:
        """Whether a licence is in the EU list, under its code there or its own address."""
        code = value.removeprefix(_NAL + "licence/")
        if value.startswith(_NAL + "licence/"):
            return code in self.licences
        bare = _bare(value)
        return bare in self.licence_addresses or bare.startswith(_CREATIVE_COMMONS)

    def known_access_rights(self, value: str) -> bool:
        """Whether access rights come from the EU list."""
        prefix = _NAL + "access-right/"
        return value.startswith(prefix) and value.removeprefix(prefix) in self.access_rights


_CREATIVE_COMMONS: Final = ("creativecommons.org/licenses/", "creativecommons.org/publicdomain/")


@lru_cache(maxsize=1)
def read_lists() -> Lists:
    """The lists as they lie beside this module, with the media types of the ontology."""
    table = tomllib.loads((Path(__file__).parent / "lists.toml").read_text(encoding="utf-8"))

    def codes(name: str) -> frozenset[str]:
        # A list may be said to be the same as another one.
        text = table[name]
        return codes(text) if text in table else frozenset(text.split())

    return Lists(
        file_types=codes("file_types"),
        machine_readable=codes("machine_readable"),
        non_proprietary=codes("non_proprietary"),
        linked_data=codes("linked_data"),
        access_rights=codes("access_rights"),
        licences=codes("licences"),
        licence_addresses=frozenset(map(_bare, codes("licence_addresses"))),
        media_types=_media_types(),
    )


def _media_types() -> dict[str, str]:
    path = ONTOLOGY / "codes" / "media-types.ttl"
    notations: dict[object, str] = {}
    matches: dict[object, str] = {}
    for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
        if quad.predicate == _NOTATION and isinstance(quad.object, ox.Literal):
            notations[quad.subject] = quad.object.value.lower()
        elif quad.predicate == _CLOSE and isinstance(quad.object, ox.NamedNode):
            matches[quad.subject] = quad.object.value.removeprefix(_FILE_TYPE)
    return {name: matches[subject] for subject, name in notations.items() if subject in matches}


def _bare(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
