"""Who is who: how alike two participants are, finding a person among all, and joining two records of one person."""
