"""Catalogues in RDF: any syntax in, named and repaired lines of N-Triples out, with a record."""
