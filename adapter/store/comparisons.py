"""What the prefixes of a date search compare, as SQL. https://hl7.org/fhir/R4/search.html#prefix"""

from __future__ import annotations

CONDITIONS = {
    # R4: eq = the asked range contains the value's; gt = the range above the asked one overlaps it; ge = either.
    "eq": "{low} >= {a} AND {high} <= {b}",
    "ne": "NOT ({low} >= {a} AND {high} <= {b})",
    "gt": "{high} > {b}",
    "lt": "{low} < {a}",
    "ge": "({high} > {b} OR {low} >= {a})",
    "le": "({low} < {a} OR {high} <= {b})",
    "sa": "{low} >= {b}",
    "eb": "{high} <= {a}",
    "ap": "{low} < {b} AND {high} > {a}",
}
MEASURES = {
    # Only equality looks at the digits given; R4: the other prefixes take the number as exact.
    "eq": "{low} >= {a} AND {high} < {b}",
    "ne": "NOT ({low} >= {a} AND {high} < {b})",
    "gt": "{high} > {n}",
    "lt": "{low} < {n}",
    "ge": "{high} >= {n}",
    "le": "{low} <= {n}",
    "sa": "{low} > {n}",
    "eb": "{high} < {n}",
    "ap": "{low} <= {b} AND {high} >= {a}",
}
"""The same for numbers: `n` is the number asked for, [a, b) what its digits mean."""
LEAST = {"eq": "a", "sa": "b"}
BELOW = {"eq": "b", "lt": "a", "eb": "a", "le": "b", "ap": "b"}
"""What a comparison says about the sort key where that is the low end of the value: sort >= LEAST, sort < BELOW."""
AFTER = {**LEAST, "gt": "b", "ge": "a", "ap": "a"}
"""LEAST for a moment, whose two ends are one."""
