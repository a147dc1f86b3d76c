"""Journey: a practice system's files come in as native records; every row read is accounted for."""
