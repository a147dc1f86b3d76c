"""Staff approve the packet of a concurrent review: what contract and consent name goes to the payer, nothing else."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter.consent.notice import SHORT
from adapter.exchange.aftercare_composition import worded
from adapter.fhir.dates import milliseconds
from adapter.store.clients import Agreement
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.doors import staff
from tests.doors.records import posted
from tests.doors.serving import Clock, Got, door
from tests.doors.test_guarded import OTHERS, THEIRS, Json, Place, Sender, disclosures, placed
from tests.doors.test_payers import RESTRICTED, covered
from tests.doors.test_utilization import PLAN, admitted, planned
from tests.journeys.receivers import add_partner, free_port, running, worked
from tests.journeys.test_aftercare_pair import written
from tests.journeys.test_authorization_request import request, somebody

TYPES = "Appointment Communication Goal Observation"
NAMED = ["booking", "contact", "goal", "result"]
DAYS = "start=2026-01-05&end=2026-02-01"
CANARY = "Canary"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as place:
        yield place


class Story:
    """Somebody in treatment, whose payer is asked for more: what there is to tell, and much that is not for a payer."""

    def __init__(self, place: Place, *, contract: str = TYPES, consents: list[str] | None = NAMED) -> None:
        self.place = place
        self.payer = place.client("payer", THEIRS, "system/*.rs")
        self.agreed(contract)
        self.person = place.participant()
        self.episode = admitted(place, self.person)
        whose = self.whose = {"participant": self.person, "episode": self.episode}
        self.missed = planned(place, self.person, self.episode, PLAN[:4])[2]
        reached = {"status": "completed", "purpose": "outreach_after_no_show", "at": "2026-01-08T20:00:00Z"}
        called = {**whose, **reached, "booking": self.missed, "how": "phone", "outcome": "left_message"}
        self.contact = posted(place.staff, "contact", called | {"note": CANARY}).id
        other = {**whose, "status": "completed", "purpose": "care_coordination", "at": "2026-01-08T21:00:00Z"}
        self.other = posted(place.staff, "contact", other).id
        found = {"status": "final", "test": "cocaine_screen", "collected_at": "2026-01-09T14:00:00Z"}
        self.screen = posted(place.staff, "drug_result", whose | found | {"result": {"finding": "positive"}}).id
        scored = {"status": "final", "instrument": "phq9", "total": 14, "taken_at": "2026-01-09T15:00:00Z"}
        self.score = posted(place.staff, "screening", whose | scored).id
        reviews = [{"on": "2026-01-21", "achievement": "improving", "summary": CANARY}]
        wanted = {"in_own_words": "Ninety days without a drink", "status": "active", "status_reason": CANARY}
        self.goal = posted(place.staff, "goal", whose | wanted | {"reviews": reviews}).id
        consent = place.consent(self.person)
        self.minimum = str(consent["id"])
        self.id = request(place, self.person, episode=self.episode)
        self.consent = None if consents is None else place.consent(self.person, record_types=consents)

    def agreed(self, types: str) -> None:
        """The contract with the payer names these types."""
        began = milliseconds(self.place.program.clock()) - 1
        made = Agreement("payer-1", "contract", "A-1", began, None, types)
        self.place.program.store.change_clients(lambda clients: clients.agree(made)).result(30)

    def look(self, who: Any = None, days: str = DAYS) -> Got:
        got: Got = (who or self.place.staff)("GET", f"/iop/authorization_request/{self.id}/$review?{days}")
        return got

    def approve(self, said: Any, who: Any = None) -> Got:
        url, kind = f"/iop/authorization_request/{self.id}/$review", {"content-type": "application/json"}
        got: Got = who("POST", url, said, **kind) if who else self.place.staff("POST", url, said)
        return got

    def approved(self) -> Got:
        return self.approve(said_of(self.look().json))

    def counselor(self, name: str, *, cares: bool = True) -> tuple[str, Sender]:
        """A counselor, in whose care the person is; who it is, and what he asks with."""
        place = self.place
        id = written(place, {"resourceType": "Practitioner"})
        account = staff.account(place.program, name, "counselor", practitioner=id)
        staff.app(place.program, f"a-{name}")
        if cares:
            place.treated(self.person, f"Practitioner/{id}")
        return id, Sender(place.guarded, staff.token(place.program, account, f"a-{name}", "user/*.cruds"))


class Payer:
    """The server of a payer, which takes attachments; `answers` is what it says to the next."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.answers: tuple[int, Json] = (200, {"resourceType": "OperationOutcome", "issue": [TAKEN]})
        self.app = Starlette(routes=[Route("/fhir/$submit-attachment", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.heard.append(json.loads(await request.body()))
        status, body = self.answers
        return Response(json.dumps(body), status, media_type="application/fhir+json")


TAKEN = {"severity": "information", "code": "informational", "diagnostics": "taken"}


@pytest.fixture
def payer(tmp_path: Path) -> Iterator[tuple[Place, Payer]]:
    """A program, and the server of a payer that is its partner."""
    port, payer = free_port(), Payer()
    with placed(tmp_path, Clock(), partner_networks="127.0.0.0/8") as place, running(payer.app, port):
        add_partner(place, "plan", f"http://127.0.0.1:{port}/fhir", organization=THEIRS)
        yield place, payer


def document_in(sent: Json) -> Json:
    """The document in an attachment that was sent."""
    [given] = [one for one in sent["parameter"] if one["name"] == "Attachment"]
    [held] = [one["resource"] for one in given["part"] if one["name"] == "Content"]
    found: Json = json.loads(b64decode(held["content"][0]["attachment"]["data"]))
    return found


def figures(bundle: Json) -> dict[str, Json]:
    """The groups of the MeasureReport by figure."""
    [measured] = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "MeasureReport"]
    return {group["code"]["coding"][0]["code"]: group for group in measured["group"]}


def unsent(looked: Json) -> dict[str, str]:
    return {one["record"]: one["why"] for one in looked["unsent"]}


def said_of(looked: Json) -> Json:
    return {name: looked[name] for name in ("approval", "start", "end")}


def places(bundle: Json, *types: str) -> list[str]:
    found = [one["resource"] for one in bundle["entry"]]
    return [f"{one['resourceType']}/{one['id']}" for one in found if not types or one["resourceType"] in types]


def told(place: Place) -> list[str]:
    """What the ledger says was told of whom."""
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        rows = [row[0] for row in database.execute("SELECT list FROM shown ORDER BY n, patient").fetchall()]
    ledger.close()
    return [line.rpartition("/")[0] for row in rows for line in row.split("\n")]


def test_what_contract_and_consent_name_is_one_document_for_a_reviewer(place: Place) -> None:
    story = Story(place)
    looked = story.look()
    assert looked.status == 200, looked.body
    assert disclosures(place) == []
    got = story.approve(said_of(looked.json))
    assert got.status == 200, got.body
    assert got.headers["content-type"] == "application/fhir+json"
    assert got.headers["x-confidentiality-notice"] == SHORT
    bundle = got.json
    assert door().check(bundle) == []
    facts = [f"Appointment/{story.missed}", f"Communication/{story.contact}", f"Goal/{story.goal}"]
    assert places(bundle, "Appointment", "Communication", "Goal") == facts
    assert sorted(places(bundle, "Observation")) == sorted(f"Observation/{id}" for id in (story.screen, story.score))
    for one in (entry["resource"] for entry in bundle["entry"]):
        for claimed in one.get("meta", {}).get("profile", ()):
            assert place.program.profiles.check(one, claimed) == []
        if one["resourceType"] in TYPES.split():
            assert place.program.profiles.check(one, one["meta"]["profile"][0]) == []
            assert {label["code"] for label in one["meta"]["security"]} >= {"R", "42CFRPart2"}
    composition = bundle["entry"][0]["resource"]
    assert [section["title"] for section in composition["section"]] == [
        *("Request", "Attendance and units", "No-shows and outreach", "Drug tests and scores", "Goals"),
        *("Confidentiality", "What the consent covers"),
    ]
    assert composition["attester"][0]["mode"] == "professional"
    text = json.dumps(composition, ensure_ascii=False)
    for words in (
        "Ninety days without a drink",
        "Positive",
        "noshow",
        "Left a message",
        "telephone",
        "14",
        "reviewed: 2026-01-21 Improving",
        SHORT,
    ):
        assert words in text, words
    [measured] = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "MeasureReport"]
    figures = {group["code"]["coding"][0]["code"] for group in measured["group"]}
    assert {"attended-hours", "planned-hours", "no-shows", "screens", "goals"} <= figures
    assert CANARY.encode() not in got.body


def test_all_of_it_and_no_more_is_in_the_ledger_under_the_consent_that_names_it(place: Place) -> None:
    story = Story(place)
    assert story.approved().status == 200
    rows = disclosures(place)
    assert {row[:3] for row in rows} == {
        ("payer", story.minimum, "Claim/$review"),
        ("payer", story.consent["id"] if story.consent else "", "Claim/$review"),
    }
    listed = told(place)
    assert len(listed) == len(set(listed))
    facts = {f"Communication/{story.contact}", f"Goal/{story.goal}", f"Observation/{story.screen}"}
    assert facts | {f"Observation/{story.score}", f"Appointment/{story.missed}", f"Claim/{story.id}"} <= set(listed)
    assert f"Communication/{story.other}" not in listed


@pytest.mark.parametrize("consents", [None, ["goal"], ["booking", "contact", "result"], NAMED], ids=str)
def test_a_class_goes_only_if_both_name_it_and_what_stays_is_named(place: Place, consents: list[str] | None) -> None:
    story = Story(place, consents=consents)
    words = {"booking": "Appointment", "contact": "Communication", "goal": "Goal", "result": "Observation"}
    facts = dict(zip(words.values(), (story.missed, story.contact, story.goal, story.score), strict=True))
    for contract in ("", "Goal", "Appointment Observation", TYPES):
        story.agreed(contract)
        both, before = {words[word] for word in consents or ()} & set(contract.split()), told(place)
        looked = story.look().json
        assert {one.partition("/")[0] for one in places(looked["document"], *facts)} == both
        unsent = {one["record"]: one["why"] for one in looked["unsent"]}
        for type, id in facts.items():
            assert (f"{type}/{id}" in unsent) == (type not in both)
            if type not in contract.split():
                assert "contract" in unsent[f"{type}/{id}"]
        assert story.approve(said_of(looked)).status == 200
        assert {one.partition("/")[0] for one in told(place)[len(before) :]} & set(facts) == both


def test_nothing_of_it_is_to_be_had_at_the_api(place: Place) -> None:
    story = Story(place)
    assert story.approved().status == 200
    for type, id in (("Goal", story.goal), ("Observation", story.screen), ("Appointment", story.missed)):
        assert story.payer("GET", f"/fhir/{type}/{id}").status == 403


def test_what_was_looked_at_is_what_is_approved(place: Place) -> None:
    story = Story(place)
    looked = story.look().json
    change = {"status": "inactive", "revoked_at": "2026-03-02T09:30:00Z", "revoked_how": "paper"}
    assert story.consent
    got = place.staff("PATCH", f"/iop/consent/{story.consent['id']}", change, {"if-match": 'W/"1"'})
    assert got.status == 200, got.body
    refused = story.approve(said_of(looked))
    assert (refused.status, refused.codes) == (409, ["conflict"])
    assert disclosures(place) == []
    again = story.approved()
    assert again.status == 200
    assert places(again.json, "Goal", "Observation", "Appointment", "Communication") == []


def test_who_sees_all_of_it_approves_and_the_ledger_says_who(place: Place) -> None:
    story = Story(place)
    assert story.look(somebody(place, "billing")).status == 403
    _, stranger = story.counselor("bea", cares=False)
    assert story.look(stranger).status == 404
    who, counselor = story.counselor("cal")
    looked = story.look(counselor)
    assert looked.status == 200, looked.body
    assert story.approve(said_of(looked.json), counselor).status == 200
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        [(query,)] = set(database.execute("SELECT query FROM disclosure WHERE kind = 'payer'").fetchall())
    ledger.close()
    assert f"approved-by={who}".encode() in b64decode(query)


@pytest.mark.parametrize("why", ["no consent", "not a member", "restricted", "draft", "no episode"])
def test_without_a_claim_that_the_payer_may_see_there_is_no_packet(place: Place, why: str) -> None:
    story = Story(place)
    if why == "restricted":
        place.consent(story.person, **RESTRICTED)
    if why == "no consent":
        for consent in place.staff("GET", f"/iop/consent?participant={story.person}").json["records"]:
            place.revoked(consent)
    if why == "not a member":
        coverage = place.staff("GET", f"/fhir/Coverage?patient={story.person}").json["entry"][0]["resource"]
        for one in place.staff("GET", f"/fhir/Coverage?patient={story.person}").json["entry"]:
            ended = one["resource"] | {"payor": [{"reference": f"Organization/{OTHERS}"}]}
            assert place.staff("PUT", f"/fhir/Coverage/{coverage['id']}", ended).status == 200
    if why in ("draft", "no episode"):
        more = {"status": "draft"} if why == "draft" else {"episode": None}
        story.id = request(place, story.person, **{"episode": story.episode, **more})
    assert story.look().status == (409 if why in ("draft", "no episode") else 404)
    assert disclosures(place) == []


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, "approval"),
        ({"approval": "x", "start": "2026-01-05"}, "end"),
        ({"approval": "x", "start": "2026-01-05", "end": 3}, "end"),
        ({"approval": "x", "start": "2026-01-05", "end": "2026-02-01", "more": "x"}, "more"),
        ([], "approval"),
        ({"approval": "x", "start": "soon", "end": "2026-02-01"}, "start"),
    ],
)
def test_an_approval_that_says_too_little_or_too_much_is_refused_by_name(place: Place, said: Any, names: str) -> None:
    story = Story(place)
    got = story.approve(said)
    assert got.status == 400
    assert names in json.dumps(got.json["issue"])
    assert disclosures(place) == []


