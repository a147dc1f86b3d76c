"""Episodes under HIPAA alone beside those of a part 2 program: 42 CFR 2.12(e), 2.13(c); 45 CFR 164.506."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter import app, keeper
from adapter.consent.labels import ACT_CODE, LABELLED
from adapter.settings import Settings
from adapter.store.backup import dump
from adapter.store.check import check
from tests.doors.mixed import OF_EPISODE, OUR_LINK, Sides, episode, faults, ids, link, mixed, protected
from tests.doors.packets import packet
from tests.doors.serving import place as store_at
from tests.doors.test_exports import fetched, group, manifest
from tests.doors.test_guarded import THEIRS, Json, placed
from tests.doors.test_guarded import officer as privacy_officer
from tests.doors.test_labels_shown import OUR, N, condition, label, made, security
from tests.doors.test_payers import RESTRICTED, SNOMED, covered
from tests.doors.test_referrals import SCOPES, SUBMIT
from tests.doors.test_taken_back import take_back, whole

EPISODE_KIND = "https://iop-fhir-adapter.org/fhir/CodeSystem/episode-kind"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with mixed(tmp_path_factory.mktemp("mixed") / "it") as place:
        yield place


@pytest.fixture
def sides(place: Any) -> Sides:
    return Sides(place)


def in_episode(id: str) -> Json:
    return {"extension": [{"url": OF_EPISODE, "valueReference": link(id)}]}


def test_without_a_consent_the_episode_under_hipaa_alone_is_seen_and_no_other(sides: Sides) -> None:
    open_one, closed, silent = sides.opened("hipaa"), sides.opened("part2"), sides.opened()
    seen = sides.visit(open_one)
    for others in ((closed,), (silent,), (open_one, closed), ("not-here",), ()):
        sides.visit(*others)
    assert sides.seen("Encounter") == {seen}
    assert sides.seen("EpisodeOfCare") == {open_one}
    assert sides.seen("Patient") == {sides.person}
    for asker in (sides.provider, sides.payer, sides.ehr):
        got = asker("GET", f"/fhir/Encounter/{seen}")
        assert security(got.json) == [N]
        assert got.headers["x-confidentiality-notice"]
    assert security(sides.ehr("GET", f"/fhir/EpisodeOfCare/{closed}").json) == OUR
    assert faults(sides.place) == []


def test_a_consent_under_part_2_shows_both(sides: Sides) -> None:
    visits = {sides.visit(sides.opened("hipaa")), sides.visit(sides.opened())}
    sides.place.consent(sides.person)
    assert sides.seen("Encounter") == visits


def test_a_refusal_holds_of_both(sides: Sides) -> None:
    visit = sides.visit(sides.opened("hipaa"))
    assert sides.seen("Encounter") == {visit}
    sides.place.consent(sides.person, **RESTRICTED, sensitivities=None, purposes=["treatment", "payment"])
    assert sides.seen("Encounter") == set()


def test_a_patient_is_seen_as_soon_as_one_episode_is_and_a_hidden_one_changes_nothing(sides: Sides) -> None:
    assert sides.seen("Patient") == set()
    protected_one = sides.opened()
    assert sides.seen("Patient") == set()
    open_one = sides.opened("hipaa")
    assert sides.seen("Patient") == {sides.person}
    before = [one("GET", f"/fhir/Patient/{sides.person}").body for one in (sides.provider, sides.payer)]
    sides.opened("part2")
    assert [one("GET", f"/fhir/Patient/{sides.person}").body for one in (sides.provider, sides.payer)] == before
    sides.says(open_one, None)
    assert sides.seen("Patient") == set()
    sides.says(protected_one, "hipaa")
    assert sides.seen("Patient") == {sides.person}
    assert sides.place.staff("DELETE", f"/fhir/EpisodeOfCare/{protected_one}").status == 204
    assert sides.seen("Patient") == set()


def test_a_payer_finds_and_pulls_its_members_by_their_episodes_under_hipaa_alone(tmp_path: Path) -> None:
    with mixed(tmp_path / "it") as place:
        sides = Sides(place)
        closed = sides.opened("part2")
        sides.visit(closed)

        def pulled() -> set[str]:
            at = f"{group(sides.payer)}/$export?_type=Coverage,EpisodeOfCare,Encounter"
            return {one["id"] for one in fetched(sides.payer, manifest(place, sides.payer, at))}

        assert (sides.seen_by(sides.payer, "Coverage"), pulled()) == (set(), set())
        open_one = sides.opened("hipaa")
        visit, [coverage] = sides.visit(open_one), sides.seen_by(sides.payer, "Coverage")
        assert pulled() == {coverage, open_one, visit}
        linked = covered(place, sides.person, extension=[{"url": OUR_LINK, "valueReference": link(closed)}])
        assert sides.seen_by(sides.payer, "Coverage") == {coverage}
        sides.says(closed, "hipaa")
        assert sides.seen_by(sides.payer, "Coverage") == {coverage, linked}
        for one in (open_one, closed):
            sides.says(one, None)
        assert (sides.seen_by(sides.payer, "Coverage"), pulled()) == (set(), set())
        assert faults(place) == []


@pytest.mark.parametrize("what", ["mixed", "neither", "part2", None, "entered-in-error", "twice"])
def test_in_doubt_an_episode_is_protected(sides: Sides, what: str | None) -> None:
    id = sides.opened("hipaa")
    visit = sides.visit(id)
    assert sides.seen("Encounter") == {visit}
    status = {"status": what} if what == "entered-in-error" else {}
    twice = {"extension": [*episode("x", "hipaa")["extension"], *episode("x", "part2")["extension"]]}
    sides.says(id, "hipaa" if status else what, **(twice if what == "twice" else status))
    assert (sides.seen("Encounter"), sides.seen("EpisodeOfCare")) == (set(), set())
    sides.says(id, "hipaa")
    assert sides.seen("Encounter") == {visit}


def test_what_was_once_in_a_part_2_episode_stays_protected(sides: Sides, tmp_path: Path) -> None:
    open_one, closed = sides.opened("hipaa"), sides.opened()
    visit = sides.visit(open_one)
    etag = sides.payer("GET", f"/fhir/Encounter/{visit}").headers["etag"]
    sides.moved(visit, closed)
    assert sides.seen("Encounter") == set()
    assert sides.provider("GET", f"/fhir/Encounter/{visit}/_history/1").status == 404
    sides.moved(visit, open_one)
    assert sides.seen("Encounter") == set()
    sides.says(closed, "hipaa")  # the mistake was in the episode
    assert sides.seen("Encounter") == {visit}
    assert sides.payer("GET", f"/fhir/Encounter/{visit}").headers["etag"] != etag
    whole(sides.place, tmp_path)


def test_what_gets_an_episode_later_belongs_to_it(sides: Sides) -> None:
    visit, id = sides.visit(), sides.opened("hipaa")
    sides.moved(visit, id)
    assert sides.seen("Encounter") == {visit}
    sides.moved(visit)
    assert sides.seen("Encounter") == set()


def test_a_visit_that_comes_before_its_episode_is_protected_until_that_is_known(sides: Sides) -> None:
    id = f"e1000000-0000-4000-8000-0000000000{sides.person[-2:]}"
    visit = sides.visit(id)
    assert sides.seen("Encounter") == set()
    said = {"participant": sides.person, "status": "active", "part2_posture": "hipaa"}
    assert sides.place.staff("PUT", f"/iop/episode/{id}", said).status == 201
    assert sides.seen("Encounter") == {visit}


def test_in_one_bundle_the_order_does_not_matter(sides: Sides) -> None:
    visit = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": ACT_CODE, "code": "AMB"},
        "subject": {"reference": f"Patient/{sides.person}"},
        "episodeOfCare": [{"reference": "urn:uuid:e2000000-0000-4000-8000-000000000001"}],
    }
    parts = [visit, episode(sides.person, "hipaa")]
    urls = [f"urn:uuid:e2000000-0000-4000-8000-00000000000{n}" for n in (2, 1)]
    entries = [
        {"fullUrl": url, "resource": part, "request": {"method": "POST", "url": part["resourceType"]}}
        for url, part in zip(urls, parts, strict=True)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    got = sides.ehr("POST", "/fhir", bundle, prefer="return=representation")
    assert got.status == 200, got.body
    assert [security(entry["resource"]) for entry in got.json["entry"]] == [[N], [N]]
    assert len(sides.seen("Encounter")) == 1


def test_the_answer_to_a_write_says_what_is_so_after_it(sides: Sides) -> None:
    """Else whoever writes that back would say himself that part 2 protects it."""
    id = sides.opened()
    read = sides.ehr("GET", f"/fhir/EpisodeOfCare/{id}").json
    said = sides.ehr("PUT", f"/fhir/EpisodeOfCare/{id}", {**read, **in_posture("hipaa")})
    assert security(said.json) == [N]
    assert sides.ehr("PUT", f"/fhir/EpisodeOfCare/{id}", {**said.json, "status": "onhold"}).status == 200
    assert sides.seen("EpisodeOfCare") == {id}


def in_posture(posture: str) -> Json:
    return {"extension": episode("x", posture)["extension"]}


def test_every_type_by_its_own_link_and_not_by_way_of_a_visit(sides: Sides) -> None:
    id = sides.opened("hipaa")
    linked = made(sides.ehr, condition(sides.person, "J45.20", **in_episode(id))).id
    made(sides.ehr, condition(sides.person, "J45.20", encounter={"reference": f"Encounter/{sides.visit(id)}"}))
    unknown = {"extension": [{"url": OF_EPISODE, "valueReference": {"display": "the other one"}}]}
    made(sides.ehr, condition(sides.person, "J45.20", extension=[*in_episode(id)["extension"], *unknown["extension"]]))
    assert sides.seen_by(sides.provider, "Condition") == {linked}


def test_what_it_tells_of_waits_for_a_consent_as_under_hipaa_alone(sides: Sides) -> None:
    """K13: the law of the state is not configured; and of whom it names it tells what that tells."""
    id = sides.opened("hipaa")
    plain = made(sides.ehr, condition(sides.person, "J45.20", **in_episode(id))).id
    for code in ("F10.20", "F33.1", "B20"):
        made(sides.ehr, condition(sides.person, code, **in_episode(id)))
    closed = made(sides.ehr, condition(sides.person, "J45.20")).id
    detail = {"reference": f"Condition/{closed}", "display": "what else is known"}
    made(sides.ehr, condition(sides.person, "J45.20", evidence=[{"detail": [detail]}], **in_episode(id)))
    assert sides.seen_by(sides.provider, "Condition") == {plain}


def test_what_the_law_of_the_state_lets_go_goes(tmp_path: Path) -> None:
    with mixed(tmp_path / "it", consent_free="MH") as place:
        sides = Sides(place)
        id, closed = sides.opened("hipaa"), sides.opened()
        seen = made(sides.ehr, condition(sides.person, "F33.1", **in_episode(id))).id
        made(sides.ehr, condition(sides.person, "F33.1", **in_episode(closed)))
        assert sides.seen_by(sides.provider, "Condition") == {seen}


def together(episode: str, start: str, end: str) -> Json:
    """A group session in an episode."""
    return {
        "type": [{"coding": [{"system": SNOMED, "code": "76168009"}]}],
        "period": {"start": f"2026-02-04T{start}:00Z", "end": f"2026-02-04T{end}:00Z"},
        "episodeOfCare": [link(episode)],
    }


def test_a_counted_day_outside_part_2_tells_nothing_of_the_sessions_of_an_episode_inside(tmp_path: Path) -> None:
    with mixed(tmp_path / "it", consent_free="MH") as place:
        sides = Sides(place)
        kind = [{"coding": [{"system": EPISODE_KIND, "code": "mental-health"}]}]
        open_one, closed = sides.opened("hipaa", type=kind), sides.opened("part2")
        seen = place.session(sides.person, **together(open_one, "13:00", "15:00"))
        place.session(sides.person, **together(closed, "15:00", "19:00"))
        assert sides.seen("Procedure") == set()
        place.session(sides.person, **together(open_one, "19:00", "20:00"))
        (day,) = sides.seen("Procedure")
        urls = [f"/fhir/Procedure/{day}", f"/fhir/Procedure?patient={sides.person}"]
        before = [asker("GET", url).body for url in urls for asker in (sides.provider, sides.payer)]
        secret = place.session(sides.person, **together(closed, "20:00", "23:00"))
        place.session(sides.person, **together(closed, "13:30", "14:00"))
        assert [asker("GET", url).body for url in urls for asker in (sides.provider, sides.payer)] == before
        told = sides.provider("GET", urls[0]).body
        assert (seen.encode() in told, secret.encode() in told) == (True, False)
        days = place.staff("GET", f"/iop/program_day?participant={sides.person}").json["days"]
        assert {one["episode"]: one["minutes"] for one in days} == {open_one: 180, closed: 450}


def test_a_session_that_part_2_protects_is_no_part_of_a_day_outside_it(tmp_path: Path) -> None:
    with mixed(tmp_path / "it", consent_free="MH") as place:
        sides = Sides(place)
        kind = [{"coding": [{"system": EPISODE_KIND, "code": "mental-health"}]}]
        open_one, closed = sides.opened("hipaa", type=kind), sides.opened("part2", type=kind)
        place.session(sides.person, **together(open_one, "13:00", "16:00"))
        asked = f"/fhir/Procedure?patient={sides.person}"
        before = [asker("GET", asked).body for asker in (sides.provider, sides.payer)]
        moved = place.session(sides.person, **together(closed, "17:00", "21:00"))
        sides.moved(moved, open_one)
        assert [asker("GET", asked).body for asker in (sides.provider, sides.payer)] == before
        said = {"meta": {"security": [label("42CFRPart2")]}}
        labelled = place.session(sides.person, **together(open_one, "21:00", "22:00"))
        stored = place.staff("GET", f"/fhir/Encounter/{labelled}").json
        assert place.staff("PUT", f"/fhir/Encounter/{labelled}", stored | said).status == 200
        (day,) = place.staff("GET", f"/iop/program_day?participant={sides.person}").json["days"]
        assert (day["minutes"], len([one for one in day["explained"] if "part 2 protects" in one["words"]])) == (180, 2)
        (service,) = sides.seen("Procedure")
        for posture, minutes in (("hipaa", 420), ("part2", 180), ("hipaa", 420), ("hipaa", 180)):
            status = "active" if minutes == 420 or posture == "part2" else "entered-in-error"
            sides.says(closed, posture, type=kind, status=status)  # the mistake was in the episode, or was none
            assert place.staff("GET", f"/iop/service/{service}").json["minutes_counted"] == minutes
        got = take_back(privacy_officer(place), f"Encounter/{labelled}", f"{ACT_CODE}|42CFRPart2")
        assert got.status == 200, got.body
        place.session(sides.person, **together(open_one, "12:00", "13:00"))
        assert place.staff("GET", f"/iop/service/{service}").json["minutes_counted"] == 300


def test_a_sender_who_says_part_2_is_heard_and_it_can_be_taken_back(sides: Sides) -> None:
    id, officer = sides.opened("hipaa"), privacy_officer(sides.place)
    visit = sides.visit(id, meta={"security": [label("42CFRPart2")]})
    other = sides.visit(sides.opened(), meta={"security": [label("42CFRPart2")]})
    assert sides.seen("Encounter") == set()
    key = f"{ACT_CODE}|42CFRPart2"
    refused = take_back(officer, f"Encounter/{other}", key)
    assert refused.status == 409
    assert "belongs to no episode" in refused.json["issue"][0]["details"]["text"]
    got = take_back(officer, f"Encounter/{visit}", key)
    assert (got.status, got.json["labels"], got.json["origin"]["labels"]) == (200, [], [])
    assert sides.seen("Encounter") == {visit}
    for asker in (sides.provider, sides.payer):
        assert security(asker("GET", f"/fhir/Encounter/{visit}").json) == [N]
    assert faults(sides.place) == []


def test_what_came_with_a_referral_stays_protected_in_whatever_episode(sides: Sides) -> None:
    facility = sides.place.client("facility", THEIRS, SCOPES)
    got = facility("POST", SUBMIT, packet())
    assert got.status == 201, got.body
    [flag] = ids(privacy_officer(sides.place), "Flag")
    url = f"/fhir/Flag/{flag}"
    stored = sides.place.staff("GET", url).json
    person = stored["subject"]["reference"].partition("/")[2]
    freed = made(sides.place.staff, episode(person, "hipaa")).id
    moved = {**stored, "extension": [{"url": OUR_LINK, "valueReference": link(freed)}]}
    assert sides.place.staff("PUT", url, moved).status == 200
    own = made(sides.place.staff, {name: value for name, value in moved.items() if name not in ("id", "meta")}).id
    now = protected(sides.place, f"Flag/{flag}", f"Flag/{own}", f"Patient/{person}")
    assert [*now.values()] == [True, False, True]
    assert faults(sides.place) == []


def test_a_program_that_becomes_mixed_labels_anew_what_it_has(tmp_path: Path) -> None:
    with placed(tmp_path / "it") as place:
        sides = Sides(place)
        id = sides.opened("hipaa")
        visit, other = sides.visit(id), sides.visit(sides.opened())
        assert sides.seen("Encounter") == set()
        with place.program.store.asking() as database:
            dump(database, None, tmp_path / "backup")
        said = {"store": Settings(store=store_at(tmp_path / "copy.db")).store, "posture": "mixed"}
        copy = place.program.settings.model_copy(update=said)
    keeper.restore(copy, tmp_path / "backup")
    with app.opened(copy) as program, program.store.asking() as database:
        assert check(database, program.store.index).faults == []
        sql = "SELECT id, rendering, own FROM version WHERE type = 'Encounter' AND until_t IS NULL"
        told = {(id, rendering): own for id, rendering, own in database.execute(sql).fetchall()}
    assert {key: own == LABELLED for key, own in told.items()} == {
        (visit, 0): True,
        (visit, 1): True,
        (other, 0): False,
        (other, 1): False,
    }
