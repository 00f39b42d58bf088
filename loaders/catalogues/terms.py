"""Terms that no standard allows, put right: IRIs with blanks or brackets, language tags that are none."""

import re
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from loaders.catalogues.changes import Changes

# What RFC 3987 allows nowhere in an IRI, and % that begins no code. Brackets belong to an IPv6 host only.
_ILLEGAL = re.compile(r"""[\x00-\x20<>"{}|\\^`\x7f-\x9f\[\]]|%(?![0-9A-Fa-f]{2})""")
_HOST_IN_BRACKETS = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#@]*@)?\[[0-9A-Fa-f:.]+\]", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LEFT_OUT = "(left out)"


class Terms:
    """Puts terms right that a lenient reading let through, and records what it did."""

    def __init__(self, changes: Changes, base: str) -> None:
        self._changes = changes
        # With a blank before it, an absolute IRI was taken for a relative one and put behind this.
        self._folder = base.rpartition("/")[0] + "/"
        self._iris: dict[str, NamedNode | None] = {}

    def iri(self, value: str, subject: str = "") -> NamedNode | None:
        """The IRI with what is illegal in it percent-encoded; None when that does not make it one."""
        value = self._unresolved(value)
        if value not in self._iris:
            self._iris[value] = _legal(value)
        node = self._iris[value]
        after = _LEFT_OUT if node is None else node.value
        if after != value:
            # A name without a scheme is a JSON-LD term that no context defines, or a relative IRI.
            self._changes.add("iri" if _SCHEME.match(value.strip()) else "term", value, after, subject)
        return node

    def _unresolved(self, value: str) -> str:
        rest = value.removeprefix(self._folder)
        return rest if rest[:1].isspace() and _SCHEME.match(rest.strip()) else value

    def literal(self, value: str, language: str | None, datatype: str | None, subject: str = "") -> Literal:
        """The literal; its language tag is put right or, like its datatype, left out."""
        if language is not None:
            return self._in_language(value, language, subject)
        node = self.iri(datatype, subject) if datatype else None
        return Literal(value) if node is None else Literal(value, datatype=node)

    def _in_language(self, value: str, language: str, subject: str) -> Literal:
        tag = language.strip().replace("_", "-")
        try:
            literal = Literal(value, language=tag)
        except ValueError:
            self._changes.add("language", language, _LEFT_OUT, subject)
            return Literal(value)
        if tag != language:
            self._changes.add("language", language, tag, subject)
        return literal


def _legal(value: str) -> NamedNode | None:
    try:
        return NamedNode(value)
    except ValueError:
        pass
    text = value.strip()
    host = _HOST_IN_BRACKETS.match(text)
    start = host[0] if host else ""
    try:
        return NamedNode(start + _ILLEGAL.sub(lambda found: quote(found[0], safe=""), text[len(start) :]))
    except ValueError:
        return None
