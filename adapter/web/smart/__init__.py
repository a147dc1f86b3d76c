"""SMART: who a client or somebody of the staff proves to be, the tokens it gets, and what it may ask with them."""
