"""The names of the files that the work on one source leaves, each a part of a release."""

from typing import Final

GRAPH: Final = "graph.nq"
"""The quads of the source's own graph."""
MERGED: Final = "merged.nt"
"""Its part of the default graph, after repairs."""
QUALITY: Final = "quality.nq"
"""The results of the check as quads."""
CHANGES: Final = "changes.json"
"""The record of repairs."""
TABLES: Final = "tables.json"
"""The reports of tables that were converted."""
