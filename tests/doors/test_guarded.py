"""A server whose clients prove themselves: who is let in, what a consent shows, what is recorded, when nothing is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.consent.predicate import everything
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.clients import Agreement
from adapter.store.connections import connect
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.web.fhir import ROUTES
from tests.doors import staff
from tests.doors.clients import register, token_of
from tests.doors.records import ada, booking, posted
from tests.doors.serving import Client, Got, opened, served
from tests.store.told import refusing

OURS, THEIRS, OTHERS = (f"c0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
Json = dict[str, Any]
AGREED = {"program-ehr": "qsoa", "payer": "contract"}


@dataclass
class Place:
    """A program; `staff` see everything, `guarded` asks for tokens."""

    program: Program
    staff: Client
    guarded: Client
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000)))

    def client(self, kind: str, organization: str = THEIRS, scopes: str = "system/*.cruds") -> Sender:
        """A client of a kind with a token; of the staff, somebody with that role (`staff`: a lead)."""
        id = f"{kind}-{next(self.numbers)}"
        if kind in ("staff", "privacy-officer"):
            role = "program-lead" if kind == "staff" else kind
            staff.app(self.program, id)
            return Sender(self.guarded, staff.token(self.program, staff.account(self.program, id, role), id, scopes))
        agreement = AGREED.get(kind)
        purposes = "HPAYMT" if kind == "payer" else "TREAT HPAYMT"
        register(self.program, id, kind, scopes, purposes, agreement=agreement, organization=organization)
        token = token_of(self.guarded, self.program, next(self.numbers), id=id, form={"scope": scopes})
        return Sender(self.guarded, token)

    def participant(self, **more: Any) -> str:
        """A person with one session; the id."""
        return posted(self.staff, "participant", ada(**more)).id

    def session(self, participant: str, **more: Any) -> str:
        """A visit of a person, written by staff."""
        visit = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": f"Patient/{participant}"},
            "period": {"start": "2026-02-04T17:00:00Z", "end": "2026-02-04T18:00:00Z"},
            **more,
        }
        return self.staff("POST", "/fhir/Encounter", visit).id

    def treated(self, participant: str, by: str = THEIRS) -> None:
        """A care team with an organization in it, or whoever `by` refers to."""
        team = {
            "resourceType": "CareTeam",
            "status": "active",
            "subject": {"reference": f"Patient/{participant}"},
            "participant": [{"member": {"reference": by if "/" in by else f"Organization/{by}"}}],
        }
        assert self.staff("POST", "/fhir/CareTeam", team).status == 201

    def consent(self, participant: str, **changes: Any) -> Json:
        """A single consent for treatment, payment and operations, as staff write it down."""
        said = {name: value for name, value in (tpo(participant) | changes).items() if value is not None}
        return dict(posted(self.staff, "consent", said).json)

    def revoked(self, consent: Json, version: int = 1) -> None:
        """The consent is taken back."""
        change = {"status": "inactive", "revoked_at": "2026-03-02T09:30:00Z", "revoked_how": "paper"}
        got = self.staff("PATCH", f"/iop/consent/{consent['id']}", change, {"if-match": f'W/"{version}"'})
        assert got.status == 200, got.body


@dataclass
class Sender:
    """A client with its token."""

    client: Client
    token: str

    def __call__(self, method: str, url: str, body: Any = None, **headers: str) -> Got:
        kind = {"content-type": "application/fhir+json"} if body is not None else {}
        return self.client(method, url, body, {"authorization": f"Bearer {self.token}", **kind, **headers})


def tpo(participant: str) -> Json:
    return {
        "participant": participant,
        "status": "active",
        "decision": "permit",
        "kind": "tpo",
        "laws": ["part2"],
        "policy_rule": "part2",
        "organizations": [OURS],
        "information": "All my records of this program.",
        "sensitivities": ["substance_use", "mental_health", "hiv"],
        "purposes": ["treatment", "payment", "operations"],
        "statements": ["right_to_revoke", "redisclosure_by_recipients", "no_longer_protected", "refusal_consequences"],
        "how_to_revoke": "In writing, at any time.",
        "expires_with": "no_expiry",
        "signed_by": [f"Patient/{participant}"],
        "signer_capacity": "participant",
        "signed_how": "electronic",
        "signed_at": "2026-01-12T17:20:00-07:00",
        "recipients": [
            {
                "recipient": {"name": "My treating providers, health plans and third-party payers"},
                "classes": ["treating_providers", "health_plans", "third_party_payers"],
            }
        ],
    }


def officer(place: Place) -> Sender:
    """A privacy officer."""
    return place.client("privacy-officer", scopes="user/*.cruds")


@contextmanager
def placed(folder: Path, clock: Callable[[], datetime] | None = None, **changes: Any) -> Iterator[Place]:
    """An empty program with three organizations."""
    with opened(folder, clock=clock, organizations=OURS, **changes) as program:
        openly, guarded = Client(served(program, everything("staff"))), Client(app.asgi(program))
        try:
            for id in (OURS, THEIRS, OTHERS):
                got = openly("PUT", f"/iop/organization/{id}", {"name": "Invented Health", "active": True})
                assert got.status == 201, got.body
            yield Place(program, openly, guarded)
        finally:
            openly.close()
            guarded.close()


def disclosures(place: Place) -> list[tuple[Any, ...]]:
    """What the ledger has: (client's kind, ground, interaction, patients)."""
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        told = database.execute("SELECT n, kind, ground, interaction FROM disclosure ORDER BY n").fetchall()
        shown = database.execute("SELECT n, patient, ground FROM shown ORDER BY n, patient").fetchall()
    ledger.close()
    return [(*row, [(patient, ground) for m, patient, ground in shown if m == n]) for n, *row in told]


def masked(got: Got) -> tuple[Any, ...]:
    """An answer without what differs between any two."""
    return got.status, {name: value for name, value in got.headers.items() if name != "date"}, got.body


def test_without_a_token_only_what_is_open_is_answered(place: Place) -> None:
    security = place.guarded("GET", "/fhir/metadata").json["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert place.guarded("GET", "/fhir/ValueSet").status == 200
    for method, url in (
        ("GET", "/fhir/Patient"),
        ("GET", "/fhir/Patient/1"),
        ("POST", "/fhir/Patient/_search"),
        ("GET", "/fhir"),
        ("GET", "/fhir/_history"),
        ("POST", "/fhir"),
        ("POST", "/fhir/Patient"),
        ("DELETE", "/fhir/Patient/1"),
        ("POST", "/fhir/$to-fhir"),
        ("GET", "/fhir/Patient/1/$everything"),
    ):
        got = place.guarded(method, url, b"{}", {"content-type": "application/fhir+json"})
        assert (got.status, got.codes) == (401, ["login"]), url
        assert got.headers["www-authenticate"] == 'Bearer realm="fhir"'
    assert place.guarded("GET", "/iop/participant").status == 401
    assert disclosures(place) == []


def test_the_programs_own_ehr_reads_and_writes_all(place: Place) -> None:
    own = place.client("program-ehr", OURS)
    made = own("POST", "/fhir/Patient", {"resourceType": "Patient", "gender": "other"})
    assert made.status == 201
    assert own("GET", f"/fhir/Patient/{made.id}").json["gender"] == "other"
    assert own("GET", "/fhir/Patient?_total=accurate").json["total"] == 1
    assert disclosures(place)[-2:] == [
        ("program-ehr", "qsoa", "read", [(made.id, "qsoa")]),
        ("program-ehr", "qsoa", "search-type", [(made.id, "qsoa")]),
    ]


def test_another_provider_sees_what_a_consent_shows_and_nothing_else(place: Place) -> None:
    shown, hidden = place.participant(), place.participant()
    visits = {person: place.session(person) for person in (shown, hidden)}
    place.treated(shown)
    place.treated(hidden)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    nowhere = "00000000-0000-7000-8000-0000000000ff"
    for address in (f"/fhir/Patient/{shown}", f"/fhir/Encounter/{visits[shown]}"):
        before = provider("GET", address)
        assert masked(before) == masked(provider("GET", f"{address.rpartition('/')[0]}/{nowhere}"))
    consent = place.consent(shown)
    assert provider("GET", f"/fhir/Patient/{shown}").status == 200
    assert provider("GET", f"/fhir/Encounter/{visits[shown]}/_history").json["total"] == 1
    assert provider("GET", f"/fhir/Patient/{hidden}").status == 404
    found = provider("GET", "/fhir/Encounter?_total=accurate&_include=Encounter:patient").json
    assert found["total"] == 1
    assert [entry["resource"]["id"] for entry in found["entry"]] == [visits[shown], shown]
    assert provider("GET", "/fhir/Encounter?patient.family=Invented&_summary=count").json["total"] == 1
    assert provider("GET", "/fhir/Patient?_has:Encounter:patient:status=finished&_summary=count").json["total"] == 1
    assert len(provider("GET", f"/fhir/Patient/{shown}/$everything").json["entry"]) >= 3
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"Patient/{person}"}} for person in (shown, hidden)],
    }
    entries = provider("POST", "/fhir", batch).json["entry"]
    assert [entry["response"]["status"].split()[0] for entry in entries] == ["200", "404"]
    told = disclosures(place)
    assert all(patients == [(shown, consent["id"])] for *_, patients in told if patients)
    assert hidden not in str(told)
    place.revoked(consent)
    assert provider("GET", f"/fhir/Patient/{shown}").status == 404
    assert provider("GET", "/fhir/Encounter?_total=accurate").json["total"] == 0
    assert provider("GET", f"/fhir/Encounter/{visits[shown]}/_history").status == 404


