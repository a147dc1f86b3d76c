"""Subscriptions at the door: what is refused of them, whose they are, what is asked of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.clients import token_of
from tests.doors.receiving import Receiver
from tests.doors.serving import door
from tests.doors.subscribers import (
    changed,
    episode,
    place_to_tell,
    standing,
    subscribed,
    subscriber,
    subscription,
    topic,
    work,
)
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, masked, officer

BAD = tomllib.loads(Path(__file__).with_name("bad_subscriptions.toml").read_text("utf-8"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_to_tell(tmp_path) as place:
        yield place


def put(resource: Any, path: str, value: Any) -> None:
    *places, last = path.split(".")
    for one in places:
        resource = resource[int(one) if isinstance(resource, list) else one]
    resource[last] = value


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Sender]]:
    """A place where nothing is made, and a client of it."""
    with place_to_tell(tmp_path_factory.mktemp("bad")) as place:
        yield place, subscriber(place, "https://clinic.example/told")


@pytest.mark.parametrize("name", BAD)
def test_what_would_not_be_heard_is_refused_and_named(known: tuple[Place, Sender], name: str) -> None:
    row, sent = BAD[name], subscription("https://clinic.example/told")
    for path, value in row.get("set", {}).items():
        put(sent, path, value)
    for path in row.get("unset", ()):
        del sent[path]
    got = known[1]("POST", "/fhir/Subscription", sent)
    assert (got.status, got.expressions[:1]) == (row["status"], [row["at"]]), got.body
    assert known[1]("GET", "/fhir/Subscription").json.get("entry", []) == []


def test_all_that_is_wrong_is_told_at_once(known: tuple[Place, Sender]) -> None:
    sent = subscription("https://clinic.example/told", filters="x=y", header=["A: b"])
    got = known[1]("POST", "/fhir/Subscription", sent | {"status": "off"})
    assert len(got.json["issue"]) == 3


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [
        ("program-ehr", "discharged", 201),
        ("provider-ehr", "admitted", 201),
        ("facility", "admitted", 403),
        ("facility", "referral-status-changed", 201),
        ("payer", "admitted", 403),
        ("payer", "authorization-running-out", 403),
        ("facility", "authorization-running-out", 403),
        ("payer", "export-ready", 201),
        ("facility", "export-ready", 403),
    ],
)
def test_each_kind_of_client_has_its_topics(place: Place, kind: str, name: str, status: int) -> None:
    client = subscriber(place, "https://clinic.example/told", kind, THEIRS)
    assert client("POST", "/fhir/Subscription", subscription("https://clinic.example/told", name)).status == status


def test_staff_and_whoever_could_not_read_what_it_is_told_of_subscribe_to_nothing(place: Place) -> None:
    url = "https://clinic.example/told"
    assert place.client("staff", scopes="user/*.cruds")("POST", "/fhir/Subscription", subscription(url)).status == 403
    narrow = subscriber(place, url, scopes="system/Subscription.crds system/Patient.rs")
    assert narrow("POST", "/fhir/Subscription", subscription(url)).status == 403
    without = subscriber(place, url, scopes="system/EpisodeOfCare.rs")
    assert without("POST", "/fhir/Subscription", subscription(url)).status == 403


def test_a_subscription_of_another_client_is_not_there(place: Place, receiver: Receiver) -> None:
    mine, yours = (subscriber(place, receiver, organization=by) for by in (THEIRS, OTHERS))
    made = subscribed(mine, receiver)
    work(place)
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/$status"),
        ("GET", "/$events"),
        ("PUT", ""),
        ("GET", "/_history"),
    ):
        got, absent = (yours(method, f"/fhir/Subscription/{id}{path}") for id in (made.id, "none"))
        assert masked(got) == masked(absent), (method, path)
        assert got.status in (404, 403)
    assert yours("GET", "/fhir/Subscription").json.get("entry", []) == []
    assert yours("GET", f"/fhir/Subscription?_id={made.id}").json.get("entry", []) == []
    assert yours("GET", f"/fhir/Subscription/$status?id={made.id}").json["total"] == 0
    assert mine("GET", f"/fhir/Subscription/{made.id}").status == 200


def test_a_client_finds_its_own_and_a_privacy_officer_all_without_their_secrets(
    place: Place, receiver: Receiver
) -> None:
    mine = subscriber(place, receiver)
    ids = [subscribed(mine, receiver).id for _ in range(3)]
    page = mine("GET", "/fhir/Subscription?_count=2&status=requested").json
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    rest = mine("GET", following.removeprefix(place.program.base_url.removesuffix("/fhir"))).json
    assert [entry["resource"]["id"] for entry in (*page["entry"], *rest["entry"])] == sorted(ids)
    theirs = officer(place)
    all_of_them = theirs("GET", "/fhir/Subscription").json["entry"]
    assert len(all_of_them) == 3
    assert "whsec_" not in str(page) + str(all_of_them) + str(theirs("GET", f"/fhir/Subscription/{ids[0]}").json)
    assert mine("GET", f"/fhir/Subscription/{ids[0]}").json["channel"]["header"][0].startswith("Webhook-Secret: whsec_")
    for wrong in ("status=open", "url=x", "_count=0", "_page=x"):
        assert mine("GET", f"/fhir/Subscription?{wrong}").status == 400
    made = mine("GET", f"/fhir/Subscription/{ids[0]}").json
    assert not door().check(made)


def test_one_that_was_ended_is_told_nothing_more(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver)
    made = subscribed(own, receiver)
    work(place)
    episode(place, place.participant())
    assert own("DELETE", f"/fhir/Subscription/{made.id}").status == 204
    work(place)
    assert receiver.events == []
    assert own("GET", f"/fhir/Subscription/{made.id}").status == 404


def test_a_subscription_is_made_in_no_bundle_and_without_a_condition(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver, scopes="system/*.cruds")
    entry = {"resource": subscription(receiver), "request": {"method": "POST", "url": "Subscription"}}
    for type in ("batch", "transaction"):
        got = own("POST", "/fhir", {"resourceType": "Bundle", "type": type, "entry": [entry]})
        said = got.json if type == "transaction" else got.json["entry"][0]["response"]["outcome"]
        assert "in no Bundle" in str(said)
    got = own("POST", "/fhir/Subscription", subscription(receiver), **{"if-none-exist": "status=active"})
    assert got.status == 400
    assert own("GET", "/fhir/Subscription").json.get("entry", []) == []


def test_what_was_missed_can_be_asked_for_as_far_as_it_may_be_seen_then(place: Place, receiver: Receiver) -> None:
    provider = subscriber(place, receiver, "provider-ehr", THEIRS)
    made = subscribed(provider, receiver)
    work(place)
    receiver.answers = lambda handler: (500, {})
    people = [place.participant() for _ in range(3)]
    consents = {}
    for person in people[1:]:
        place.treated(person)
        consents[person] = place.consent(person)
    for person in people:
        episode(place, person)
    got = provider("GET", f"/fhir/Subscription/{made.id}/$events")
    parameters = got.json["entry"][0]["resource"]["parameter"]
    assert {"name": "type", "valueCode": "query-event"} in parameters
    assert not door().check(got.json)
    assert len(got.json["entry"]) == 3
    some = provider("GET", f"/fhir/Subscription/{made.id}/$events?eventsSinceNumber=2&content=empty").json
    assert len(some["entry"]) == 1
    assert "EpisodeOfCare" not in str(some)
    place.revoked(consents[people[1]])
    assert len(provider("GET", f"/fhir/Subscription/{made.id}/$events").json["entry"]) == 2
    receiver.answers = lambda handler: (200, {})
    work(place)
    assert [one.numbers for one in receiver.events] == [[2]]
    stands = provider("GET", f"/fhir/Subscription/{made.id}/$status").json["entry"][0]["resource"]["parameter"]
    assert {"name": "events-since-subscription-start", "valueString": "2"} in stands
    for wrong in ("eventsSinceNumber=x", "content=full-resource", "other=1"):
        assert provider("GET", f"/fhir/Subscription/{made.id}/$events?{wrong}").status == 400


def test_a_token_that_sees_less_takes_nothing_from_what_the_subscription_is_told(
    place: Place, receiver: Receiver
) -> None:
    own = subscriber(place, receiver)
    made = subscribed(own, receiver)
    work(place)
    receiver.answers = lambda handler: (500, {})
    episode(place, place.participant())
    id = standing(place, made.id).client
    token = token_of(
        place.guarded, place.program, next(place.numbers), id=id, form={"scope": "system/Subscription.crds"}
    )
    less = Sender(place.guarded, token)
    assert len(less("GET", f"/fhir/Subscription/{made.id}/$events").json["entry"]) == 1
    receiver.answers = lambda handler: (200, {})
    work(place)
    assert [one.numbers for one in receiver.events] == [[1]]


def test_filters_narrow_to_one_person_or_one_stay(place: Place, receiver: Receiver) -> None:
    own = subscriber(place, receiver)
    one, other = place.participant(), place.participant()
    stays = [episode(place, person, "planned") for person in (one, other)]
    subscribed(own, receiver, filters=f"EpisodeOfCare?patient=Patient/{one}")
    subscribed(own, receiver, filters=f"episode={place.program.base_url}/EpisodeOfCare/{stays[1].id}")
    subscribed(own, receiver, filters=f"patient={one}&episode=EpisodeOfCare/{stays[1].id}")
    work(place)
    for stay in stays:
        changed(place, stay, status="active")
    work(place)
    focuses = sorted(one.said["events"][0]["focus"]["reference"].rpartition("/")[2] for one in receiver.events)
    assert focuses == sorted(stay.id for stay in stays)


def test_the_statement_names_the_topics_that_there_are(place: Place) -> None:
    rest = place.guarded("GET", "/fhir/metadata").json["rest"][0]
    [here] = [resource for resource in rest["resource"] if resource["type"] == "Subscription"]
    urls = {one["valueCanonical"] for one in here["extension"]}
    names = ("referral-status-changed", "admitted", "discharged", "authorization-running-out", "export-ready")
    assert urls == {topic(name) for name in names}
    assert [one["code"] for one in here["interaction"]] == ["read", "search-type", "create", "delete"]
    assert {one["name"] for one in here["operation"]} == {"status", "events", "validate"}


def test_a_server_that_was_started_open_tells_nobody_of_anything(place: Place) -> None:
    made = place.staff("POST", "/fhir/Subscription", subscription("https://clinic.example/told"))
    assert (made.status, made.json["status"]) == (201, "requested")
    assert place.staff("GET", f"/fhir/Subscription/{made.id}/$status").status == 403
    assert officer(place)("GET", f"/fhir/Subscription/{made.id}").status == 404
