"""The index that pages and search read: one SQLite file in a release, made at build, never changed."""
