"""What is served to those who harvest, from the static views of the release; no engine is asked."""
