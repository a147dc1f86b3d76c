"""What a partner's Task says of a referral that it was sent, in the program's own words; nothing here knows the store.

https://hl7.org/fhir/R4/task.html, BSeR TaskBusinessStatusCS: the table `referral_state`, read as for any other Task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from adapter.exchange.aftercare_listing import TASK
from adapter.interactions.program import Program

Resource = dict[str, Any]
SHORT = 200
"""Characters of a partner's words that are kept of one saying."""
_STATE = ("status", "businessStatus")
_VERSION = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_UNSAID = "The partner gives no reason"


def state_of(program: Program, ours: Resource, theirs: Resource) -> str | None:
    """Where the partner's Task stands, in the words of the table of states; None where it has no word for it, or it is
    not said as R4 says it."""
    said = {name: theirs[name] for name in _STATE if name in theirs}
    rest = {name: value for name, value in ours.items() if name not in _STATE}
    if program.door.check({**rest, **said}):
        return None
    state = program.maps.concepts[TASK].to_native({**rest, **said})[0].get("state")
    return state if isinstance(state, str) else None


def course(program: Program, ours: Resource, theirs: Sequence[Resource]) -> list[Resource]:
    """Of the versions of the partner's Task, the oldest first, those by which it came from where ours stands to where
    it stands now, one for each state."""
    stands, made = state_of(program, ours, ours), list[Resource]()
    last = None
    for one in theirs:
        state = state_of(program, ours, one)
        if state == stands:
            made.clear()
        elif state is not None and state != last:
            made.append(one)
        last = state
    return made


def said_state(theirs: Resource) -> str:
    """The same as the partner says it, for staff."""
    codes = [str(one.get("code")) for one in objects_in(_object(theirs.get("businessStatus")).get("coding"))]
    text = _object(theirs.get("businessStatus")).get("text")
    return " ".join([str(theirs.get("status")), *codes, *([text] if isinstance(text, str) else [])])[:SHORT]


def heard(program: Program, record: Resource, theirs: Resource, state: str) -> Resource:
    """Our record of the Task with the state that it goes to, why, and what came of it."""
    now = program.clock().astimezone(program.zone).isoformat(timespec="seconds")
    made = {**record, "state": state}
    if state != record.get("state"):
        made["changed_at"] = now
        made.pop("state_reason", None)
    reason = _words(_object(theirs.get("statusReason")))
    if reason or state == "declined":
        made["state_reason"] = {"text": reason or _UNSAID}
    known: Sequence[Any] = record.get("notes", ())
    fresh = [note for note in _notes(theirs) if note not in known]
    return {**made, "notes": [*known, *dict.fromkeys(fresh)]} if fresh else made


def person_of(theirs: Resource, base: str) -> str | None:
    """Whom the Task is for (`Patient/ID`, as it is there)."""
    return literal_of(theirs.get("for"), base)


def focus_of(theirs: Resource, base: str) -> str | None:
    """Which referral it follows (`ServiceRequest/ID`)."""
    return literal_of(theirs.get("focus"), base)


def version_of(theirs: Resource) -> str | None:
    """Which version of it that is, where it says so as R4 does."""
    said = _object(theirs.get("meta")).get("versionId")
    return said if isinstance(said, str) and _VERSION.fullmatch(said) else None


def versions_of(history: Resource, id: str) -> list[Resource]:
    """The versions of the Task of this id that a Bundle has, the oldest first."""
    found = [one.get("resource") for one in objects_in(history.get("entry"))]
    return [one for one in reversed(found) if isinstance(one, dict) and one.get("id") == id]


def literal_of(said: Any, base: str) -> str | None:
    """Where a Reference leads (`Type/ID`, as it is there); None for what is no literal one."""
    literal = _object(said).get("reference")
    return literal.removeprefix(f"{base}/").partition("/_history/")[0] if isinstance(literal, str) else None


def _notes(theirs: Resource) -> Iterator[str]:
    """What the partner remarks, and what came of it: its records stay there, and are named by their address."""
    for note in objects_in(theirs.get("note")):
        if isinstance(note.get("text"), str):
            yield note["text"][:SHORT]
    for output in objects_in(theirs.get("output")):
        value = next((value for name, value in output.items() if name.startswith("value")), None)
        said = value if isinstance(value, str | int | float | bool) else _words(_object(value))
        yield f"{_words(_object(output.get('type'))) or 'Output'}: {said}"[:SHORT]


def _words(said: Resource) -> str:
    """A CodeableConcept, Coding or Reference in words."""
    coding = next(iter(objects_in(said.get("coding"))), said)
    known = [said.get(name) for name in ("text", "display", "reference")]
    known += [coding.get(name) for name in ("display", "code")]
    return next((one[:SHORT] for one in known if isinstance(one, str)), "")


def _object(said: Any) -> Resource:
    return said if isinstance(said, dict) else {}


def objects_in(said: Any) -> Iterator[Resource]:
    """The objects of a list; none of what is no list."""
    yield from (one for one in (said if isinstance(said, list) else []) if isinstance(one, dict))
