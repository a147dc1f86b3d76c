"""The stage of the demo: a person whom a provider treats, a client of each kind with its key, and a consent to send.

What is shown with it: the provider's EHR sees nothing, until a consent lets it; then what it saw is in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from adapter.callers import ClientKind, Purpose
from adapter.fhir.dates import milliseconds
from adapter.registrar import NEEDED, clients_of
from adapter.remote import backend
from adapter.settings import Settings
from adapter.store.clients import Agreement, Client

PROGRAM, PROVIDER, PAYER, FACILITY, CLINIC = (f"c0000000-0000-4000-8000-00000000000{n}" for n in range(1, 6))
PERSON, TEAM, CONSENT, COVERAGE, EPISODE, VISIT, AFTERCARE = (
    f"{start}0000000-0000-4000-8000-0000000000d1" for start in ("a", "6", "7", "2", "e", "f", "3")
)
_CLIENTS = {
    ClientKind.PROGRAM_EHR: (PROGRAM, "The program's own EHR", Purpose.TREATMENT),
    ClientKind.PROVIDER_EHR: (PROVIDER, "The EHR of a provider who treats Ada", Purpose.TREATMENT),
    ClientKind.PAYER: (PAYER, "A health plan", Purpose.PAYMENT),
    ClientKind.FACILITY: (FACILITY, "A residential facility", Purpose.TREATMENT),
}
"""Staff, who are named, log in otherwise."""
_REFERS = "system/*.rs system/Bundle.c system/ServiceRequest.ud system/Task.u"
SCOPES = dict.fromkeys(_CLIENTS, "system/*.rs") | {ClientKind.FACILITY: _REFERS}
_TPO = ("right_to_revoke", "redisclosure_by_recipients", "no_longer_protected", "refusal_consequences")


def prepared(folder: Path) -> Path:
    """Make the files in the demo's folder, save those that are there; answers that of records to import."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "consent.json").write_text(json.dumps(consent(PERSON), indent=2), "utf-8")
    (folder / "referral.json").write_text(json.dumps(referral(), indent=2), "utf-8")
    return written(folder / "stage.ndjson", _records())


def written(file: Path, records: Iterable[dict[str, object]]) -> Path:
    """The records in a file, a line each."""
    file.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return file


def register(settings: Settings, folder: Path) -> None:
    """A client of each kind that machines are, with a key of its own in the folder, which only its owner may read."""
    for kind, (organization, name, purpose) in _CLIENTS.items():
        key = new_key(folder / "clients" / f"{kind}.jwk")
        add_client(settings, kind, kind, organization, (name, purpose), key)