def test_a_page_after_a_revocation_shows_nothing_of_it(place: Place) -> None:
    person = place.participant()
    for _ in range(3):
        place.session(person)
    place.treated(person)
    consent = place.consent(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    first = provider("GET", "/fhir/Encounter?_count=1").json
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    assert len(first["entry"]) == 1
    place.revoked(consent)
    later = provider("GET", following.partition("8000")[2])
    assert later.status == 200
    assert "entry" not in later.json


def test_who_does_not_treat_the_patient_or_has_another_consent_sees_nothing(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    place.consent(person)
    stranger = place.client("provider-ehr", OTHERS, "system/*.rs")
    assert stranger("GET", f"/fhir/Patient/{person}").status == 404
    assert stranger("GET", f"/fhir/Organization/{OURS}").status == 200


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"organizations": [OTHERS]}, {"signed_by": None}])
def test_a_consent_that_is_not_whole_shows_nothing(place: Place, changes: Json) -> None:
    person = place.participant()
    place.treated(person)
    written = {name: value for name, value in (tpo(person) | changes).items() if value is not None}
    place.staff("POST", "/iop/consent", written)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 404


def test_a_facility_sees_what_it_sent_whatever_it_is_let(place: Place) -> None:
    """Also of whom it treats, and by a consent: what it is told of its referral is all there is for it."""
    person = place.participant()
    place.treated(person)
    place.consent(person)
    client = place.client("facility", THEIRS, "system/*.rs")
    assert client("GET", f"/fhir/Patient/{person}").status == 404
    assert client("GET", "/fhir/Patient").json["total"] == 0
    for url in ("/fhir/Encounter", f"/fhir/Patient/{person}/$everything"):
        assert client("GET", url).status == 403


