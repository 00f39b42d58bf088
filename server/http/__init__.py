"""HTTP: what every endpoint needs to read a request and to answer it."""
