"""What tests of kinds of sources say about what came of a source."""

from collections.abc import Callable

from loaders.work import SourceOutcome

Harvested = Callable[..., SourceOutcome]
"""Works on a source: kind, location, and more lines of its table."""


def refusal(outcome: SourceOutcome) -> str:
    """Why nothing came of a source."""
    assert outcome.entry.state == "left out"
    return outcome.entry.message


def lines(outcome: SourceOutcome) -> set[str]:
    """The triples of a source, shortly written."""
    assert outcome.good, outcome.entry.message
    text = (outcome.good.folder / "graph.nq").read_text(encoding="utf-8")
    short = {
        "http://purl.org/dc/terms/": "dcterms:",
        "http://www.w3.org/ns/dcat#": "dcat:",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
        "http://xmlns.com/foaf/0.1/": "foaf:",
        "http://www.w3.org/2006/vcard/ns#": "vcard:",
        "http://www.w3.org/2001/XMLSchema#": "xsd:",
        "https://e.example/": "e:",
    }
    for namespace, prefix in short.items():
        text = text.replace(namespace, prefix)
    return {line.rpartition(" <")[0] for line in text.splitlines()}


def titles(outcome: SourceOutcome) -> list[str]:
    """The titles in a source that was harvested, in order."""
    assert outcome.entry.state in ("new", "unchanged"), outcome.entry.message
    return sorted(line.split('"')[1] for line in lines(outcome) if "<dcterms:title>" in line)
