"""A facility's side of a referral: it hands in a form with files at a program's server, and asks how that stands.

What it sends are files and words of whoever stands at the command line, as `Handed`, and nothing of a store: what
leaves a program's store is `Released`, to a `Partner` or a subscriber. https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import orjson

from adapter.remote.answers import Resource
from adapter.remote.faults import Fault, Wrong
from adapter.remote.guarded import LOOPBACK, PRIVATE, Guard
from adapter.remote.line import Ask, Line
from adapter.remote.patience import Patience
from adapter.remote.tokens import Identity

_PATIENCE = Patience(read=120.0, whole=300.0, tries=3)
_WHAT = "the referral"


@dataclass(frozen=True, slots=True)
class Handed:
    """What somebody hands over to be sent: fields (name, value), and files (field, file name, media type, content)."""

    fields: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str, str, bytes]]


class Taken(NamedTuple):
    """A referral that was taken: its Task, what was said of it (OperationOutcome), and whether it came before."""

    task: Resource
    outcome: Resource
    again: bool


def line_to(base: str, identity: Identity, now: Callable[[], datetime]) -> Line:
    """The line to a program's server, which is reached by https alone, or on this machine; a context."""
    guard = Guard(networks=(*LOOPBACK, *PRIVATE))
    return Line("server", base.rstrip("/"), guard, now, identity=identity, patience=_PATIENCE)


class Facility:
    """A client of a program's server, over a line that is open."""

    def __init__(self, base: str, line: Line) -> None:
        self.base, self._line = base.rstrip("/"), line

    async def refer(self, handed: Handed) -> Taken:
        """Hand in a referral. Sent twice, it is one, so it is tried again where it may not have been heard.

        `Fault` with what the server says against it in its `body`.
        """
        parts: list[Any] = [(name, (None, value.encode())) for name, value in handed.fields]
        parts += [(field, (name, data, media)) for field, name, media, data in handed.files]
        made = httpx.Request("POST", f"{self.base}/$submit-referral", files=parts)
        headers = {"content-type": made.headers["content-type"]}
        answer, said = await self._line.ask(Ask("POST", str(made.url), _WHAT, headers, made.read()))
        listed = said.get("parameter") if said else None
        held = {one.get("name"): one.get("resource") for one in listed or () if isinstance(one, dict)}
        task, outcome = held.get("task"), held.get("outcome")
        if not (isinstance(task, dict) and isinstance(task.get("id"), str) and isinstance(outcome, dict)):
            raise self._line.judge.fault(Wrong.ANOTHER, f"{_WHAT} is answered by something else than its Task")
        return Taken(task, outcome, answer.status == 200)

    async def task(self, id: str) -> Resource:
        """A Task as its sender may see it now."""
        _, said = await self._line.ask(Ask("GET", f"{self.base}/Task/{quote(id, safe='')}", "the Task"))
        if said is None or (said["resourceType"], said.get("id")) != ("Task", id):
            raise self._line.judge.fault(Wrong.ANOTHER, "the Task is answered by something else")
        return said


def said_against(fault: Fault) -> list[tuple[str, str]]:
    """(place, sentence) of everything that a server says against what was sent; nothing where it says nothing so."""
    try:
        said = orjson.loads(fault.body)
    except ValueError:
        return []
    if isinstance(said, dict) and "error" in said:  # RFC 6749, 5.2
        return [("token", f"{said['error']}: {said.get('error_description', '')}")]
    return told(said) if isinstance(said, dict) else []


def told(outcome: Resource) -> list[tuple[str, str]]:
    """(place, sentence) of every issue of an OperationOutcome."""
    listed = outcome.get("issue")
    issues = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [(", ".join(map(str, one.get("expression") or ())), _sentence(one)) for one in issues]


def _sentence(issue: Resource) -> str:
    details = issue.get("details")
    text = details.get("text") if isinstance(details, dict) else None
    return str(text or issue.get("diagnostics") or issue.get("code"))
