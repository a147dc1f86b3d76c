"""Journey: the packet of a concurrent review, for a payer who is asked whether treatment goes on with cause."""
