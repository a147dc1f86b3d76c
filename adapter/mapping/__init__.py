"""The mapping engine: concept maps in TOML, compiled to two Python functions each. Pure: no clock, no network, no store."""
