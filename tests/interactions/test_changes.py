"""The one way to write: consequences settle before anything is stored, and what is refused leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from adapter.consent.predicate import everything
from adapter.fhir.canonical import profile
from adapter.fhir.json import parse
from adapter.interactions import draft
from adapter.interactions.changes import ROUNDS, Change, Outcome, Terms, apply, stamped
from adapter.interactions.consequences import Consequence, Reader
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from tests.doors.people import patient
from tests.doors.serving import Client, client_of

SEE_ALL = everything("a test")
Json = dict[str, Any]


def write(program: Program, *changes: Change, terms: Terms | None = None) -> list[Outcome]:
    """The changes, written by themselves."""
    return program.store.write(lambda transaction: apply(program, transaction, changes, terms or Terms())).result()


def following(
    program: Program, follow: Callable[[Json | None, Json | None, Reader], Iterable[Change]], *types: str
) -> Program:
    """The program with one consequence of its own."""
    return replace(program, consequences=(Consequence("a rule", frozenset(types), follow),))


def stored(program: Program, type: str, id: str) -> Json:
    """The resource as it is in the store."""
    version = program.store.read(SEE_ALL, type, id)
    assert version is not None
    return parse(version.text)  # type: ignore[no-any-return]


def test_a_consequence_of_a_create_is_part_of_its_first_version(program: Program) -> None:
    def activate(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        if after is not None and "active" not in after:
            yield Change("update", "Patient", after["id"], after | {"active": True})

    outcomes = write(following(program, activate, "Patient"), Change("create", "Patient", resource=patient()))
    assert [(o.kind, o.version.version, o.changed) for o in outcomes] == [("create", 1, True)]
    assert stored(program, "Patient", outcomes[0].version.id)["active"] is True


def test_consequences_of_consequences_run_until_nothing_moves(program: Program) -> None:
    def pass_on(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        for link in (after or {}).get("link", ()):
            id = link["other"]["reference"].partition("/")[2]
            held = reader.current("Patient", id)
            if after is not None and held is not None and held["gender"] != after["gender"]:
                yield Change("update", "Patient", id, held | {"gender": after["gender"]})

    last = "00000000-0000-7000-8000-00000000000d"
    chain = [Change("create", "Patient", last, patient())]
    for letter in "cba":
        link = {"other": {"reference": f"Patient/{chain[-1].id}"}, "type": "seealso"}
        chain.append(Change("create", "Patient", last[:-1] + letter, patient(link=[link])))
    write(program, *chain)
    first = stored(program, "Patient", str(chain[-1].id))
    outcomes = write(
        following(program, pass_on, "Patient"), Change("update", "Patient", first["id"], first | {"gender": "other"})
    )
    assert [outcome.version.id[-1] for outcome in outcomes] == ["a", "b", "c", "d"]
    assert stored(program, "Patient", last)["gender"] == "other"
    assert len({outcome.version.t for outcome in outcomes}) == 1


def test_the_keys_of_a_record_are_read_once_however_many_they_are(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [{"system": sorted(program.identifying)[0], "value": str(number)} for number in range(50)]
    [made] = write(program, Change("create", "Patient", resource=patient(identifier=keys)))
    read, identifying_keys = 0, draft.identifying_keys

    def counted(*given: Any) -> Iterable[tuple[str, str]]:
        nonlocal read
        for key in identifying_keys(*given):
            read += 1
            yield key

    monkeypatch.setattr(draft, "identifying_keys", counted)
    changed = patient(id=made.version.id, identifier=keys[1:], gender="other")
    write(program, Change("update", "Patient", made.version.id, changed))
    assert 0 < read < 200


def test_rules_that_quarrel_are_a_fault_and_nothing_is_written(program: Program) -> None:
    def flip(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        if after is not None:
            yield Change("update", "Patient", after["id"], after | {"active": not after.get("active", False)})

    with pytest.raises(Problem, match=f"{ROUNDS} rounds") as refused:
        write(following(program, flip, "Patient"), Change("create", "Patient", resource=patient()))
    assert (refused.value.kind, program.store.t) == (Kind.FAULT, 0)


def test_a_consequence_that_refuses_stops_the_change_it_follows(program: Program) -> None:
    def refuse(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        raise Problem(Kind.UNPROCESSABLE, "the units are used up")

    with pytest.raises(Problem, match="used up"):
        write(following(program, refuse, "Patient"), Change("create", "Patient", resource=patient()))
    assert program.store.t == 0


def test_a_consequence_that_is_not_valid_stops_the_change_it_follows(program: Program) -> None:
    def spoil(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        if after is not None:
            yield Change("update", "Patient", after["id"], after | {"gender": "F"})

    with pytest.raises(Problem) as refused:
        write(following(program, spoil, "Patient"), Change("create", "Patient", resource=patient()))
    assert [issue.expression for issue in refused.value.issues] == ["Patient.gender"]
    assert program.store.t == 0


def test_a_consequence_hears_of_deletions_and_of_what_else_is_proposed(program: Program) -> None:
    heard: list[tuple[str, list[str]]] = []

    def listen(before: Json | None, after: Json | None, reader: Reader) -> Iterable[Change]:
        heard.append(("deleted" if after is None else "there", list(reader.holders("Patient", "gender", "female"))))
        return ()

    one, two = (o.version.id for o in write(program, *(Change("create", "Patient", resource=patient()) for _ in "ab")))
    write(
        following(program, listen, "Patient"),
        Change("delete", "Patient", one),
        Change("update", "Patient", two, patient(id=two, gender="other")),
        Change("create", "Patient", resource=patient()),
    )
    assert [word for word, _ in heard] == ["deleted", "there", "there"]
    assert all(len(ids) == 1 and not {one, two} & set(ids) for _, ids in heard)


def test_one_record_is_changed_once_in_one_commit(program: Program) -> None:
    made = write(program, Change("create", "Patient", resource=patient()))[0].version.id
    changes = [Change("update", "Patient", made, patient(gender=gender), source=gender) for gender in ("male", "other")]
    with pytest.raises(Problem, match="same record") as refused:
        write(program, *changes)
    assert refused.value.issues[0].expression == "other"


def test_two_creates_of_one_key_in_one_commit_are_one_too_many(program: Program) -> None:
    key = {"system": sorted(program.identifying)[0], "value": "0042"}
    ids = ("00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b")
    with pytest.raises(Problem) as refused:
        write(program, *(Change("create", "Patient", id, patient(identifier=[key])) for id in ids))
    assert refused.value.kind is Kind.DUPLICATE


def test_a_key_given_up_in_a_commit_can_be_taken_in_it(program: Program) -> None:
    key = {"system": sorted(program.identifying)[0], "value": "0042"}
    made = write(program, Change("create", "Patient", resource=patient(identifier=[key])))[0].version.id
    other = write(program, Change("create", "Patient", resource=patient()))[0].version.id
    write(program, Change("delete", "Patient", made), Change("update", "Patient", other, patient(identifier=[key])))
    assert program.store.write(lambda tx: tx.alias("Patient", key["system"], "0042")).result() == other


@pytest.mark.parametrize(
    ("meta", "kept"),
    [
        ({"versionId": "3", "lastUpdated": "2020-01-01T00:00:00Z"}, None),
        ({"versionId": "3", "source": "https://x.example"}, {"source": "https://x.example"}),
        ({"source": "https://x.example"}, {"source": "https://x.example"}),
        ({}, {}),
    ],
)
def test_version_and_time_of_the_sender_are_left_out(meta: Json, kept: Json | None) -> None:
    assert stamped({"resourceType": "Patient", "meta": meta}, "a").get("meta") == kept


def test_a_resource_keeps_its_order_and_gets_its_id_after_its_type() -> None:
    assert list(stamped({"active": True, "resourceType": "Patient", "gender": "male"}, "a")) == [
        "active",
        "resourceType",
        "id",
        "gender",
    ]
    assert stamped({"id": "b", "resourceType": "Patient"}, "a") == {"id": "a", "resourceType": "Patient"}


# ---- the head count of a group meeting


def session(who: str, meeting: str | None = "m1", **more: Any) -> Json:
    """A group session, or one that is none."""
    group = (
        [{"url": profile("iop-group-session"), "extension": [{"url": "meeting", "valueString": meeting}]}]
        if meeting
        else []
    )
    return {
        "resourceType": "Encounter",
        **({"extension": group} if group else {}),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": f"Patient/{who}"},
        "period": {"start": "2026-03-02T09:00:00-05:00"},
    } | more


def numbers(client: Client) -> dict[str, int | None]:
    """The number attending that each session says."""
    found: dict[str, int | None] = {}
    for entry in client("GET", "/fhir/Encounter").json.get("entry", ()):
        resource = entry["resource"]
        parts = [part for outer in resource.get("extension", ()) for part in outer["extension"]]
        counts = [part[key] for part in parts for key in part if key == "valueInteger"]
        found[resource["subject"]["reference"].partition("/")[2]] = counts[0] if counts else None
    return found


def test_every_session_of_a_meeting_says_how_many_came(program: Program) -> None:
    people = {name: write(program, Change("create", "Patient", resource=patient()))[0].version.id for name in "abc"}
    with client_of(program) as client:
        made = {name: client("POST", "/fhir/Encounter", session(id)) for name, id in people.items()}
        assert {got.status for got in made.values()} == {201}, made["a"].body
        assert numbers(client) == dict.fromkeys(people.values(), 3)
        client("DELETE", f"/fhir/Encounter/{made['a'].id}")
        assert numbers(client) == {people["b"]: 2, people["c"]: 2}
        moved = client("PUT", f"/fhir/Encounter/{made['b'].id}", session(people["b"], "m2", id=made["b"].id))
        assert moved.status == 200
        assert numbers(client) == {people["b"]: 1, people["c"]: 1}


def test_a_person_of_two_sessions_is_one_person_attending(program: Program) -> None:
    one, two = (write(program, Change("create", "Patient", resource=patient()))[0].version.id for _ in "ab")
    with client_of(program) as client:
        for who in (one, one, two):
            assert client("POST", "/fhir/Encounter", session(who)).status == 201
        assert numbers(client) == {one: 2, two: 2}


def test_a_head_count_that_was_typed_wrong_is_put_right_without_a_version(program: Program) -> None:
    one = write(program, Change("create", "Patient", resource=patient()))[0].version.id
    with client_of(program) as client:
        made = client("POST", "/fhir/Encounter", session(one))
        wrong = (
            client("GET", f"/fhir/Encounter/{made.id}")
            .body.replace(b'Int":1', b'Int":9')
            .replace(b'Integer":1', b'Integer":9')
        )
        got = client("PUT", f"/fhir/Encounter/{made.id}", wrong)
        assert (got.status, got.headers["etag"]) == (200, 'W/"1"')
        assert b"9}" in wrong


def test_a_session_of_no_meeting_has_no_head_count(program: Program) -> None:
    one = write(program, Change("create", "Patient", resource=patient()))[0].version.id
    with client_of(program) as client:
        assert client("POST", "/fhir/Encounter", session(one, None)).status == 201
        assert numbers(client) == {one: None}
