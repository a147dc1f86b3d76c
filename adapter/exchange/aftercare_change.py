"""What of a referral that was sent is said otherwise now, and its receiver's copy of it with that; nothing here knows
the store.

https://hl7.org/fhir/R4/request.html: a ServiceRequest is its requester's statement, so what changed in it takes its
place there. https://hl7.org/fhir/R4/task.html: a Task is who fulfils it's; of that we say what and until when we ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.exchange.addresses import Resolve, readdressed
from adapter.exchange.aftercare_hearing import objects_in
from adapter.exchange.packing import unanswered
from adapter.fhir.json import same
from adapter.fhir.references import references, split
from adapter.interactions.program import Program

Resource = dict[str, Any]
_STAYS = frozenset(("resourceType", "id", "meta", "text", "identifier", "subject", "requester", "for", "focus"))
"""What it is called, whom it is about and who asks: as they were sent."""
_ASKED = frozenset(("priority", "description", "reasonCode", "restriction", "input"))
"""Of a Task: what its requester says."""
_SHARED = {"extension": ("url",), "note": ("text",), "security": ("system", "code")}
"""Lists in which the receiver may have said something, too, and by what an entry of ours is known there."""
_REVOKED = {"ServiceRequest": "revoked", "Task": "cancelled"}
WITHDRAWN = {
    "ServiceRequest": frozenset(("revoked", "entered-in-error")),
    "Task": frozenset(("cancelled", "entered-in-error")),
}
"""Statuses of what is not asked for any more, by type."""
ENDED = {
    "ServiceRequest": WITHDRAWN["ServiceRequest"] | {"completed"},
    "Task": WITHDRAWN["Task"] | {"rejected", "completed", "failed"},
}
"""Statuses after which nothing more is done."""


def told_of(program: Program, resource: Resource) -> Resource:
    """A record of ours without what its receiver is told nothing of."""
    if resource["resourceType"] == "Task":
        return {name: value for name, value in resource.items() if name in _STAYS | _ASKED}
    return unanswered(program, resource)


def changes(before: Resource, after: Resource) -> list[str]:
    """The elements that are told and differ between two versions of a record of ours, both as `told_of` has them."""
    names = [name for name in dict.fromkeys((*before, *after)) if name not in _STAYS]
    labels = ["meta"] if not same(_security(before), _security(after)) else []
    return [name for name in names if not same(before.get(name), after.get(name))] + labels


def amended(
    theirs: Resource, before: Resource, after: Resource, names: list[str], base: str, called: Resolve
) -> Resource | None:
    """The receiver's copy with these elements as they are here now, what they point to `called` as it is there; None
    where it has ended there.

    Extensions, notes and labels of the receiver's own stay beside ours; a narrative that is not true any more is gone.
    """
    if theirs.get("status") in ENDED[theirs["resourceType"]]:
        return None
    said = readdressed(after, base, called)
    made = {name: value for name, value in theirs.items() if name not in (*names, "text") or name == "meta"}
    made |= {name: said[name] for name in names if name in said and name != "meta"}
    for name in _SHARED.keys() & set(names):
        if listed := _beside(name, theirs.get(name), before.get(name, []), said.get(name, [])):
            made[name] = listed
    if "meta" in names:
        labels = _beside("security", theirs.get("meta", {}).get("security"), _security(before), _security(after))
        made["meta"] = {**theirs.get("meta", {}), "security": labels}
    return made | ({"text": after["text"]} if "text" in after else {})


def _beside(name: str, theirs: Any, before: list[Any], after: list[Any]) -> list[Any]:
    """Our entries of a shared list as they are now, behind those that we never said."""
    ours = [_key(name, one) for one in (*before, *after)]
    return [*(one for one in objects_in(theirs) if _key(name, one) not in ours), *after]


def _key(name: str, entry: Resource) -> list[Any]:
    return [entry.get(part) for part in _SHARED[name]]


def withdrawn(theirs: Resource, reason: Resource | None) -> Resource | None:
    """The receiver's copy, which is not asked for any more; None where it has ended there, or is so already.

    Nothing in it is new but its status and, of a Task, why; a narrative that is not true any more is gone.
    """
    type = theirs["resourceType"]
    if theirs.get("status") in ENDED[type]:
        return None
    left = ("text", "statusReason") if type == "Task" else ("text",)
    made = {name: value for name, value in theirs.items() if name not in left} | {"status": _REVOKED[type]}
    return made | ({"statusReason": reason} if reason and type == "Task" else {})


def called_there(before: Resource, theirs: Resource) -> Mapping[str, str]:
    """What the receiver calls what a version of ours points to (`Type/ID`), where its copy points in its place."""
    return dict(_called(before, theirs))


def _called(before: Resource, theirs: Resource) -> Iterator[tuple[str, str]]:
    there = {path: element["reference"] for path, element in references(theirs)}
    for path, element in references(before):
        ours, known = split(element["reference"]), split(there.get(path, ""))
        if ours and known and ours[0] == known[0]:
            yield "/".join(ours), "/".join(known)


def _security(resource: Resource) -> list[Any]:
    return list(resource.get("meta", {}).get("security", []))
