"""Worker processes: each evaluates one foreign query behind walls, and may die of it."""
