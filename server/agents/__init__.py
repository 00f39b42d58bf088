"""ODIS for agents: a few tools over the Model Context Protocol, by HTTP at /mcp and by standard input."""
