"""Tables by specification: rows of any format in, typed and linked triples out, with every finding told."""