def test_scopes_bound_what_is_asked_for(place: Place) -> None:
    own = place.client("program-ehr", OURS, "system/Patient.r system/Encounter.s")
    patient = {"resourceType": "Patient"}
    for method, url, body in (
        ("GET", "/fhir/Patient", None),
        ("POST", "/fhir/Patient", patient),
        ("GET", "/fhir/Encounter/1", None),
        ("GET", "/fhir/Observation", None),
        ("GET", "/fhir/Encounter?patient.family=Invented", None),
    ):
        assert own(method, url, body).status == 403, url
    assert own("GET", "/fhir/Encounter").status == 200
    written = {"resourceType": "Bundle", "type": "transaction", "entry": [_create(patient)]}
    assert own("POST", "/fhir", written).status == 403
    answered = own("POST", "/fhir", written | {"type": "batch"})
    assert [entry["response"]["status"].split()[0] for entry in answered.json["entry"]] == ["403"]
    assert place.staff("GET", "/fhir/Patient?_summary=count").json["total"] == 0


def _create(resource: Json) -> Json:
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def test_what_goes_along_is_of_a_type_that_the_scopes_cover(place: Place) -> None:
    person = place.participant()
    place.session(person)
    own = place.client("program-ehr", OURS, "system/Encounter.rs")
    ways = ("_include=Encounter:patient", "_include=Encounter:subject:Patient", "_revinclude=Observation:encounter")
    assert [own("GET", f"/fhir/Encounter?{way}").status for way in ways] == [403] * 3
    more = place.client("program-ehr", OURS, "system/Encounter.rs system/Patient.rs")
    found = more("GET", "/fhir/Encounter?_include=Encounter:subject").json
    assert {entry["resource"]["resourceType"] for entry in found["entry"]} == {"Encounter", "Patient"}
    assert more("GET", f"/fhir/Patient/{person}/$everything?_type=Encounter,Observation").status == 403
    assert more("GET", f"/fhir/Patient/{person}/$everything?_type=Encounter,Nothing").status == 400
    for url in ("", "?_type=Encounter"):
        found = more("GET", f"/fhir/Patient/{person}/$everything{url}").json
        assert "Encounter" in {entry["resource"]["resourceType"] for entry in found["entry"]}


