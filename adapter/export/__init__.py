"""Journey: rosters of members, and bulk data for whoever pulls them."""
