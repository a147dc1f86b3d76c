"""The door in over HTTP: the only place that knows requests and responses."""