def test_what_cannot_be_recorded_does_not_leave(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    person = place.participant()
    own = place.client("program-ehr", OURS)
    busy = Problem(Kind.BUSY, "the disclosure cannot be recorded, so nothing is disclosed; try again")

    with monkeypatch.context() as full:
        full.setattr(Ledger, "_appended", refusing(busy))
        for url in (f"/fhir/Patient/{person}", "/fhir/Patient", f"/fhir/Patient/{person}/_history"):
            got = own("GET", url)
            assert (got.status, got.codes) == (503, ["transient"])
            assert person.encode() not in got.body
            assert b"Invented" not in got.body
        assert place.guarded("GET", "/fhir/metadata").status == 200
    assert own("GET", f"/fhir/Patient/{person}").status == 200


def test_a_write_that_is_done_is_told_so_although_it_cannot_be_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = place.client("program-ehr", OURS)
    busy = Problem(Kind.BUSY, "the disclosure cannot be recorded, so nothing is disclosed; try again")
    patient = {"resourceType": "Patient", "name": [{"family": "Quill"}]}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [_create(patient)]}
    with monkeypatch.context() as full:
        full.setattr(Ledger, "_appended", refusing(busy))
        made = own("POST", "/fhir/Patient", patient)
        assert (made.status, made.codes, b"Quill" in made.body) == (201, ["transient"], False)
        assert made.headers["location"].startswith("http://127.0.0.1:8000/fhir/Patient/")
        assert own("POST", "/fhir", bundle, prefer="return=representation").status == 200
    assert place.staff("GET", "/fhir/Patient?_summary=count").json["total"] == 2


HIV = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}


def test_labels_are_only_ever_added_and_older_versions_get_them_too(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    visit = place.session(person)
    place.consent(person, exceptions=[{"sensitivities": ["hiv"], "decision": "deny"}])
    provider = place.client("provider-ehr", scopes="system/*.rs")
    page = provider("GET", "/fhir/Encounter?_count=1").json
    assert len(page["entry"]) == 1
    plain = place.staff("GET", f"/fhir/Encounter/{visit}").json
    labelled = plain | {"meta": {"security": [HIV]}}
    for number, (changed, status) in enumerate(((labelled, 404), (plain, 404)), 2):
        assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed).json["meta"]["versionId"] == str(number)
        assert provider("GET", f"/fhir/Encounter/{visit}").status == status
        for past in range(1, number + 1):
            assert provider("GET", f"/fhir/Encounter/{visit}/_history/{past}").status == status
        assert provider("GET", f"/fhir/Encounter/{visit}/_history").status == status
    assert place.staff("DELETE", f"/fhir/Encounter/{visit}").status == 204
    assert provider("GET", f"/fhir/Encounter/{visit}").status == 404


