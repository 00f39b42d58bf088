"""Addresses of every page of the sample region, one at least for each route."""

from typing import Final

_THING: Final = "https%3A%2F%2Fodis.example%2Fid%2Fbathing-place%2Fnacka-badplatser-247ba4c0e00de531"

PAGES: Final = {
    "home": "/",
    "search": "/search?q=badplats",
    "nothing found": "/search?q=zzxqv",
    "datasets": "/datasets",
    "datasets chosen": "/datasets?municipality=0188&sort=quality",
    "dataset with rows and faults": "/datasets/badplatser-5339ea0d",
    "dataset with two files": "/datasets/badplatser-7cf7f2a2",
    "dataset series": "/datasets/luftkvalitet-timvarden-de0f40e8",
    "publishers": "/publishers",
    "publisher": "/publishers/SE2120000167",
    "publisher without datasets": "/publishers/SE2120002882",
    "specifications": "/specifications",
    "specification": "/specifications/bathing-places",
    "specification without data": "/specifications/events",
    "queries": "/queries",
    "query with map": "/queries/places-near",
    "query with choices": "/queries/bathing-places-with-facilities",
    "query with chart": "/queries/datasets-per-publisher",
    "query with triples": "/queries/dataset-as-dcat",
    "query with a wrong value": "/queries/bathing-places-in-municipality?municipality=99",
    "quality": "/quality",
    "rule": "/quality/rules/1",
    "follow-up": "/follow-up",
    "sparql": "/sparql?query=SELECT%20%2A%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%205",
    "sparql with a fault": "/sparql?query=SELECT%20%2A%20%7B",
    "thing": f"/resource?iri={_THING}",
    "class": "/resource?iri=http%3A%2F%2Fwww.w3.org%2Fns%2Fdcat%23Dataset",
    "high-value datasets": "/hvd",
    "check": "/check",
    "developers": "/developers",
    "portals": "/portals",
    "stewards": "/stewards",
    "about": "/about",
    "accessibility": "/accessibility",
    "missing": "/datasets/nothing",
}