def test_words_that_are_none_are_refused(place: Place) -> None:
    story = Story(place)
    assert story.look(days="since=2026-01-01").status == 400
    assert story.look(days="start=2026-01-05&end=2024-01-01").status == 400
    assert place.staff("GET", "/iop/authorization_request/nobody/$review").status == 404
    said = {"approval": "x", "start": "2026-01-05", "end": "2026-02-01"}
    assert story.approve(said).status == 409


def test_a_payer_that_did_not_cover_the_person_then_is_not_told(place: Place) -> None:
    """A record is told to who covered the person on its day: here not from the 8th until half past nine on the 9th."""
    story = Story(place)
    for one in place.staff("GET", f"/fhir/Coverage?patient={story.person}").json["entry"]:
        later = one["resource"] | {"period": {"start": "2026-01-09T14:30:00Z"}}
        assert place.staff("PUT", f"/fhir/Coverage/{later['id']}", later).status == 200
    covered(place, story.person, period={"start": "2026-01-01", "end": "2026-01-07"})
    looked = story.look().json
    assert places(looked["document"], "Observation", "Appointment") == [f"Observation/{story.score}"]
    assert {f"Observation/{story.screen}", f"Appointment/{story.missed}"} <= {one["record"] for one in looked["unsent"]}


def test_what_is_approved_is_sent_to_the_payers_server_once(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    story = Story(place)
    said = said_of(story.look().json) | {"send": True}
    assert [story.approve(said).status for _ in range(2)] == [202, 202]
    worked(place)
    [sent] = server.heard
    assert door().check(sent) == []
    given = {one["name"]: one for one in sent["parameter"]}
    assert given["AttachTo"]["valueCode"] == "preauthorization"
    claim = f"{place.program.base_url}/Claim"
    assert given["TrackingId"]["valueIdentifier"] == {"system": claim, "value": story.id}
    assert given["MemberId"]["valueIdentifier"]["value"] == f"M-{THEIRS[-1]}"
    assert given["OrganizationId"]["valueIdentifier"]["system"].endswith("/Organization")
    assert given["MemberId"]["valueIdentifier"]["value"] == f"M-{THEIRS[-1]}"
    document = document_in(sent)
    assert places(document, "Goal") == [f"Goal/{story.goal}"]
    assert CANARY not in json.dumps(document)
    assert {row[2] for row in disclosures(place)} == {"Claim/$review"}
    assert len(told(place)) == len(set(told(place)))
    assert place.staff("GET", "/iop/deliveries").json["items"] == []


def test_what_has_changed_since_it_was_approved_is_not_sent_and_staff_are_told(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    story = Story(place)
    assert story.approve(said_of(story.look().json) | {"send": True}).status == 202
    assert story.consent
    place.revoked(story.consent)
    worked(place)
    assert (server.heard, disclosures(place)) == ([], [])
    [failing] = place.staff("GET", "/iop/deliveries").json["items"]
    assert (failing["kind"], failing["request"], failing["partner"]) == ("attach", story.id, "plan")
    assert "look at it again" in failing["reason"]
    again = story.approve(said_of(story.look().json) | {"send": True})
    assert again.status == 202
    worked(place)
    [sent] = server.heard
    assert places(document_in(sent), "Goal") == []


def test_a_payer_that_refuses_it_is_told_to_staff(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    server.answers = (422, {"resourceType": "OperationOutcome", "issue": [TAKEN | {"severity": "error"}]})
    story = Story(place)
    assert story.approve(said_of(story.look().json) | {"send": True}).status == 202
    worked(place)
    [failing] = place.staff("GET", "/iop/deliveries").json["items"]
    assert failing["kind"] == "attach"
    assert story.approve(said_of(story.look().json) | {"send": "yes"}).status == 400


def test_a_payer_without_a_server_is_sent_nothing(place: Place) -> None:
    story = Story(place)
    got = story.approve(said_of(story.look().json) | {"send": True})
    assert (got.status, got.codes) == (409, ["business-rule"])
    assert disclosures(place) == []


@pytest.mark.parametrize(
    ("consents", "told"),
    [
        (["goal"], ["goals"]),
        (["booking"], ["planned-hours"]),
        (["booking", "contact"], ["planned-hours", "no-shows"]),
        (["result"], ["screens"]),
    ],
    ids=str,
)
def test_no_figure_is_told_of_a_class_that_a_consent_does_not_name(
    place: Place, consents: list[str], told: list[str]
) -> None:
    """A nought would be untrue: nobody planned anything, nobody tried to reach the person."""
    found = figures(Story(place, consents=consents).look().json["document"])
    assert {"planned-hours", "no-shows", "screens", "goals"} & set(found) == set(told)


def test_a_class_that_the_consent_excepts_is_in_no_figure(place: Place) -> None:
    story = Story(place, consents=None)
    place.consent(story.person, record_types=NAMED, exceptions=[{"decision": "deny", "record_types": ["contact"]}])
    looked = story.look().json
    assert "no-shows" not in figures(looked["document"])
    assert f"Communication/{story.contact}" in unsent(looked)


def test_bookings_that_are_kept_back_are_named_too(place: Place) -> None:
    story = Story(place, consents=None)
    place.consent(story.person, record_types=NAMED, data_from="2026-01-07", data_until="2026-01-08")
    looked = story.look().json
    kept = [one for one in unsent(looked) if one.startswith("Appointment/")]
    assert len(kept) == 3  # two of the 6th here, and that of the 9th
    assert figures(looked["document"])["planned-hours"]["measureScore"]["value"] == 3


def test_what_is_parked_is_in_no_figure_and_told_nowhere(place: Place) -> None:
    """A result that is about somebody else too is parked."""
    story = Story(place)
    spouse = written(place, {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{story.person}"}})
    result = place.staff("GET", f"/fhir/Observation/{story.screen}").json
    other = {name: value for name, value in result.items() if name not in ("id", "meta")}
    id = written(place, other | {"focus": [{"reference": f"RelatedPerson/{spouse}"}]})
    got = story.approved()
    assert figures(got.json)["screens"]["measureScore"]["value"] == 1
    assert id not in got.body.decode()
    assert f"Observation/{id}" not in told(place)


def test_a_goal_is_told_with_the_reviews_of_days_on_which_it_may_be(place: Place) -> None:
    story = Story(place, consents=None)
    reviews = [{"on": day, "achievement": "improving"} for day in ("2026-01-10", "2026-01-21", "2026-02-20")]
    wanted = {"in_own_words": "Sleep", "status": "active", "started_on": "2026-01-06", "reviews": reviews}
    goal = posted(place.staff, "goal", story.whose | wanted).id
    place.consent(story.person, record_types=NAMED, data_from="2026-01-05", data_until="2026-01-18")
    looked = story.look().json
    [told_of] = [one["resource"] for one in looked["document"]["entry"] if one["resource"]["id"] == goal]
    assert [part["valueDate"] for one in told_of["extension"] for part in one["extension"] if part["url"] == "on"] == [
        "2026-01-10"
    ]
    assert figures(looked["document"])["goals"]["measureScore"]["value"] == 1


def test_labels_are_those_of_what_is_left(place: Place) -> None:
    """What was cut away named HIV; the consent covers that, and the packet does not tell it."""
    story = Story(place)
    resource = place.staff("GET", f"/fhir/Goal/{story.goal}").json
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "B20"}]}
    etag = place.staff("GET", f"/fhir/Goal/{story.goal}").headers["etag"]
    got = place.staff("PUT", f"/fhir/Goal/{story.goal}", resource | {"outcomeCode": [coded]}, {"if-match": etag})
    assert got.status == 200, got.body
    [goal] = [one["resource"] for one in story.approved().json["entry"] if one["resource"]["id"] == story.goal]
    assert "HIV" not in {label["code"] for label in goal["meta"]["security"]}


def test_a_goal_that_is_void_is_not_told(place: Place) -> None:
    story = Story(place)
    got = place.staff("PATCH", f"/iop/goal/{story.goal}", {"status": "entered_in_error"}, {"if-match": 'W/"1"'})
    assert got.status == 200, got.body
    bundle = story.approved().json
    assert places(bundle, "Goal") == []
    assert "measureScore" not in figures(bundle)["goals"]


def test_another_consent_in_the_place_of_the_one_that_was_looked_at_is_looked_at_again(place: Place) -> None:
    story = Story(place)
    looked = story.look().json
    assert story.consent
    place.revoked(story.consent)
    place.consent(story.person, record_types=NAMED)
    assert story.approve(said_of(looked)).status == 409


def test_a_consent_that_says_more_than_when_it_was_looked_at_is_looked_at_again(place: Place) -> None:
    """Its scope is told in the document."""
    story = Story(place)
    looked = story.look().json
    assert story.consent
    change = {"expires_on": "2027-01-31", "expires_with": None}
    got = place.staff("PATCH", f"/iop/consent/{story.consent['id']}", change, {"if-match": 'W/"1"'})
    assert got.status == 200, got.body
    assert story.approve(said_of(looked)).status == 409
    assert story.approved().status == 200


def test_what_is_of_no_day_of_the_episode_or_of_another_is_no_fact(place: Place) -> None:
    story = Story(place)
    found = {"participant": story.person, "status": "final", "test": "cocaine_screen"}
    early = {"collected_at": "2025-12-20T14:00:00Z", "result": {"finding": "positive"}}
    before = posted(place.staff, "drug_result", found | early).id
    elsewhere = admitted(place, story.person, admitted_on="2025-01-05", discharged_on="2025-03-01", status="finished")
    called = {"participant": story.person, "episode": elsewhere, "status": "completed", "at": "2026-01-08T22:00:00Z"}
    other = posted(place.staff, "contact", called | {"purpose": "outreach_after_no_show"}).id
    text = json.dumps(story.look(days="start=2025-12-01&end=2026-02-01").json["document"])
    assert before not in text
    assert other not in text


def test_a_panel_is_named_as_kept_back_and_what_is_preliminary_is_told_so(place: Place) -> None:
    story = Story(place)
    change = place.staff("PATCH", f"/iop/drug_result/{story.screen}", {"status": "preliminary"}, {"if-match": 'W/"1"'})
    assert change.status == 200, change.body
    reading = {"test": "cocaine_screen", "result": {"finding": "positive"}}
    panel = {"status": "final", "collected_at": "2026-01-10T14:00:00Z", "readings": [reading], "panel": "on_site_cup"}
    made = place.staff("POST", "/iop/drug_screen_panel", story.whose | panel)
    assert made.status == 201, made.body
    looked = story.look().json
    assert f"Observation/{made.id}" in unsent(looked)
    assert "Positive; preliminary" in json.dumps(looked["document"]["entry"][0])


def test_bookings_that_no_figure_counts_are_not_in_the_ledger(place: Place) -> None:
    story = Story(place)
    gone = planned(place, story.person, story.episode, [(20, 14, 60, "group", "cancelled")])[0]
    assert story.approved().status == 200
    assert f"Appointment/{gone}" not in told(place)


def test_who_has_no_member_number_is_not_sent(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    story = Story(place)
    for one in place.staff("GET", f"/fhir/Coverage?patient={story.person}").json["entry"]:
        bare = {name: value for name, value in one["resource"].items() if name != "identifier"}
        assert place.staff("PUT", f"/fhir/Coverage/{bare['id']}", bare).status == 200
    got = story.approve(said_of(story.look().json) | {"send": True})
    assert (got.status, got.codes) == (409, ["business-rule"])
    assert server.heard == []


def test_the_number_of_the_coverage_that_is_asked_is_the_members(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    story = Story(place)
    typed = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB"}]}
    for one in place.staff("GET", f"/fhir/Coverage?patient={story.person}").json["entry"]:
        numbers = [{"value": "POLICY-1"}, {"type": typed, "system": "urn:plan", "value": "NEW"}]
        assert place.staff("PUT", f"/fhir/Coverage/{one['resource']['id']}", one["resource"] | {"identifier": numbers})
    assert story.approve(said_of(story.look().json) | {"send": True}).status == 202
    worked(place)
    [sent] = server.heard
    given = {one["name"]: one for one in sent["parameter"]}
    assert given["MemberId"]["valueIdentifier"]["value"] == "NEW"


def test_of_one_approval_the_document_is_the_same_however_often_it_is_sent(payer: tuple[Place, Payer]) -> None:
    place, server = payer
    server.answers = (503, {"resourceType": "OperationOutcome", "issue": [TAKEN | {"severity": "error"}]})
    story = Story(place)
    assert story.approve(said_of(story.look().json) | {"send": True}).status == 202
    worked(place)
    server.answers = (200, {"resourceType": "OperationOutcome", "issue": [TAKEN]})
    [failing] = place.staff("GET", "/iop/deliveries").json["items"]
    assert place.staff("POST", f"/iop/deliveries/attach/{failing['key']}/$replay").status == 202
    worked(place)
    first, again = server.heard
    assert first == again
    composition = document_in(again)["entry"][0]["resource"]
    assert composition["attester"][0]["time"] == composition["date"] == document_in(first)["timestamp"]


def test_ranges_and_ratios_are_read_too() -> None:
    drinks = {"low": {"value": 0, "unit": "d"}, "high": {"value": 2, "unit": "d"}}
    assert worded(drinks) == "0 d to 2 d"
    assert worded({"numerator": {"value": 1}, "denominator": {"value": 3}}) == "1 of 3"
