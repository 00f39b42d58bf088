"""SPARQL engines of others: what a release is called there, how it gets there, how it is asked."""
