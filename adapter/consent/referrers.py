"""What a facility that refers people sees, as SQL over a record `v`: what it sent, and the directory.

It sees its records as it sent them (`rules.SENT`), whatever the program made of them; and the Task of its referral as
it goes on (`rules.TOLD`) as long as a consent lets the Task itself be shown to it: 42 CFR 2.13(c), 2.31(a)(4).
"""

from __future__ import annotations

from adapter.callers import ClientKind
from adapter.consent.permits import ONE, consent_of
from adapter.rules import SENT, TOLD

OWN = "own"
"""The ground of what its reader sent itself."""
SETTLED = f"NOT EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.staged = 1 {ONE})"
"""It did not come with a referral of which intake has not yet said who the person is."""
SETTLED_SINCE = (
    "EXISTS (SELECT 1 FROM sent n CROSS JOIN version y ON y.type = 'Task' AND y.id = n.task AND y.rendering = 0"
    f" WHERE n.type = v.type AND n.id = v.id AND y.updated >= :c_since {ONE})"
)
"""It came with a referral of which intake may have said so since: whenever it does, the Task is written."""
_MINE = (
    f"EXISTS (SELECT 1 FROM sent n WHERE n.type = v.type AND n.id = v.id AND n.organization = :c_organization {ONE})"
)
# The record itself, as it is now: whether a consent covers it does not hang on what is told of it.
_ITSELF = (
    "(SELECT v.type AS type, v.id AS id) o CROSS JOIN version v ON v.type = o.type AND v.id = o.id AND v.rendering = 0"
    " AND v.until_t IS NULL AND NOT v.deleted"
)
_GOES_ON = (
    "EXISTS (SELECT 1 FROM version w WHERE w.type = v.type AND w.id = v.id"
    f" AND w.rendering = {TOLD} AND w.until_t IS NULL AND NOT w.deleted {ONE})"
)
_ASKED, _SIDES = f"{_GOES_ON} AND ", f" THEN {TOLD} ELSE {SENT} END"


def own(covered: str) -> str:
    """What it sent, on one of its sides: a Task that it may see (`covered`, of the Task itself) as it goes on."""
    told = f"{_ASKED}EXISTS (SELECT 1 FROM {_ITSELF} WHERE {covered} {ONE})"
    return f"v.rendering = CASE WHEN v.type = 'Task' AND {told}{_SIDES} AND {_MINE}"


def ground() -> str:
    """Why it is shown: a Task as it goes on by a consent, all else because its reader sent it."""
    consent = consent_of(ClientKind.FACILITY).replace("s.value", "v.patients")
    return f"CASE WHEN v.rendering = {SENT} THEN '{OWN}' ELSE (SELECT {consent} FROM {_ITSELF}) END"


def still(seen: str) -> str:
    """Whether it may still be shown: what a reader sent itself always, whatever else it is told of it (`own`)."""
    return f"v.rendering = {SENT} AND {_MINE} OR {seen}"


def on_later_pages(seen: str) -> str:
    """Of what it sees now (`own`, in whatever it stands), each Task as it goes on only where it might be told that when
    the first page was asked for, too: else as it was sent.

    In a row with what it is now, and not about it: SQLite's parser takes a hundred levels.
    """
    begin, end = seen.index(_ASKED) + len(_ASKED), seen.rindex(_SIDES)
    then = seen[begin:end].replace(":c_now", ":c_then_now")
    return f"{seen[:end]} AND {then}{seen[end:]}"
