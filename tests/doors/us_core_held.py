"""A program that holds US Core's examples, sent as a client would send them."""

from __future__ import annotations

from typing import Any

from tests.doors.serving import Client, Got

Json = dict[str, Any]

OTHER = "Patient/child-example"
WHO = {"display": "front desk"}
# What no example of the type says, or its copy must say again.
MORE: dict[str, Json] = {
    "CarePlan": {"period": {"start": "2024-02-01", "end": "2024-05-31"}},
    "CareTeam": {"participant": [{"member": {"reference": "PractitionerRole/*"}}]},
    "Coverage": {"payor": [WHO]},
    "Encounter": {"identifier": [{"system": "https://clinic.example/visits", "value": "V-1"}]},
    "Goal": {"description": {"coding": [{"system": "https://clinic.example/goals", "code": "walk"}]}},
    "MedicationDispense": {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/*"}},
    "PractitionerRole": {"endpoint": [{"reference": "Endpoint/*"}]},
    "Provenance": {"target": [{"reference": OTHER}], "agent": [{"who": WHO}]},
}
_ABOUT = ("subject", "patient", "beneficiary")


class Held:
    """A program that holds the examples: by type, each as it was sent, under the id that it was given."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.records: dict[str, dict[str, Json]] = {}
        self.ids: dict[str, str] = {}
        self.refused: dict[str, Got] = {}

    def send(self, examples: list[Json]) -> None:
        """Post each when what it points to has been, as far as that can be had; links then name the ids given here."""
        names = {name(one) for one in examples}
        waiting = list(examples)
        while waiting:
            open = names - self.ids.keys() - self.refused.keys()
            ready = [one for one in waiting if not pointed(one) & open - {name(one)}] or waiting[:1]
            for one in ready:
                self.post(one)
            waiting = [one for one in waiting if one not in ready]

    def post(self, example: Json) -> None:
        """Post one; `Type/*` in it means the first of that type."""
        type, sent = example["resourceType"], relinked(example, self.ids)
        got = self.client("POST", f"/fhir/{type}", sent)
        if got.status != 201:
            self.refused[name(example)] = got
            return
        self.ids[name(example)] = f"{type}/{got.id}"
        self.ids.setdefault(f"{type}/*", f"{type}/{got.id}")
        self.records.setdefault(type, {})[got.id] = sent | {"id": got.id}

    def provenance(self, of: str) -> str:
        """Say where a record comes from; the id of what says so."""
        said = {"target": [{"reference": of}], "recorded": "2026-03-02T09:00:00Z", "agent": [{"who": WHO}]}
        made = {"resourceType": "Provenance", "id": of.replace("/", "-")} | said
        self.post(made)
        return self.ids[name(made)].partition("/")[2]


def name(resource: Json) -> str:
    """`Type/id`."""
    return f"{resource['resourceType']}/{resource['id']}"


def pointed(value: Any) -> set[str]:
    """Every literal reference in it."""
    if isinstance(value, list):
        return set().union(*map(pointed, value))
    if not isinstance(value, dict):
        return set()
    said = value.get("reference")
    return set().union(*map(pointed, value.values()), [said] if isinstance(said, str) else [])


def relinked(value: Any, ids: dict[str, str]) -> Any:
    """A copy whose references are to the ids that were given."""
    if isinstance(value, list):
        return [relinked(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: relinked(one, ids) for key, one in value.items()}
    if isinstance(said := value.get("reference"), str):
        made["reference"] = ids.get(said, said)
    return made


def copied(example: Json) -> Json:
    """The example again, about another patient and without links to other records: what a search must tell apart."""
    kept = {key: value for key, value in example.items() if key in _ABOUT or not pointed(value)}
    about = {key: {"reference": OTHER} for key in _ABOUT if key in example}
    made = kept | about | {"id": f"{example['id']}-copy"} | MORE.get(example["resourceType"], {})
    return {key: value for key, value in made.items() if value is not None}
