"""OperationOutcome: what R4 answers when something went wrong, or might have.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

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
    made: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "details": {"text": issue.message}}
    if issue.expression:
        made["expression"] = [issue.expression]
    return made
