"""Harvest: documents of a source from a folder or over the network."""
