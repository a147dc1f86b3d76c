"""SMART Backend Services: who a client proves to be, the tokens it gets, and what it may ask for with them at most."""