def test_a_list_that_names_another_is_not_for_outsiders(place: Place) -> None:
    shown, hidden = place.participant(), place.participant()
    place.treated(shown)
    place.consent(shown)
    item = {"item": {"reference": f"Patient/{hidden}", "display": "Hidden"}}
    subject = {"reference": f"Patient/{shown}"}
    listed = {"resourceType": "List", "status": "current", "mode": "working", "subject": subject, "entry": [item]}
    made = place.staff("POST", "/fhir/List", listed)
    assert made.status == 201
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{shown}").status == 200
    assert provider("GET", f"/fhir/List/{made.id}").status in (403, 404)


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": {"text": "Privacy"}, "provision": {"type": "deny"}},
        {"provision": {"provision": [{"type": "deny"}]}},
        {"scope": {"coding": [{"code": "treatment"}]}, "provision": {"type": "deny"}},
    ],
)
def test_a_refusal_that_is_not_read_refuses_all(place: Place, changes: Json) -> None:
    person = place.participant()
    place.treated(person)
    place.consent(person)
    provider = place.client("provider-ehr", scopes="system/*.rs")
    assert provider("GET", f"/fhir/Patient/{person}").status == 200
    system = "http://terminology.hl7.org/CodeSystem/consentscope"
    refusal = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": system, "code": "patient-privacy"}]},
        "category": [{"text": "A refusal"}],
        "patient": {"reference": f"Patient/{person}"},
        "policyRule": {"text": "Ours"},
    }
    assert place.staff("POST", "/fhir/Consent", refusal | changes).status == 201
    assert provider("GET", f"/fhir/Patient/{person}").status == 404


def test_each_record_is_told_of_under_the_consent_that_shows_it(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    visit = place.session(person)
    result = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Invented"},
        "subject": {"reference": f"Patient/{person}"},
        "encounter": {"reference": f"Encounter/{visit}"},
    }
    seen = place.staff("POST", "/fhir/Observation", result).id
    named = [{"recipient": f"Organization/{THEIRS}"}]
    specific = {"kind": "specific", "recipients": named, "purposes": ["treatment"], "expires_on": "2027-01-01"}
    specific |= {"expires_with": None, "statements": ["right_to_revoke"], "sensitivities": None}
    grounds = {}
    for type, words in (("Encounter", "session"), ("Observation", "result")):
        said = {k: v for k, v in (tpo(person) | specific | {"record_types": [words]}).items() if v is not None}
        grounds[type] = posted(place.staff, "consent", said).id
    provider = place.client("provider-ehr", scopes="system/*.rs")
    found = provider("GET", "/fhir/Encounter?_revinclude=Observation:encounter").json
    assert [entry["resource"]["id"] for entry in found["entry"]] == [visit, seen]
    assert sorted(row[1] for row in disclosures(place)) == sorted(grounds.values())


