"""Metadata quality: the 23 metrics of data.europa.eu (MQA), what is missing and the cheapest next steps."""
