"""Journey: clients are told of what happens, as far as they may see it when they are told."""
