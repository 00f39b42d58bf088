"""Selective harvesting: what a list request asks for, and the token by which it goes on, stateless.

Section numbers are those of OAI-PMH 2.0.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from loaders.views.read import Filter, OpenViews
from server.harvest.metadata import FORMATS, Metadata

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SET = re.compile(r"publisher:([A-Za-z0-9-]+)")


class Refused(Exception):  # noqa: N818 -- an answer of the protocol, not a failure
    """An error condition of section 3.6; answered with status 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listing:
    """A list request as a token holds it: what is asked, and after which record it goes on."""

    prefix: str
    since: str = ""
    until: str = ""
    publisher: str = ""
    after: str = ""
    cursor: int = 0
    total: int = 0

    def token(self) -> str:
        """The resumption token (section 3.5)."""
        return base64.urlsafe_b64encode(json.dumps(list(asdict(self).values())).encode()).decode().rstrip("=")

    @classmethod
    def of(cls, token: str) -> "Listing":
        """The request of a token; Refused when we never gave it."""
        try:
            found = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            listing = cls(*found)
        except (ValueError, TypeError) as error:
            raise Refused("badResumptionToken", "this token was not given here") from error
        texts = (listing.prefix, listing.since, listing.until, listing.publisher, listing.after)
        if not all(isinstance(one, str) for one in texts) or listing.prefix not in FORMATS:
            raise Refused("badResumptionToken", "this token was not given here")
        if not isinstance(listing.cursor, int) or not isinstance(listing.total, int):
            raise Refused("badResumptionToken", "this token was not given here")
        return listing

    @property
    def filter(self) -> Filter:
        """The records that are still to come."""
        return Filter(self.since, self.until, self.publisher, self.after, deleted=True)


def listing_of(views: OpenViews, arguments: Mapping[str, str]) -> Listing:
    """The list that the arguments ask for (sections 2.7.2 and 4.5)."""
    metadata_of(arguments["metadataPrefix"])
    since, until = arguments.get("from", ""), arguments.get("until", "")
    if since and until and (len(since) != len(until) or since > until):
        raise Refused("badArgument", "from and until need the same granularity, and from comes first")
    wanted = arguments.get("set", "")
    match = _SET.fullmatch(wanted)
    publisher = views.publisher(match[1]) if match else None
    if wanted and wanted != "publisher" and publisher is None:
        raise Refused("noRecordsMatch", "there is no such set")
    return Listing(
        arguments["metadataPrefix"],
        _moment(since, "T00:00:00Z"),
        _moment(until, "T23:59:59Z"),
        publisher.iri if publisher else "",
    )


def _moment(text: str, ending: str) -> str:
    if not text:
        return ""
    whole = text + ending if _DAY.fullmatch(text) else text
    try:
        if not _SECOND.fullmatch(whole):
            raise ValueError(text)
        datetime.fromisoformat(whole)
    except ValueError as error:
        raise Refused(
            "badArgument", f"{text[:40]} is not a date as 2026-11-24 or 2026-11-24T08:00:00Z"
        ) from error
    return whole


def metadata_of(prefix: str) -> Metadata:
    """The metadata format of a prefix."""
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"metadataPrefix has to be one of {', '.join(FORMATS)}")
    return FORMATS[prefix]
