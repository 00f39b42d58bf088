"""Code that fetches an answer, to be copied as it stands: curl, Python, R and JavaScript."""

from dataclasses import dataclass

_PYTHON = {
    "csv": """import csv
from io import TextIOWrapper
from urllib.request import urlopen

address = "{address}"

with urlopen(address) as answer:
    rows = list(csv.DictReader(TextIOWrapper(answer, "utf-8", newline="")))

print(len(rows), "rows")
for row in rows[:5]:
    print(row)
""",
    "json": """import json
from urllib.request import urlopen

address = "{address}"

with urlopen(address) as answer:
    print(json.load(answer)["boolean"])
""",
    "ttl": """from rdflib import Graph

address = "{address}"

graph = Graph().parse(address, format="turtle")
print(len(graph), "triples")
""",
}
_R = {
    "csv": """address <- "{address}"
rows <- read.csv(address, encoding = "UTF-8")
head(rows)
""",
    "json": """address <- "{address}"
answer <- jsonlite::fromJSON(address)
answer$boolean
""",
    "ttl": """address <- "{address}"
text <- readLines(address)
""",
}
_SCRIPT = {
    "csv": """const address = "{json}";
const answer = await fetch(address);
const {{ results }} = await answer.json();
console.log(results.bindings.length, results.bindings[0]);
""",
    "json": """const address = "{address}";
const answer = await fetch(address);
console.log((await answer.json()).boolean);
""",
    "ttl": """const address = "{address}";
const answer = await fetch(address);
console.log(await answer.text());
""",
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code and its language."""

    language: str
    text: str


def snippets(address: str, kind: str) -> list[Snippet]:
    """Code for an address that answers in `csv`, `json` (yes or no) or `ttl`."""
    address = address.replace("\\", "%5C").replace('"', "%22")
    as_json = address.replace("format=csv", "format=json")
    return [
        Snippet("curl", f"curl '{address.replace(chr(39), '%27')}'\n"),
        Snippet("Python", _PYTHON[kind].format(address=address)),
        Snippet("R", _R[kind].format(address=address)),
        Snippet("JavaScript", _SCRIPT[kind].format(address=address, json=as_json)),
    ]