def new_key(file: Path) -> Path:
    """The file of a key, which only its owner may read: the one there is, or a new one."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    if not file.exists():
        backend.save(backend.new_key("ES384", None), file)
    return file


def add_client(
    settings: Settings, id: str, kind: ClientKind, organization: str, said: tuple[str, Purpose], key: Path
) -> None:
    """Register one, by what it is called and asks for, with this key; one that is there keeps all but its key."""
    now, (name, purpose) = milliseconds(datetime.now(UTC)), said
    jwks = backend.public_set(backend.saved(key))
    with clients_of(settings) as known:
        known.add_or_keep(Client(id, kind, organization, name, SCOPES[kind], purpose, jwks, None, True, now, False))
        known.set_keys(id, jwks, None)
        if kind in NEEDED:
            known.agree(Agreement(id, NEEDED[kind], "demo", now - 1, None))


def _records() -> Iterator[dict[str, object]]:
    names = {PROGRAM: "The program of the demo", PROVIDER: "Invented Family Medicine"}
    names |= {PAYER: "Invented Health Plan", FACILITY: "Invented House", CLINIC: "Invented Clinic"}
    for id, name in names.items():
        yield {"concept": "organization", "id": id, "active": True, "name": name}
    person = {"names": [{"family": "Quill", "given": ["Ada"]}], "sex": "female", "birth_date": "1990-05-17"}
    yield {"concept": "participant", "id": PERSON, **person}
    roles = {PROVIDER: "primary_care_provider", CLINIC: "therapist"}
    team = [{"member": f"Organization/{id}", "role": role} for id, role in roles.items()]
    yield {"concept": "care_team", "id": TEAM, "participant": PERSON, "status": "active", "members": team}
    plan = {"payer": f"Organization/{PAYER}", "subscriber_id": "S-1", "relationship": "self"}
    yield {"concept": "coverage", "id": COVERAGE, "participant": PERSON, "status": "active", **plan}
    yield {"concept": "episode", "id": EPISODE, "participant": PERSON, "status": "active"}
    why = {"codes": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F10.20"}], "text": "What she came for"}
    yield {
        "concept": "session",
        "id": VISIT,
        "participant": PERSON,
        "episode": EPISODE,
        "status": "completed",
        "kind": "individual",
        "mode": "in_person",
        "reasons": [why],
        "started_at": "2026-02-04T17:00:00Z",
        "ended_at": "2026-02-04T18:00:00Z",
    }


def referred(participant: str, by: str, to: str, service: str) -> dict[str, object]:
    """A referral from one organization to another, as staff write it down; nothing of it is sent yet."""
    return {
        "participant": participant,
        "status": "active",
        "intent": "order",
        "service": service,
        "requester": f"Organization/{by}",
        "performers": [f"Organization/{to}"],
        "authored_at": "2026-02-05T09:00:00-05:00",
    }


def consent(participant: str, organization: str = PROGRAM, whom: str = "") -> dict[str, object]:
    """The single consent for treatment, payment and operations, to providers who treat and plans that pay; or to one
    organization alone."""
    named = {"recipient": {"name": "My treating providers, health plans and third-party payers"}}
    classes = {"classes": ["treating_providers", "health_plans", "third_party_payers"]}
    return {
        "participant": participant,
        "status": "active",
        "decision": "permit",
        "kind": "tpo",
        "laws": ["part2"],
        "policy_rule": "part2",
        "organizations": [organization],
        "information": "All my records of this program.",
        "sensitivities": ["substance_use", "mental_health", "hiv"],
        "purposes": ["treatment", "payment", "operations"],
        "statements": list(_TPO),
        "how_to_revoke": "In writing, at any time.",
        "expires_with": "no_expiry",
        "signed_by": [f"Patient/{participant}"],
        "signer_capacity": "participant",
        "signed_how": "electronic",
        "signed_at": "2026-01-12T17:20:00-05:00",
        "recipients": [{"recipient": f"Organization/{whom}"} if whom else named | classes],
    }


def steps(settings: Settings, guarded: str, folder: Path, command: str) -> str:
    """A provider's EHR before and after a consent, as commands to copy; `guarded` is where clients prove themselves."""
    native, key = settings.base_url.removesuffix("/fhir") + "/iop", folder / "clients" / "provider-ehr.jwk"
    bearer = 'curl -s -H "Authorization: Bearer $TOKEN"'
    said = f"-H 'Content-Type: application/json' -d @{folder}/consent.json"
    lines = (
        (
            "a provider's EHR proves itself with its key, and gets a token for five minutes",
            f"TOKEN=$({command} client token --client provider-ehr --key {key} --scope 'system/*.rs' --url {guarded})",
        ),
        (
            "it treats Ada, who has consented to nothing yet: as if she were not there",
            f"{bearer} {guarded}/Patient/{PERSON}",
        ),
        ("staff write Ada's consent down (once)", f"curl -s -X PUT {said} {native}/consent/{CONSENT}"),
        ("now it sees her", f"{bearer} {guarded}/Patient/{PERSON}"),
        ("and is told what the consent covers", f"{bearer} '{guarded}/Patient/{PERSON}/$consent-scope'"),
        *_of_plan(bearer, guarded, folder, command),
        ("what they saw stands in the ledger", f"{command} disclosures accounting {PERSON} --store {folder}/iop.db"),
        *_of_facility(native, guarded, folder, command),
    )
    return "Who sees what, step by step:\n" + "\n".join(f"\n  # {what}\n  {line}" for what, line in lines) + "\n"


