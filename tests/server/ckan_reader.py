"""Reads a catalogue with ckanext-dcat, unchanged, as a CKAN's harvester does: page by page, to its packages.

Run: ``python ckan_reader.py ADDRESS PROFILE``, by an interpreter that has CKAN and ckanext-dcat. Prints JSON:
the number of resources by the IRI of the dataset. It is no part of ODIS and imports nothing of it.
"""

import json
import sys
import urllib.request

from ckanext.dcat.processors import RDFParser  # type: ignore[import-not-found]

SYNTAXES = {"application/rdf+xml": "xml", "text/turtle": "turtle", "application/ld+json": "json-ld"}


def main(address: str, profile: str) -> None:
    """Follow the pages and print what was read."""
    found = {}
    while address:
        with urllib.request.urlopen(address) as response:
            body, media_type = response.read(), response.headers.get_content_type()
        parser = RDFParser(profiles=[profile])
        parser.parse(body, _format=SYNTAXES[media_type])
        for package in parser.datasets():
            extras = {one["key"]: one["value"] for one in package.get("extras", [])}
            found[extras["uri"]] = len(package["resources"])
        address = parser.next_page()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
