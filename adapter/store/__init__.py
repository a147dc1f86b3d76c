"""Where records are kept: every version as text, found by index rows, at a logical time. The only SQL."""
