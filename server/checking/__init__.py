"""The check as a service: documents of strangers, read aside within limits."""
