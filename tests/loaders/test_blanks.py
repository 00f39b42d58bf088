"""A check sees the blank nodes that were published, and its report names them."""

from pathlib import Path

from loaders.catalogues.blanks import write_unnamed
from loaders.catalogues.skolem import skolemise
from loaders.checking import check_file
from loaders.lines import write_sorted

PREFIX = "https://odis.example/.well-known/genid/test-"
CATALOGUE = b"""\
<https://a.example/c> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Catalog> .
<https://a.example/c> <http://www.w3.org/ns/dcat#dataset> _:d .
_:d <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
_:d <http://purl.org/dc/terms/title> "Namn > <%s00000000000000000000000000000000> ."@sv .
""" % PREFIX.encode()


def _named(folder: Path) -> Path:
    write_sorted([list(skolemise(CATALOGUE.splitlines(keepends=True), PREFIX))], folder / "named.nt")
    return folder / "named.nt"


def test_a_dataset_without_an_address_of_its_own_is_found_and_named(tmp_path: Path) -> None:
    """DIGG's rule against blank nodes fires in a build too, and the report gives the name the node got."""
    report = check_file(_named(tmp_path), "dcat-ap-se", "", prefix=PREFIX)
    found = [result for result in report.results if result.shape.endswith("/Dataset-iri")]
    assert len(found) == 1
    assert found[0].focus.startswith(f"<{PREFIX}")
    assert found[0].focus.encode() in (tmp_path / "named.nt").read_bytes()
    assert not (tmp_path / "named.unnamed").exists()


def test_only_whole_terms_become_blank_nodes(tmp_path: Path) -> None:
    """The same letters inside a literal stay."""
    unnamed = write_unnamed(_named(tmp_path), PREFIX, tmp_path / "unnamed.nt").read_bytes()
    assert unnamed.count(b"_:b") == 3
    assert b"Namn > <" + PREFIX.encode() in unnamed
