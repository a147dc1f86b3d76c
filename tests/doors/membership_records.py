"""What staff write down of the members of `membership`: native records, of one round or of all that is there."""

from __future__ import annotations

from collections.abc import Iterator

from tests.doors.membership import ALWAYS, CANARY, ICD, Cover, Held, Json, Member, Membership, Word
from tests.doors.records import ada
from tests.doors.test_guarded import OURS, tpo

WORDS = {
    "Patient": "participant",
    "Coverage": "coverage",
    "Encounter": "session",
    "Condition": "diagnosis",
    "EpisodeOfCare": "episode",
}
"""Types as a consent names them."""


def written(now: Membership) -> Iterator[Json]:
    """The records that are new or other in this round, each behind those that it points to."""
    for member in now.members:
        yield from (_held(now, member, one) for one in member.held if one.type == "Patient" and _now(now, one))
        yield from (_cover(now, member, one) for one in member.covers if one.written == now.round)
        rest = [one for one in member.held if one.type != "Patient" and _now(now, one)]
        yield from (_held(now, member, one) for one in rest)
        yield from (_word(now, member, one) for one in member.words if one.written == now.round)


def _now(now: Membership, one: Held) -> bool:
    return one.written == now.round and one.gone is None


def _cover(now: Membership, member: Member, one: Cover) -> Json:
    ends = {"ends_on": now.day(one.last)} if one.last < ALWAYS else {}
    return {
        "concept": "coverage",
        "id": one.id,
        "participant": member.id,
        "status": "active" if one.active else "cancelled",
        "payer": f"Organization/{one.plan}",
        "subscriber_id": f"S-{one.id[:8]}",
        "relationship": "self",
        "starts_on": now.day(one.first),
        **ends,
    }


def _word(now: Membership, member: Member, one: Word) -> Json:
    said = tpo(member.id) | {"concept": "consent", "id": one.id, "status": one.status, "purposes": [one.purpose]}
    said |= {"kind": "specific", "signed_at": f"{now.day(-61)}T09:00:00", "starts_on": now.day(one.first)}
    said |= {"sensitivities": ["substance_use", "mental_health", *(["hiv"] if one.hiv else [])]}
    said |= {"expires_with": None, "expires_on": now.day(min(one.last, 400))}
    said |= {"record_types": sorted(map(WORDS.__getitem__, one.types))} if one.types else {}
    said |= {"data_from": now.day(one.data[0]), "data_until": now.day(one.data[1])} if one.data else {}
    said |= {"recipients": [{"recipient": f"Organization/{one.plan}"}]} if one.plan else {}
    if one.denies:
        said |= {"kind": "restriction", "decision": "deny", "sensitivities": None, "statements": None, "purposes": None}
        said |= {"expires_on": None, "starts_on": None}
        said |= {"records": [{"record": one.record, "meaning": "this_record"}]} if one.record else {}
    if one.status == "inactive":
        said |= {"revoked_at": f"{now.day(-1)}T09:00:00", "revoked_how": "paper"}
    return {name: value for name, value in said.items() if value is not None}


def _held(now: Membership, member: Member, one: Held) -> Json:
    said = {"id": one.id, "participant": member.id}
    if one.type == "Patient":
        return {"concept": "participant", "id": one.id, **ada(names=[{"family": "Invented", "given": ["Ada"]}])}
    episode = next(each.id for each in member.held if each.type == "EpisodeOfCare")
    if one.type == "EpisodeOfCare":
        return {"concept": "episode", **said, "status": "active", "admitted_on": now.day(-50)}
    if one.type == "Encounter":
        return {"concept": "session", **said, "episode": episode, **_visit(now, one)}
    if one.type == "Condition":
        return {"concept": "diagnosis", **said, "episode": episode, **_diagnosis(now, one)}
    return {**said, "episode": episode, **_asked(now, member, one)}


def _visit(now: Membership, one: Held) -> Json:
    assert one.day is not None
    leads = {"diagnoses": [{"diagnosis": one.leads, "rank": 1}]} if one.leads else {}
    code = "B20" if one.hiv else "F10.20"
    return {
        "status": "completed",
        "kind": one.kind,
        "mode": "in_person",
        "started_at": f"{now.day(one.day)}T10:00:00",
        "ended_at": f"{now.day(one.day)}T{10 + one.hours}:00:00",
        "reasons": [{"codes": [{"system": ICD, "code": code}], "text": f"{CANARY} {one.words}"}],
        **leads,
    }


def _diagnosis(now: Membership, one: Held) -> Json:
    code = {"system": ICD, "code": "B20" if one.hiv else "F10.20", "display": CANARY}
    recorded = {"recorded_on": now.day(one.day)} if one.day is not None else {}
    named = {"codes": [code], "text": CANARY}
    return {"listed_as": ["encounter_diagnosis"], "diagnosis": named, "clinical_status": "active", **recorded}


def _asked(now: Membership, member: Member, one: Held) -> Json:
    assert one.day is not None
    said: Json = {"status": "active", "form": "professional", "payer": one.plan}
    if one.type == "ClaimResponse":
        claim = next(each.id for each in member.held if each.type == "Claim")
        answer = {"outcome": "queued", "answered_at": now.day(one.day), "request": claim}
        return {"concept": "authorization", **said, **answer}
    asked = [{"number": 1, "coverage": member.covers[0].id, "asked": True}]
    facts = [{"number": 1, "kind": {"text": "Message"}, "words": CANARY}]
    more = {"created_at": now.day(one.day), "provider": f"Organization/{OURS}", "priority": "normal", "facts": facts}
    services = [{"number": 1, "service": "sud_intensive_outpatient"}]
    return {"concept": "authorization_request", **said, **more, "coverages": asked, "services": services}
