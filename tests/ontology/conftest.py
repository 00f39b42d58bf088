"""The ontology, read once for all tests."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from ontology import FOLDER, PREFIXES, graph_files

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "loaders" / "sample"
SPECIFICATIONS = sorted(path.parent for path in FOLDER.glob("specifications/*/metadata.json"))
TURTLE = sorted(FOLDER.rglob("*.ttl"))

HEAD = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The answers to a SELECT as tuples of lexical values; prefixes of the context are declared."""
    found = store.query(HEAD + query)
    return [tuple("" if term is None else term.value for term in row) for row in found]  # type: ignore[union-attr]


@pytest.fixture(scope="session")
def graph() -> Store:
    """All files of the ontology graph together."""
    store = Store()
    for path in graph_files():
        store.extend(parse(path=path, format=RdfFormat.TURTLE))
    return store
