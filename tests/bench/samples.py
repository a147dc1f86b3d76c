"""Invented resources of the sizes that the design measures: a laboratory Observation, a group Encounter, a CarePlan."""

from __future__ import annotations

from typing import Any

Resource = dict[str, Any]
TERMS = "http://terminology.hl7.org/CodeSystem/"


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def observation(number: int = 1) -> Resource:
    """A drug screen result of about 1.1 kB."""
    return {
        "resourceType": "Observation",
        "id": f"0192f1c4-7d0e-7a51-9c1e-{number:012x}",
        "meta": {"versionId": "1", "lastUpdated": "2026-03-02T15:04:11.123Z"},
        "identifier": [{"system": "https://lab.example.org/results", "value": f"R{number:08}"}],
        "status": "final",
        "category": [_concept(TERMS + "observation-category", "laboratory", "Laboratory")],
        "code": _concept("http://loinc.org", "3397-7", "Cocaine [Presence] in Urine by Confirmatory method"),
        "subject": {"reference": "Patient/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d21", "display": "Alder Testcase"},
        "encounter": {"reference": "Encounter/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d55"},
        "effectiveDateTime": "2026-03-02T09:15:00-05:00",
        "issued": "2026-03-02T15:04:11.123-05:00",
        "performer": [{"reference": "Organization/lab-1", "display": "Example Laboratory"}],
        "valueQuantity": {"value": 180.5, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"},
        "interpretation": [_concept(TERMS + "v3-ObservationInterpretation", "POS", "Positive")],
        "referenceRange": [
            {
                "high": {"value": 150, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"},
                "text": "below 150 ng/mL",
            }
        ],
    }


def encounter() -> Resource:
    """A session in a group of about 1.6 kB."""
    period = {"start": "2026-03-02T09:00:00-05:00", "end": "2026-03-02T12:00:00-05:00"}
    return {
        "resourceType": "Encounter",
        "id": "0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d55",
        "identifier": [{"system": "https://practice.example.org/visits", "value": "V0004711"}],
        "status": "finished",
        "class": {"system": TERMS + "v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [_concept("http://www.ama-assn.org/go/cpt", "90853", "Group psychotherapy")],
        "serviceType": _concept("http://snomed.info/sct", "225368008", "Substance use intensive outpatient"),
        "subject": {"reference": "Patient/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d21", "display": "Alder Testcase"},
        "episodeOfCare": [{"reference": "EpisodeOfCare/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9e00"}],
        "participant": [
            {
                "type": [_concept(TERMS + "v3-ParticipationType", "PPRF", "primary performer")],
                "period": period,
                "individual": {"reference": "Practitioner/clinician-1", "display": "Birch Example"},
            },
            {
                "type": [_concept(TERMS + "v3-ParticipationType", "SPRF", "secondary performer")],
                "individual": {"reference": "Practitioner/clinician-2"},
            },
        ],
        "appointment": [{"reference": "Appointment/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9f00"}],
        "period": period,
        "length": {"value": 180, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"},
        "reasonReference": [{"reference": "Condition/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9aaa"}],
        "location": [{"location": {"reference": "Location/site-1", "display": "Example House"}, "status": "completed"}],
        "serviceProvider": {"reference": "Organization/program-1"},
    }


def care_plan() -> Resource:
    """A treatment plan of about 3.6 kB with four scheduled activities."""
    return {
        "resourceType": "CarePlan",
        "id": "0192f1c4-7d0e-7a51-9c1e-6b1f0a3cabcd",
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Intensive outpatient treatment plan</p></div>',
        },
        "identifier": [{"system": "https://practice.example.org/plans", "value": "TP-2026-0042"}],
        "status": "active",
        "intent": "plan",
        "category": [_concept("http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan", "Plan")],
        "title": "Intensive outpatient treatment plan",
        "description": "Nine hours a week in three evenings, individual session weekly, screens at random.",
        "subject": {"reference": "Patient/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9d21"},
        "period": {"start": "2026-02-02", "end": "2026-04-24"},
        "created": "2026-02-02T10:30:00-05:00",
        "author": {"reference": "Practitioner/clinician-1"},
        "careTeam": [{"reference": "CareTeam/team-7"}],
        "addresses": [{"reference": "Condition/0192f1c4-7d0e-7a51-9c1e-6b1f0a3c9aaa"}],
        "goal": [{"reference": "Goal/goal-1"}, {"reference": "Goal/goal-2"}],
        "activity": [
            _activity(name, days)
            for name, days in (
                ("Group psychotherapy", ["mon", "wed", "fri"]),
                ("Individual psychotherapy", ["tue"]),
                ("Family session", ["sat"]),
                ("Drug screen", ["mon", "thu"]),
            )
        ],
        "note": [{"time": "2026-02-09T16:00:00-05:00", "text": "Prefers evening groups; works until four."}],
    }


def _activity(name: str, days: list[str]) -> Resource:
    return {
        "detail": {
            "kind": "Appointment",
            "code": _concept("http://snomed.info/sct", "228557008", name),
            "status": "in-progress",
            "goal": [{"reference": "Goal/goal-1"}],
            "scheduledTiming": {
                "repeat": {
                    "boundsPeriod": {"start": "2026-02-02", "end": "2026-04-24"},
                    "duration": 180,
                    "durationUnit": "min",
                    "frequency": len(days),
                    "period": 1,
                    "periodUnit": "wk",
                    "dayOfWeek": days,
                    "timeOfDay": ["18:00:00"],
                }
            },
            "location": {"reference": "Location/site-1"},
            "performer": [{"reference": "Practitioner/clinician-1", "display": "Birch Example"}],
            "description": f"{name} as scheduled by the program.",
        }
    }


def bundle(size: int = 100) -> Resource:
    """A transaction that creates so many Observations, about 120 kB for 100."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"urn:uuid:0192f1c4-7d0e-7a51-9c1e-{number:012x}",
                "resource": observation(number),
                "request": {"method": "POST", "url": "Observation"},
            }
            for number in range(size)
        ],
    }
