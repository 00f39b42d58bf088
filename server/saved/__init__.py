"""Saved queries as an API: formats for people, pages, and its description."""
