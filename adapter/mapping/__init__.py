"""The mapping engine: concept maps in TOML, compiled to Python. Pure: no clock, no network, no store."""
