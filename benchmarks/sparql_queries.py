"""Twenty-six kinds of query, from a look-up to the whole graph, each without end and no two alike."""

import random
from collections.abc import Callable, Iterator

from benchmarks.graphs import agent, dataset

PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
"""
REPEATED = 0.69
"""The share of exact repeats in public query logs."""
_CATALOGUE = "<https://kommun.example/catalogue/%d>"

TEMPLATES: dict[str, str] = {
    "look-up": "SELECT ?p ?o { {dataset} ?p ?o }",
    "ask": "ASK { {dataset} a dcat:Dataset ; dcterms:publisher {agent} }",
    "by identifier": 'SELECT ?d { ?d dcterms:identifier "{hex}-0000-4000-8000-000000000000" }',
    "describe one": "CONSTRUCT WHERE { {dataset} ?p ?o }",
    "join": "SELECT ?t ?name { {dataset} dcterms:title ?t ; dcterms:publisher/foaf:name ?name }",
    "files of one": (
        "SELECT ?f ?a { {dataset} dcat:distribution ?x . ?x dcterms:format ?f ; dcat:accessURL ?a }"
    ),
    "twenty by name": "SELECT ?d ?t { VALUES ?d { {datasets} } ?d dcterms:title ?t }",
    "of a publisher": "SELECT ?d ?t { ?d dcterms:publisher {agent} ; dcterms:title ?t } ORDER BY ?t LIMIT 20",
    "deep page": "SELECT ?d ?t { ?d a dcat:Dataset ; dcterms:title ?t } ORDER BY ?d LIMIT 20 OFFSET {deep}",
    "keyword": 'SELECT ?d { ?d dcat:keyword "park"@sv ; dcterms:publisher {agent} } LIMIT 50',
    "contains": 'SELECT ?d ?t { ?d dcterms:title ?t FILTER(CONTAINS(?t, "{n}")) } LIMIT 20',
    "regex": 'SELECT ?d ?t { ?d dcterms:title ?t FILTER(REGEX(?t, "^(bad|park) {n}", "i")) } LIMIT 20',
    "per publisher": "SELECT ?a (COUNT(?d) AS ?n) { ?d a dcat:Dataset ; dcterms:publisher ?a } GROUP BY ?a",
    "per format": "SELECT ?f (COUNT(*) AS ?n) { ?x dcterms:format ?f } GROUP BY ?f ORDER BY DESC(?n)",
    "per language": "SELECT ?l (COUNT(*) AS ?n) { ?d dcat:keyword ?k BIND(LANG(?k) AS ?l) } GROUP BY ?l",
    "predicates": "SELECT DISTINCT ?p { ?s ?p ?o }",
    "count all": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "missing": "SELECT ?d { ?d a dcat:Dataset FILTER NOT EXISTS { ?d dcterms:license ?l } } LIMIT 20",
    "path": "SELECT DISTINCT ?f { {catalogue} dcat:dataset/dcat:distribution/dcterms:format ?f }",
    "path, any length": "SELECT ?x { {catalogue} (dcat:dataset|dcat:distribution)* ?x } LIMIT 200",
    "which graphs": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { {dataset} ?p ?o } } GROUP BY ?g",
    "per year": "SELECT ?y (COUNT(*) AS ?n) { ?d dcterms:modified ?m BIND(YEAR(?m) AS ?y) } GROUP BY ?y",
    "box": (
        "SELECT ?p { ?p geo:asWKT ?w FILTER(geof:sfWithin(?w, "
        '"POLYGON((18 59.{mod}, 18.3 59.{mod}, 18.3 59.95, 18 59.95, 18 59.{mod}))"^^geo:wktLiteral)) }'
    ),
    "top ten": (
        "SELECT ?name ?n { { SELECT ?a (COUNT(*) AS ?n) { ?d dcterms:publisher ?a ; dcat:distribution ?x } "
        "GROUP BY ?a ORDER BY DESC(?n) LIMIT 10 } ?a foaf:name ?name }"
    ),
    "whole catalogue": "CONSTRUCT { ?d ?p ?o } WHERE { {catalogue} dcat:dataset ?d . ?d ?p ?o }",
    "million rows": "SELECT * { ?s ?p ?o } LIMIT 1000000",
}
TINY = ("look-up", "ask", "by identifier", "describe one", "join")


def query(name: str, n: int, datasets: int) -> str:
    """The n-th query of a kind over a graph of so many datasets; the comment makes every text its own."""
    number = n * 7919 % datasets
    values = {
        "dataset": f"<{dataset(number)}>",
        "datasets": " ".join(f"<{dataset((number + step * 31) % datasets)}>" for step in range(20)),
        "agent": f"<{agent(number % 26)}>",
        "catalogue": _CATALOGUE % (number % 26),
        "hex": f"{number:08x}",
        "deep": str(datasets // 2 + number % 97),
        "mod": str(n % 9),
        "n": str(number % 1000),
    }
    text = TEMPLATES[name]
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return f"{PREFIXES}{text} # {n}"


def unrepeated(names: tuple[str, ...], datasets: int, start: int) -> Callable[[], str]:
    """Queries of some kinds in turn, no two alike; `start` sets runs apart, so that no cache knows them."""
    stream = _stream(names, datasets, start)
    return lambda: next(stream)


def _stream(names: tuple[str, ...], datasets: int, start: int) -> Iterator[str]:
    order = list(names)
    shuffle = random.Random(start)
    number = start * 1_000_000
    while True:
        shuffle.shuffle(order)
        for name in order:
            number += 1
            yield query(name, number, datasets)


def realistic(names: tuple[str, ...], datasets: int, start: int) -> Callable[[], str]:
    """The same, but 69 of 100 are exact repeats of an earlier one, the earlier the more often."""
    fresh = unrepeated(names, datasets, start)
    chance = random.Random(start)
    asked: list[str] = []

    def following() -> str:
        if asked and chance.random() < REPEATED:
            return asked[int(len(asked) * chance.random() ** 2)]
        asked.append(fresh())
        return asked[-1]

    return following
