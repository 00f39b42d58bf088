"""Gives the thing of a row its IRI: by the proper template, by a fallback that is reported, or not at all."""

import hashlib

from pyoxigraph import NamedNode

from loaders.tables.columns import Cell
from loaders.tables.csvw import Schema
from loaders.tables.findings import RULES, Finding
from loaders.tables.templates import uri_template


class Naming:
    """Names the rows of one table and remembers which names are taken."""

    def __init__(self, schema: Schema, base: str) -> None:
        self._schema = schema
        self._templates = tuple(uri_template(template, base) for template in schema.about)
        self._key = schema.primary_key[0] if schema.primary_key else None
        self._taken: set[int] = set()

    def name(
        self, variables: dict[str, str], cells: dict[str, Cell], findings: list[Finding]
    ) -> NamedNode | None:
        """The IRI of a row; None, with the reason among the findings, when it cannot be named."""
        for index, template in enumerate(self._templates):
            if index == 1:
                variables.update(self._hash(variables))
            about = template(variables)
            if about is not None:
                return self._accepted(about, index, variables, findings)
        bad = self._key is not None and self._key in cells and cells[self._key].bad
        findings.append(Finding(RULES["key-bad" if bad else "key-empty"], None, self._key))
        return None

    def _hash(self, variables: dict[str, str]) -> dict[str, str]:
        """``_hash`` as docs/specification-format.md defines it; nothing when all of its columns are empty."""
        values = [variables.get(name, "") for name in self._schema.hash_columns]
        if not any(values):
            return {}
        return {"_hash": hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:16]}

    def _accepted(
        self, about: str, index: int, variables: dict[str, str], findings: list[Finding]
    ) -> NamedNode | None:
        try:
            node = NamedNode(about)
        except ValueError:
            findings.append(Finding(RULES["bad-iri"], None, self._key, about))
            return None
        if self._key and hash(about) in self._taken:
            findings.append(Finding(RULES["key-double"], None, self._key, variables.get(self._key, about)))
            return None
        if self._key:
            self._taken.add(hash(about))
        if index:
            findings.append(self._fallback(self._schema.about[index]))
        return node

    def _fallback(self, template: str) -> Finding:
        """What is said of a fallback name: it is another column's, or made up of several."""
        if "_hash" in template:
            return Finding(RULES["key-made"], None, self._key, None, ", ".join(self._schema.hash_columns))
        names = [column.name for column in self._schema.columns if f"{{{column.name}}}" in template]
        return Finding(RULES["key-other"], None, self._key, None, ", ".join(names) or template)
