"""Journey: utilization. Views that make flat tables of exported records."""
