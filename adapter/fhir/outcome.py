"""OperationOutcome: what R4 answers when something went wrong, or might have.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapter.problems import Issue


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The issues as an OperationOutcome in their order; without any, one that says so, because R4 asks for one."""
    listed = [_issue(issue) for issue in issues] or [_issue(Issue("informational", "All OK.", None, "information"))]
    return {"resourceType": "OperationOutcome", "issue": listed}


def _issue(issue: Issue) -> dict[str, Any]:
    made: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "details": {"text": issue.message}}
    if issue.expression:
        made["expression"] = [issue.expression]
    return made
