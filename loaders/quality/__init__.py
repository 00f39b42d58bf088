"""Quality over time: points of every dataset, whether addresses answer, what changed since last time."""
