"""The condition that narrows every query to what one reader may see: the only maker of a `Predicate`.

Every predicate carries the parameters `c_recipient` (who reads) and `c_grant` (why that is allowed); the gate copies
them onto whatever it releases, so an answer cannot be made without saying for whom and under what.
"""

from __future__ import annotations

from adapter.released import Predicate

ALL = "TRUE"


def everything(reason: str) -> Predicate:
    """All records, for whoever can reach a server that was started without authorization; `reason` must be given."""
    if not reason.strip():
        raise ValueError("a server that shows everything must say why")
    return Predicate(ALL, {"c_recipient": "anyone on this machine", "c_grant": f"open: {reason}"})


def sees_all(predicate: Predicate) -> bool:
    """Whether nothing can be hidden from this reader, so that no record need be asked for to know."""
    return predicate.sql == ALL