def test_what_is_searched_at_the_base_or_by_a_condition_needs_the_scopes_too(place: Place) -> None:
    own = place.client("program-ehr", OURS, "system/Patient.cr system/Encounter.r")
    assert own("GET", "/fhir?_type=Patient").status == 403
    assert own("GET", "/fhir").status == 403
    able = place.client("program-ehr", OURS, "system/Patient.crs system/Encounter.r")
    assert able("GET", "/fhir?_type=Patient").status == 200
    condition = "identifier=urn:x|1&_has:Encounter:patient:status=finished"
    assert able("POST", "/fhir/Patient", {"resourceType": "Patient"}, **{"if-none-exist": condition}).status == 403
    entry = _create({"resourceType": "Patient"})
    entry["request"]["ifNoneExist"] = condition
    got = able("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert got.status == 403
    blind = place.client("program-ehr", OURS, "system/Patient.c")
    assert blind("POST", "/fhir/Patient", {"resourceType": "Patient"}).status == 403
    said = able("GET", "/fhir/Patient/1/$validate?mode=delete")
    assert said.status == 403


def test_a_token_that_has_ended_or_whose_client_is_disabled_is_refused(place: Place) -> None:
    own = place.client("program-ehr", OURS)
    assert own("GET", "/fhir/Patient").status == 200
    place.program.store.change_clients(lambda clients: clients.enable("program-ehr-1", False)).result(30)
    got = own("GET", "/fhir/Patient")
    assert (got.status, got.codes) == (401, ["security"])
    other = place.client("program-ehr", OURS)
    clock: Any = place.program.clock
    clock.now += timedelta(minutes=6)
    assert other("GET", "/fhir/Patient").codes == ["expired"]


def test_a_token_is_good_while_its_agreement_is_though_nobody_writes_when_it_begins_and_ends(tmp_path: Path) -> None:
    times = [datetime(2026, 3, 2, 9, tzinfo=UTC)]
    with placed(tmp_path, clock=lambda: times[-1]) as place:
        payer, now = place.client("payer", OURS), milliseconds(times[-1])
        # A second one follows, so that there is a moment between in which there is none.
        for number, first, last in (("A-1", 0, now + 60_000), ("A2", now + 120_000, now + 180_000)):
            agreed = Agreement("payer-1", "contract", number, first, last)
            place.program.store.change_clients(lambda clients, said=agreed: clients.agree(said)).result(30)

        def at(milliseconds: int) -> int:
            times.append(times[0] + timedelta(milliseconds=milliseconds))
            return payer("GET", "/fhir/Encounter").status

        assert [at(ms) for ms in (0, 59_999, 60_000, 119_999, 120_000, 179_999, 180_000)] == [
            *(200, 200, 401, 401, 200, 200, 401)
        ]
        # A clock that was set back is not believed to know what was said later.
        assert [at(ms) for ms in (90_000, 1_000)] == [401, 200]


@pytest.mark.skipif(os.environ.get("TEST_STORE") == "postgresql", reason="of a file that two processes write")
def test_what_another_process_takes_away_is_gone_with_the_next_request(place: Place) -> None:
    own = place.client("program-ehr", OURS)
    assert [own("GET", "/fhir/Patient").status for _ in range(2)] == [200, 200]
    with place.program.store.asking() as database:
        path = Path(database.execute("PRAGMA database_list").fetchone()[2])
    with closing(connect(path, durable=False)) as other:
        other.execute("UPDATE client SET enabled = 0")
        assert own("GET", "/fhir/Patient").codes == ["security"]


def test_the_notice_goes_with_every_answer_alike(place: Place) -> None:
    own = place.client("program-ehr", OURS)
    person = place.participant()
    answers = [own("GET", f"/fhir/Patient/{person}"), own("GET", "/fhir/Patient/none"), own("GET", "/fhir/Basic")]
    assert {got.headers["x-confidentiality-notice"] for got in answers} == {
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    }


def test_every_route_asks_before_it_does_anything(place: Place) -> None:
    """A handler that is reached without a check would answer a guest with something else than 401 or what is open."""
    for route in ROUTES:
        type = route.on if route.on[0].isupper() else "Patient"
        address = route.address.replace("/*", f"/{type}", 1).replace("/*", "/1", 1).replace("/*", "/Encounter", 1)
        url = f"/fhir{address}".rstrip("/")
        got = place.guarded(route.method, url, b"{}", {"content-type": "application/fhir+json"})
        if route.on in ("published", "ValueSet", "CodeSystem", "ConceptMap") or route.address == "/metadata":
            continue
        assert got.status in (401, 404, 405), (route.method, url, got.status)
        assert got.status == 401 or "$" in url or route.on not in ("records", "any", "system"), (route.method, url)


def test_a_deletion_is_of_what_was_deleted_for_those_who_may_see_only_that(place: Place) -> None:
    staff.app(place.program, "office")
    billing = staff.token(place.program, staff.account(place.program, "bill", "billing"), "office", "user/*.rs")
    biller = Sender(place.guarded, billing)
    booked = posted(place.staff, "booking", booking(place.participant(), 4)).id
    assert biller("GET", f"/fhir/Appointment/{booked}").status == 200
    assert place.staff("DELETE", f"/fhir/Appointment/{booked}").status == 204
    assert biller("GET", f"/fhir/Appointment/{booked}").status == 410
