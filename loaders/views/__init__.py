"""Static, byte-stable views of a release for those who harvest it, written from its `graph.nq`."""
