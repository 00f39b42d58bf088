"""The names of the files that the work on one source leaves, each a part of a release."""

from typing import Final

GRAPH: Final = "graph.nq"
"""The quads of the source's own graph."""
MERGED: Final = "merged.nt"
"""Its part of the default graph, after repairs."""
QUALITY: Final = "quality.nq"
"""The results of the check as quads."""
REPAIRS: Final = "repairs.nq"
"""The record of repairs as quads."""
CHANGES: Final = "changes.json"
"""The same as JSON, for pages."""
TABLES: Final = "tables.json"
"""The reports of tables that were converted."""
