"""Whether an answer is what it says it is: a FHIR resource in JSON, and no misfortune in disguise.

https://hl7.org/fhir/R4/http.html#Status-Codes; nothing that an answer says is repeated in a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapter.fhir.json import parse
from adapter.problems import Problem
from adapter.remote.faults import Fault, Wrong
from adapter.remote.patience import retry_after

Resource = dict[str, Any]

_MEDIA = frozenset(("application/fhir+json", "application/json", "application/json+fhir"))
_BY_STATUS = {
    **dict.fromkeys((401, 407), Wrong.LOGIN),
    **dict.fromkeys((404, 410), Wrong.ABSENT),
    **dict.fromkeys((409, 412), Wrong.CONFLICT),
    **dict.fromkeys((408, 425), Wrong.UNAVAILABLE),
    429: Wrong.THROTTLED,
}
_FOR_NOW = frozenset(("transient", "lock-error", "no-store", "timeout", "throttled", "incomplete"))
"""Issue codes of what may be otherwise later. https://hl7.org/fhir/R4/valueset-issue-type.html"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers in small letters, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str | None:
        """The version that it names."""
        return self.headers.get("etag")


class Judge:
    """Judges the answers of one partner, now."""

    def __init__(self, partner: str, clock: Callable[[], datetime]) -> None:
        self._partner, self._clock = partner, clock

    def resource(self, answer: Answer, what: str) -> Resource | None:
        """The resource in an answer; None where it has no body and says that all is well. `Fault` for all else.

        `what` says what was asked, for the message.
        """
        self.check_status(answer, what)
        if answer.status in (204, 304) or (not answer.body and answer.status in (200, 201)):
            return None
        found = self._json(answer, what)
        if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
            raise self.fault(Wrong.NOT_FHIR, f"{what} is answered by JSON that is no FHIR resource")
        if found["resourceType"] == "OperationOutcome" and (codes := _errors(found)) is not None:
            wrong = Wrong.UNAVAILABLE if codes and codes <= _FOR_NOW else Wrong.OUTCOME
            raise self.fault(wrong, f"{what} is answered {answer.status} with an error in it", answer)
        return found

    def check_status(self, answer: Answer, what: str) -> None:
        """`Fault` for a status that says that something went wrong."""
        status = answer.status
        if 200 <= status < 300 or status == 304:
            return
        if status >= 500:
            wrong = Wrong.UNAVAILABLE
        elif status >= 400:
            wrong = _BY_STATUS.get(status, Wrong.REFUSED)
        else:
            wrong = Wrong.ELSEWHERE
        raise self.fault(wrong, f"{what} is answered {status}", answer)

    def fault(self, wrong: Wrong, message: str, answer: Answer | None = None) -> Fault:
        """A fault of this partner; when to come back is what the answer says."""
        after = retry_after(answer.headers.get("retry-after"), self._clock()) if answer else None
        fault = Fault(self._partner, wrong, message, after=after)
        fault.body = answer.body if answer else b""
        return fault

    def _json(self, answer: Answer, what: str) -> Any:
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in _MEDIA:
            raise self.fault(Wrong.NOT_FHIR, f"{what} is answered {answer.status} as {_named(media)}")
        try:
            return parse(answer.body)
        except Problem:
            raise self.fault(Wrong.CUT, f"{what} is answered by JSON that cannot be read") from None


def _errors(outcome: Resource) -> set[str] | None:
    """The codes of its issues that are errors; None where none is."""
    said = outcome.get("issue")
    issues = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    wrong = [one for one in issues if one.get("severity") in ("error", "fatal")]
    return {str(one.get("code")) for one in wrong} if wrong else None


def _named(media: str) -> str:
    """A media type as a message repeats it."""
    return (
        media if media in ("text/html", "text/plain", "application/xml", "application/fhir+xml") else "something else"
    )
