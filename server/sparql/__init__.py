"""The SPARQL service: protocol, gate, delivery and description."""
