"""The door out: who may see what, as a condition inside every query, and the only maker of what may leave."""