def _of_plan(bearer: str, guarded: str, folder: Path, command: str) -> Iterator[tuple[str, str]]:
    """The same visit as the provider and the health plan see it."""
    key = folder / "clients" / "payer.jwk"
    yield "and a visit of hers, whole", f"{bearer} {guarded}/Encounter/{VISIT}"
    token = f"{command} client token --client payer --key {key} --scope 'system/*.rs' --url {guarded}"
    yield "her health plan proves itself", f"PLAN=$({token})"
    what = "it sees the minimum for payment of the same visit, and not why she came"
    yield what, f'curl -s -H "Authorization: Bearer $PLAN" {guarded}/Encounter/{VISIT}'


def _of_facility(native: str, guarded: str, folder: Path, command: str) -> Iterator[tuple[str, str]]:
    """A referral by a residential facility, which is told nothing of it until a consent lets it be."""
    key, scope = folder / "clients" / "facility.jwk", SCOPES[ClientKind.FACILITY]
    token = f"{command} client token --client facility --key {key} --scope '{scope}' --url {guarded}"
    bearer, said = 'curl -s -H "Authorization: Bearer $HOUSE"', "-H 'Content-Type: application/json'"
    yield "a residential facility proves itself", f"HOUSE=$({token})"
    what = "it refers somebody: sent twice, it is one referral"
    answer = f"{folder}/answer.json"
    yield what, f"{bearer} {said} -d @{folder}/referral.json '{guarded}/$submit-referral' | tee {answer}"
    read = "import json,sys; print(json.load(sys.stdin)['parameter'][0]['resource']['id'])"
    yield "which Task follows it", f"""TASK=$(python3 -c "{read}" < {answer})"""
    yield "intake sees who waits, and who sent it", f"curl -s {native}/intake"
    new = """-d '{"participant": "new"}'"""
    yield "intake says that it is nobody who was here (once)", f"curl -s {said} {new} '{native}/intake/'$TASK'/$settle'"
    etag, state = """-H 'If-Match: W/"2"'""", """-d '{"state": "accepted"}'"""
    yield "and accepts (once)", f"curl -s -X PATCH {said} {etag} {state} {native}/referral_task/$TASK"
    yield "the facility is not told: to it, the Task is as it was received", f"{bearer} {guarded}/Task/$TASK"
    word = '[{"op": "replace", "path": "/status", "value": "cancelled"}]'
    cancels = f"-H 'Content-Type: application/json-patch+json' -d '{word}'"
    yield "it withdraws the referral (once): that is its own word", f"{bearer} -X PATCH {cancels} {guarded}/Task/$TASK"
    yield "intake learns of that", f"curl -s {native}/referral_task/$TASK"


def referral() -> dict[str, object]:
    """What the facility sends."""
    who = {"reference": "urn:uuid:1f5e0b5e-0000-4000-8000-000000000001"}
    request = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "https://house.example/referrals", "value": "R-1"}],
        "status": "active",
        "intent": "order",
        "code": {"text": "Intensive outpatient treatment"},
        "subject": who,
        "requester": {"reference": f"Organization/{FACILITY}"},
        "reasonCode": [{"text": "Steps down after 28 days"}],
    }
    person = {"resourceType": "Patient", "name": [{"family": "Sample", "given": ["Bo"]}], "birthDate": "1985-03-09"}
    risk = {"resourceType": "Flag", "status": "active", "code": {"text": "Seizures in withdrawal"}, "subject": who}
    entries = [{"fullUrl": who["reference"], "resource": person}, {"resource": request}, {"resource": risk}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
