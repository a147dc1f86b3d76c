"""The compiled maps against code by hand: a fresh resource, and native bytes to FHIR bytes.

The floors: a function as one would write it for the session alone, with the same output and the same two rules; and
`loads` + `dumps` of the same native record. Reading, and onto-writing that changes nothing, are shown beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import orjson

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, parse
from adapter.mapping import checks
from adapter.mapping.load import load

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, CALLS = 15, 3_000
IOP = "https://iop-fhir-adapter.org/fhir"
SNOMED = "http://snomed.info/sct"
Row = tuple[str, str, float, str, str]
MAPS = load(ROOT / "mappings", Definitions.load(ROOT / "profiles" / "r4"))
SESSION = MAPS.concepts["session"]
RECORD: dict[str, Any] = {
    "id": "f0000000-0000-4000-8000-000000000001",
    "participant": "a0000000-0000-4000-8000-000000000001",
    "episode": "e0000000-0000-4000-8000-000000000001",
    "booking": "d0000000-0000-4000-8000-000000000008",
    "status": "completed",
    "kind": "group",
    "mode": "in_person",
    "started_at": "2026-02-03T17:00:00-07:00",
    "ended_at": "2026-02-03T20:30:00-07:00",
    "minutes_attended": 210,
    "attendance": "attended",
    "site": "c0000000-0000-4000-8000-000000000011",
    "organization": "c0000000-0000-4000-8000-000000000001",
    "therapies": ["dbt", "trauma_informed"],
    "meeting": "90000000-0000-4000-8000-000000000001",
    "topic": "Urge surfing",
    "attending": 8,
    "identifiers": [{"system": "urn:example:practice:visit", "value": "0000000902"}],
    "clinicians": [{"clinician": "Practitioner/b0000000-0000-4000-8000-000000000001", "role": "lead"}],
}
# What practice systems hold of a session: nothing of a group, no therapies.
PLAIN = {
    name: RECORD[name]
    for name in (
        "id",
        "participant",
        "episode",
        "booking",
        "status",
        "kind",
        "mode",
        "started_at",
        "ended_at",
        "minutes_attended",
        "site",
        "clinicians",
    )
}
WORDS = {
    name: MAPS.tables[name].codings
    for name in ("session_kind", "session_mode", "attendance", "therapy", "session_role")
}
STATUS = {word: coding["code"] for word, coding in MAPS.tables["session_status"].codings.items()}
RULES = (checks.session_times, checks.minutes_attended())


def by_hand(record: dict[str, Any]) -> dict[str, Any]:  # noqa: C901  (it is one literal with its guards)
    """The session's Encounter, written for this purpose: required fields in a literal, the others guarded."""
    get = record.get
    period = {"start": record["started_at"]}
    if (v := get("ended_at")) is not None:
        period["end"] = v
    out: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": record["id"],
        "meta": {"profile": [f"{IOP}/StructureDefinition/iop-session"]},
        "status": STATUS[record["status"]],
        "class": dict(WORDS["session_mode"][record["mode"]]),
        "type": [{"coding": [dict(WORDS["session_kind"][record["kind"]])]}],
        "subject": {"reference": f"Patient/{record['participant']}"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{record['episode']}"}],
        "period": period,
    }
    if extensions := _extensions(get):
        out["extension"] = extensions
    if (v := get("identifiers")) is not None:
        out["identifier"] = [_identifier(item) for item in v]
    if (v := get("referrals")) is not None:
        out["basedOn"] = [{"reference": f"ServiceRequest/{item}"} for item in v]
    people = [_person(item, "clinician", item["clinician"]) for item in get("clinicians", ())]
    people += [_person(item, "family_member", f"RelatedPerson/{item['family_member']}") for item in get("family", ())]
    if people:
        out["participant"] = people
    if (v := get("booking")) is not None:
        out["appointment"] = [{"reference": f"Appointment/{v}"}]
    if (v := get("minutes_attended")) is not None:
        out["length"] = {"value": v, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"}
    if (v := get("reasons")) is not None:
        out["reasonCode"] = [{"coding": reason["codes"]} for reason in v]
    if (v := get("problems")) is not None:
        out["reasonReference"] = [{"reference": item} for item in v]
    if (v := get("diagnoses")) is not None:
        out["diagnosis"] = [{"condition": {"reference": f"Condition/{item['diagnosis']}"}} for item in v]
    if (v := get("site")) is not None:
        out["location"] = [{"location": {"reference": f"Location/{v}"}}]
    if (v := get("organization")) is not None:
        out["serviceProvider"] = {"reference": f"Organization/{v}"}
    for rule in RULES:
        if rule(record):
            raise ValueError("a rule is broken")
    return out


def _extensions(get: Callable[[str], Any]) -> list[Any]:
    group = []
    if (v := get("meeting")) is not None:
        group.append({"url": "meeting", "valueString": v})
    if (v := get("group")) is not None:
        group.append({"url": "group", "valueReference": {"reference": f"HealthcareService/{v}"}})
    if (v := get("topic")) is not None:
        group.append({"url": "topic", "valueString": v})
    if (v := get("attending")) is not None:
        group.append({"url": "attending", "valueInteger": v})
    out: list[Any] = [{"url": f"{IOP}/StructureDefinition/iop-group-session", "extension": group}] if group else []
    if (v := get("breaks")) is not None:
        out += [{"url": f"{IOP}/StructureDefinition/iop-session-break", "valuePeriod": dict(item)} for item in v]
    if (v := get("attendance")) is not None:
        coding = dict(WORDS["attendance"][v])
        out.append({"url": f"{IOP}/StructureDefinition/iop-attendance", "valueCoding": coding})
    if (v := get("zone_assumed")) is not None:
        out.append({"url": f"{IOP}/StructureDefinition/iop-zone-assumed", "valueBoolean": v})
    for therapy in get("therapies") or ():
        concept = {"coding": [dict(WORDS["therapy"][therapy])]}
        out.append({"url": f"{IOP}/StructureDefinition/iop-therapy", "valueCodeableConcept": concept})
    if (v := get("documented_at")) is not None:
        out.append({"url": f"{IOP}/StructureDefinition/iop-documented-at", "valueDateTime": v})
    return out


def _identifier(item: dict[str, Any]) -> dict[str, Any]:
    out = {"value": item["value"]}
    if (v := item.get("system")) is not None:
        out["system"] = v
    if (v := item.get("use")) is not None:
        out["use"] = v
    return out


def _person(item: dict[str, Any], key: str, reference: str) -> dict[str, Any]:
    out: dict[str, Any] = {"individual": {"reference": reference}}
    if (v := item.get("role")) is not None:
        out["type"] = [{"coding": [dict(WORDS["session_role"][v])]}]
    if (v := item.get("from")) is not None:
        out["period"] = {"start": v}
    return out


def interleaved(floor: Callable[[], object], *candidates: Callable[[], object]) -> list[tuple[float, float]]:
    """(median of the per-round ratios to the floor, best time in microseconds) of each candidate, measured in turns."""
    for call in (floor, *candidates):
        _timed(call)
    rounds = [[_timed(call) for call in (floor, *candidates)] for _ in range(ROUNDS)]
    return [
        (median(times[place] / times[0] for times in rounds), min(times[place] for times in rounds) / CALLS * 1e6)
        for place in range(1, len(candidates) + 1)
    ]


def _timed(call: Callable[[], object]) -> float:
    start = perf_counter()
    for _ in range(CALLS):
        call()
    return perf_counter() - start


def rows() -> list[Row]:
    """The targets 4 and 5, and what stands beside them."""
    resource = SESSION.to_fhir(RECORD)
    assert _sorted(resource) == _sorted(by_hand(RECORD)), "the floor does not make the same resource"
    body, small = orjson.dumps(RECORD), orjson.dumps(PLAIN)
    assert _sorted(SESSION.to_fhir(PLAIN)) == _sorted(by_hand(PLAIN)), "the floor does not make the same resource"
    [(fresh, micro), (read, reading), (onto, writing)] = interleaved(
        lambda: by_hand(RECORD),
        lambda: SESSION.to_fhir(RECORD),
        lambda: SESSION.to_native(resource),
        lambda: SESSION.to_fhir(RECORD, resource),
    )
    [(plain, _)] = interleaved(lambda: by_hand(PLAIN), lambda: SESSION.to_fhir(PLAIN))
    [(through, whole), (hand, _)] = interleaved(
        lambda: orjson.dumps(orjson.loads(small)),
        lambda: dump(SESSION.to_fhir(orjson.loads(small))),
        lambda: orjson.dumps(by_hand(orjson.loads(small))),
    )
    [(rich, _), (rich_hand, _), (parsed, _)] = interleaved(
        lambda: orjson.dumps(orjson.loads(body)),
        lambda: dump(SESSION.to_fhir(orjson.loads(body))),
        lambda: orjson.dumps(by_hand(orjson.loads(body))),
        lambda: dump(SESSION.to_fhir(parse(body))),
    )
    [(claim, choosing)] = interleaved(lambda: orjson.loads(body), lambda: MAPS.concept_of(resource))
    return [
        ("4", "group session record -> fresh Encounter / by hand", fresh, "<= 1.5", f"{micro:.1f} us"),
        ("4", "plain session record -> fresh Encounter / by hand", plain, "<= 1.5", ""),
        (
            "5",
            "plain session, native bytes -> FHIR bytes / loads + dumps",
            through,
            "<= 4",
            f"{whole:.1f} us; by hand {hand:.2f}",
        ),
        ("5", "group session, the same", rich, "<= 4", f"by hand {rich_hand:.2f}; with our parse {parsed:.2f}"),
        ("-", "Encounter -> session record and residue / fresh by hand", read, "", f"{reading:.1f} us"),
        ("-", "record onto its own resource, nothing changes / fresh by hand", onto, "", f"{writing:.1f} us"),
        ("-", "concept_of / loads of the record", claim, "", f"{choosing:.1f} us"),
    ]


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return sorted((_sorted(item) for item in value), key=repr) if isinstance(value, list) else value


if __name__ == "__main__":
    for row in rows():
        print(*row, sep="  ")
