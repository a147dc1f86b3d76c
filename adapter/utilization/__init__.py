"""Journey: what was planned, attended, delivered and approved, counted for who may see it."""
