"""One module for each kind of catalogue: how it is harvested page by page, and how its documents are read."""
