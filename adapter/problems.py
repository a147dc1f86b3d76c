"""What can go wrong: one exception with a closed list of kinds, each with its HTTP status and R4 issue code.

Issue codes: https://hl7.org/fhir/R4/valueset-issue-type.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, TypeVar

A = TypeVar("A")
B = TypeVar("B")
Severity = Literal["fatal", "error", "warning", "information"]


class Kind(Enum):
    """(HTTP status, default R4 issue code) of every kind of problem."""

    INVALID = (400, "invalid")
    UNPROCESSABLE = (422, "processing")
    NOT_FOUND = (404, "not-found")
    GONE = (410, "deleted")
    CONFLICT = (409, "conflict")
    DUPLICATE = (409, "duplicate")
    PRECONDITION = (412, "conflict")
    PRECONDITION_REQUIRED = (428, "required")
    FORBIDDEN = (403, "forbidden")
    LOGIN = (401, "login")
    TOO_COSTLY = (400, "too-costly")
    TOO_LONG = (413, "too-long")
    URI_TOO_LONG = (414, "too-long")
    HEADERS_TOO_LONG = (431, "too-long")
    TIMEOUT = (408, "timeout")
    THROTTLED = (429, "throttled")
    NOT_SUPPORTED = (404, "not-supported")
    METHOD = (405, "not-supported")
    NOT_ACCEPTABLE = (406, "not-supported")
    MEDIA_TYPE = (415, "not-supported")
    BUSY = (503, "transient")
    OVERTIME = (504, "timeout")
    FAULT = (500, "exception")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def code(self) -> str:
        """The R4 issue code used when an issue names none of its own."""
        return self.value[1]


class Unreadable(Exception):
    """A text that does not hold what its place should: a reason to go behind the place's name, without the text."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: an R4 issue code, a sentence for a person, and where (FHIRPath or native field path)."""

    code: str
    message: str
    expression: str | None = None
    severity: Severity = "error"


_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:\-]{0,79}", re.ASCII)


def named(said: str, else_: str = "parameter") -> str:
    """The name of a parameter or field as an answer repeats it; what could not be one may be a value, and is not."""
    return said if _NAME.fullmatch(said) else else_


def placed(place: str, why: str) -> str:
    """The reason behind its place; alone when it begins with the place itself."""
    return why if re.match(rf"{re.escape(place)}(?![\w.\[])", why) else f"{place}: {why}"


class Problem(Exception):
    """Raised where a fault is known; caught in `web/errors.py`, per entry of a batch and per record of an import.

    `issues` carries everything a check found at once; without it, the message is the only issue. `shown` are the
    versions of records that it tells of, though it refuses.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        expression: str | None = None,
        *,
        code: str | None = None,
        issues: Iterable[Issue] = (),
        shown: Sequence[Any] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.expression = expression
        self.shown = shown
        self.issues = tuple(issues) or (Issue(code or kind.code, message, expression),)

    @property
    def ours(self) -> bool:
        """Whether it is the server's own trouble, which says nothing against what was asked."""
        return self.kind in (Kind.BUSY, Kind.FAULT)

    def __str__(self) -> str:
        return f"{self.message} ({self.expression})" if self.expression else self.message


def each(work: Callable[[A], B], given: Iterable[A]) -> list[B]:
    """What becomes of each; one Problem with the issues of all that fail, unless the trouble is the server's own."""
    made, problems = list[B](), list[Problem]()
    for one in given:
        try:
            made.append(work(one))
        except Problem as problem:
            if problem.ours:
                raise
            problems.append(problem)
    if problems:
        worst = max(problems, key=lambda problem: problem.kind is Kind.INVALID)
        raise Problem(worst.kind, worst.message, issues=[issue for problem in problems for issue in problem.issues])
    return made
