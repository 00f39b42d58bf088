"""Releases: what was converted becomes one immutable directory that can be served."""
