"""A small region that tests build, change and ask."""

from pathlib import Path

from pyoxigraph import QuerySolutions, Store

from loaders.build import BuildResult

CATALOGUE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
<https://example.org/{0}> a dcat:Dataset ; dct:title "{0}"@sv ;
    dcat:contactPoint [ a vcard:Organization ; vcard:fn "Alla" ] .
<https://example.org/shared> dct:title "Delad"@sv .
"""
PREFIXES = """
PREFIX adms: <http://www.w3.org/ns/adms#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX odis: <https://odis.example/def#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX graph: <https://odis.example/graph/>
"""


def write_region(folder: Path) -> Path:
    """Write three small catalogues, a, b and c, and their configuration; gives its file."""
    config = ""
    for name in ("a", "b", "c"):
        (folder / f"{name}.ttl").write_text(CATALOGUE.format(name))
        config += f'[[source]]\nid = "{name}"\nkind = "dcat"\ntitle = "{name}"\nlocation = "{name}.ttl"\n'
    (folder / "odis.toml").write_text(config)
    return folder / "odis.toml"


def states(result: BuildResult) -> list[str]:
    """The state of each source, in order."""
    return [outcome.entry.state for outcome in result.sources]


def ask(result: BuildResult, query: str) -> bool:
    """The answer of the store to an ASK."""
    return bool(Store.read_only(str(result.release.store)).query(PREFIXES + query))


def rows(result: BuildResult, query: str) -> list[tuple[str, ...]]:
    """The answer of the store to a SELECT, as texts; "" for what is not bound."""
    found = Store.read_only(str(result.release.store)).query(PREFIXES + query)
    assert isinstance(found, QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in found]
