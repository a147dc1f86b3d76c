"""OperationOutcome: what R4 answers when something went wrong, or might have.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from adapter.problems import Issue

LIMIT = 200
"""So many issues are told of one body; a person mends the first and sends again."""


def at_most(issues: Iterable[Issue]) -> list[Issue]:
    """The issues, no more of them than `LIMIT` made or kept: the last then says that there are more."""
    found = list(islice(issues, LIMIT + 1))
    if len(found) > LIMIT:
        found[LIMIT - 1 :] = [Issue("informational", "There are more issues than are told here.", None, "information")]
    return found


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The issues as an OperationOutcome in their order; without any, one that says so, because R4 asks for one."""
    listed = [_issue(issue) for issue in at_most(issues)] or [
        _issue(Issue("informational", "All OK.", None, "information"))
    ]
    return {"resourceType": "OperationOutcome", "issue": listed}


def _issue(issue: Issue) -> dict[str, Any]:
    made: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "details": {"text": _said(issue.message)}}
    if issue.expression:
        made["expression"] = [_said(issue.expression)]
    return made


# What R4 has in no string (datatypes.html#string), and XML in no document.
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _said(text: str) -> str:
    """The text, which may repeat what somebody sent, with a mark for each character that a string cannot hold."""
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)
