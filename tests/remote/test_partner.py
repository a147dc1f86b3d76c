"""A partner's server that misbehaves (Z18 to Z21, Z26): each way is a fault with a name, and never data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import respx

from adapter.remote.faults import Fault, Wrong
from adapter.remote.pages import Page, Search
from adapter.remote.partner import Partner, Place
from adapter.remote.patience import Patience
from adapter.remote.quirks import Quirks
from tests.remote.asking import (
    AT,
    BASE,
    FHIR,
    Json,
    Time,
    condition,
    outcome,
    patient,
    run,
    searchset,
    sent,
)

pytestmark = pytest.mark.storeless
READ = f"{AT}/Patient/p1"
SECRET = "Quill"


async def read(partner: Partner) -> Json:
    return await partner.read("Patient", "p1")


def faulted(work: Callable[[Partner], Awaitable[Any]], **more: Any) -> Fault:
    """The fault in which it ends, which tells nothing of a person."""
    with pytest.raises(Fault) as found:
        run(work, **more)
    assert found.value.partner == "ehr"
    assert SECRET not in str(found.value)
    return found.value


def json_of(said: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(said), headers={**FHIR, **headers})


WHOLE = json.dumps(patient(name=[{"family": SECRET}]))
MISBEHAVIOUR: dict[str, tuple[httpx.Response | Exception, Wrong, bool]] = {
    "an error inside": (json_of(outcome()), Wrong.OUTCOME, False),
    "a fatal error inside": (json_of(outcome(severity="fatal")), Wrong.OUTCOME, False),
    "an error of the moment inside": (json_of(outcome("transient")), Wrong.UNAVAILABLE, True),
    "a remark instead of the record": (json_of(outcome(severity="information")), Wrong.ANOTHER, False),
    "HTML": (httpx.Response(200, text=f"<html>{SECRET}", headers={"content-type": "text/html"}), Wrong.NOT_FHIR, False),
    "HTML that says it is FHIR": (httpx.Response(200, text=f"<html>{SECRET}", headers=FHIR), Wrong.CUT, True),
    "no content type": (httpx.Response(200, content=WHOLE), Wrong.NOT_FHIR, False),
    "XML": (
        httpx.Response(200, text="<Patient/>", headers={"content-type": "application/fhir+xml"}),
        Wrong.NOT_FHIR,
        False,
    ),
    "cut JSON": (httpx.Response(200, content=WHOLE[:-4], headers=FHIR), Wrong.CUT, True),
    "a key twice": (
        httpx.Response(200, content='{"resourceType":"Patient","id":"p1","id":"p1"}', headers=FHIR),
        Wrong.CUT,
        True,
    ),
    "nothing": (httpx.Response(200, headers=FHIR), Wrong.NOT_FHIR, False),
    "JSON that is no resource": (json_of([1]), Wrong.NOT_FHIR, False),
    "an array of one": (json_of([patient()]), Wrong.NOT_FHIR, False),
    "a packed body": (
        httpx.Response(200, content=b"", headers={**FHIR, "content-encoding": "gzip"}),
        Wrong.NOT_FHIR,
        False,
    ),
    "a huge body": (httpx.Response(200, content=b" " * 2_000, headers=FHIR), Wrong.TOO_LARGE, False),
    "another type": (json_of(condition("p1")), Wrong.ANOTHER, False),
    "another id": (json_of(patient("p2")), Wrong.ANOTHER, False),
    "no id": (json_of({"resourceType": "Patient"}), Wrong.ANOTHER, False),
    "a redirect inside": (httpx.Response(302, headers={"location": "http://169.254.169.254/"}), Wrong.ELSEWHERE, False),
    "a redirect without an address": (httpx.Response(300), Wrong.ELSEWHERE, False),
    "a redirect to itself": (httpx.Response(307, headers={"location": READ}), Wrong.ELSEWHERE, False),
    "unasked not modified": (httpx.Response(304), Wrong.NOT_FHIR, False),
    "gone": (json_of(outcome(), 410), Wrong.ABSENT, False),
    "not found": (json_of(outcome(), 404), Wrong.ABSENT, False),
    "not allowed": (httpx.Response(403), Wrong.REFUSED, False),
    "no token": (httpx.Response(401), Wrong.LOGIN, False),
    "too many requests": (httpx.Response(429), Wrong.THROTTLED, True),
    "an error of the server": (httpx.Response(500, text=SECRET), Wrong.UNAVAILABLE, True),
    "a bad gateway": (httpx.Response(502, text="<html>"), Wrong.UNAVAILABLE, True),
    "a reset": (httpx.ReadError(SECRET), Wrong.UNREACHABLE, True),
    "half an answer": (httpx.RemoteProtocolError(SECRET), Wrong.UNREACHABLE, True),
    "a certificate that is over": (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), Wrong.UNREACHABLE, True),
    "no answer": (httpx.ReadTimeout(SECRET), Wrong.LATE, True),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_misbehaviour_is_a_fault_and_never_data(name: str, respx_mock: respx.MockRouter) -> None:
    answer, wrong, again = MISBEHAVIOUR[name]
    how = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    route = respx_mock.get(READ).mock(**how)  # type: ignore[arg-type]
    patience = Patience(body=1_000, tries=3, failures=99)
    fault = faulted(read, patience=patience)
    assert (fault.wrong, fault.again) == (wrong, again)
    assert route.call_count == (3 if again else 1)


def test_a_trickle_is_cut_off(respx_mock: respx.MockRouter) -> None:
    async def trickle() -> Any:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    respx_mock.get(READ).mock(return_value=httpx.Response(200, content=trickle(), headers=FHIR))
    assert faulted(read, patience=Patience(whole=0.2, tries=1)).wrong is Wrong.LATE


def test_what_failed_for_a_moment_is_had_at_last(respx_mock: respx.MockRouter) -> None:
    answers = [httpx.ConnectError("x"), httpx.Response(503), httpx.Response(200, content=b"{", headers=FHIR)]
    respx_mock.get(READ).mock(side_effect=[*answers, json_of(patient())])
    time = Time()
    assert run(read, time)["id"] == "p1"
    assert len(time.slept) == 3


@pytest.mark.parametrize("said", ["7", "Mon, 02 Mar 2026 09:00:07 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_be_left_alone_is(status: int, said: str, respx_mock: respx.MockRouter) -> None:
    """Z18: all that goes to it waits, not only what was refused."""
    busy = httpx.Response(status, headers={"retry-after": said})
    respx_mock.get(READ).mock(side_effect=[busy, json_of(patient())])
    other = respx_mock.get(f"{AT}/Patient/p2").mock(return_value=json_of(patient("p2")))
    time, at = Time(), list[float]()

    async def both(partner: Partner) -> None:
        first = asyncio.create_task(read(partner))
        while not time.slept:
            await asyncio.sleep(0)
        await partner.read("Patient", "p2")
        at.append(time.seconds)
        await first

    run(both, time)
    assert other.called
    assert at[0] >= 7


def test_a_server_that_wants_to_be_left_alone_for_long_is_left_to_whoever_can_come_back(
    respx_mock: respx.MockRouter,
) -> None:
    route = respx_mock.get(READ).mock(return_value=httpx.Response(429, headers={"retry-after": "3600"}))
    time = Time()

    async def twice(partner: Partner) -> list[Any]:
        return await asyncio.gather(read(partner), read(partner), return_exceptions=True)

    faults = run(twice, time, patience=Patience(at_once=1))
    assert [(one.wrong, one.again) for one in faults] == [(Wrong.THROTTLED, True)] * 2
    assert all(one.after == 3_600 for one in faults)
    assert not time.slept
    assert route.call_count == 1


def test_a_server_that_fails_again_and_again_rests_and_is_then_tried_once(respx_mock: respx.MockRouter) -> None:
    """Z19."""
    route = respx_mock.get(READ).mock(return_value=httpx.Response(500))
    time = Time()

    async def often(partner: Partner) -> list[Wrong]:
        said = []
        for pause in (0, 0, 0, 0, 61, 0, 61):
            time.seconds += pause
            try:
                await read(partner)
            except Fault as fault:
                said.append(fault.wrong)
            if len(said) == 6:
                route.mock(return_value=json_of(patient()))
        return said

    patience = Patience(tries=1, failures=3, rest=60)
    down, rests = Wrong.UNAVAILABLE, Wrong.RESTING
    assert run(often, time, patience=patience) == [down, down, down, rests, down, rests]
    assert route.call_count == 5


def test_one_slow_partner_holds_up_no_other_and_its_queue_has_an_end(respx_mock: respx.MockRouter) -> None:
    going = asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        await going.wait()
        return json_of(patient())

    respx_mock.get(READ).mock(side_effect=slow)

    async def crowd(partner: Partner) -> list[Any]:
        asked = [asyncio.create_task(read(partner)) for _ in range(5)]
        await asyncio.sleep(0.05)
        going.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    found = run(crowd, patience=Patience(at_once=1, waiting=2))
    assert [getattr(one, "wrong", None) for one in found] == [None, None, None, Wrong.CROWDED, Wrong.CROWDED]


def test_what_has_not_changed_is_not_sent_again(respx_mock: respx.MockRouter) -> None:
    first = json_of(patient(), etag='W/"1"')
    second = json_of(patient(active=True), etag='W/"2"')
    route = respx_mock.get(READ).mock(side_effect=[first, httpx.Response(304), second])

    async def thrice(partner: Partner) -> list[tuple[Json, bool]]:
        return [await partner.polled("Patient", "p1") for _ in range(3)]

    said = run(thrice)
    assert [new for _, new in said] == [True, False, True]
    assert said[0][0] == said[1][0] == patient()
    assert [call.request.headers.get("if-none-match") for call in route.calls] == [None, 'W/"1"', 'W/"1"']


# Pages


async def pages(partner: Partner, of: str | None = None) -> list[Page]:
    return [page async for page in Search(partner, "Condition", [("x", "y")], of).pages()]


def served(respx_mock: respx.MockRouter, *bundles: Json) -> None:
    """Each Bundle at an address of its own, the first where the search begins."""
    first = httpx.URL(f"{AT}/Condition", params={"x": "y", "_count": "100"})
    for number, bundle in enumerate(bundles):
        respx_mock.get(f"{AT}/next/{number}" if number else first).mock(return_value=json_of(bundle))


def test_all_pages_are_had_and_what_is_twice_is_taken_once(respx_mock: respx.MockRouter) -> None:
    one, two = searchset(condition("1"), condition("2"), next=f"{BASE}/next/1"), searchset(condition("2"), total=2)
    served(respx_mock, one | {"total": 2}, two)
    found = run(pages)
    assert [[record["id"] for record in page.records] for page in found] == [["1", "2"], []]
    assert [page.repeated for page in found] == [0, 1]
    assert [page.last for page in found] == [False, True]
    assert found[-1].missing == 0


def test_records_of_another_patient_are_quarantined(respx_mock: respx.MockRouter) -> None:
    """Z20."""
    absolute = condition("4", subject={"reference": f"{BASE}/Patient/p1"})
    nobody = {"resourceType": "Condition", "id": "5"}
    served(respx_mock, searchset(condition("1"), condition("2", "p2"), condition("3", "p1x"), absolute, nobody))
    [page] = run(lambda partner: pages(partner, "p1"))
    assert [record["id"] for record in page.records] == ["1", "4"]
    assert [place for place, _ in page.left] == ["Condition/2", "Condition/3", "Condition/5"]
    assert all("quarantined" in why for _, why in page.left)


def test_records_of_another_type_and_without_id_are_left_and_what_goes_along_is_not_asked_for(
    respx_mock: respx.MockRouter,
) -> None:
    along = {"resource": patient(), "search": {"mode": "include"}}
    remark = {"resource": outcome(severity="warning"), "search": {"mode": "outcome"}}
    bundle = searchset(condition("1"), patient("p9"), {"resourceType": "Condition"})
    bundle["entry"] += [along, remark, {"fullUrl": "x"}]
    served(respx_mock, bundle)
    [page] = run(pages)
    assert [record["id"] for record in page.records] == ["1"]
    assert [place for place, _ in page.left] == ["Patient/p9", "Condition", "Condition"]


@pytest.mark.parametrize(
    "next", ["https://other.example/fhir/next", "http://ehr.example/fhir/next/1", "https://ehr.example:444/", "//x/y"]
)
def test_a_page_at_another_server_is_not_followed(next: str, respx_mock: respx.MockRouter) -> None:
    served(respx_mock, searchset(condition("1"), next=next))
    assert faulted(pages).wrong is Wrong.ELSEWHERE


def test_pages_that_lead_back_are_a_fault(respx_mock: respx.MockRouter) -> None:
    looping = searchset(condition("2"), next=f"{BASE}/next/1")
    served(respx_mock, searchset(condition("1"), next="next/1"), looping)
    assert faulted(pages).wrong is Wrong.LOOP


def test_records_that_were_said_and_did_not_come_are_told_unless_totals_lie(respx_mock: respx.MockRouter) -> None:
    served(respx_mock, searchset(condition("1"), total=3))
    assert run(pages)[-1].missing == 2
    assert run(pages, quirks=Quirks(total=False))[-1].missing == 0


def test_an_answer_that_is_no_searchset_is_a_fault(respx_mock: respx.MockRouter) -> None:
    served(respx_mock, searchset(condition("1")) | {"type": "collection"})
    assert faulted(pages).wrong is Wrong.ANOTHER
    served(respx_mock, condition("1"))
    assert faulted(pages).wrong is Wrong.ANOTHER


def test_pages_by_offset_end_with_the_one_that_is_empty_and_do_not_loop(respx_mock: respx.MockRouter) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params.get("_off", 0))
        return json_of(searchset(*(condition(str(n)) for n in range(at, min(at + 2, 3))), next="https://x.example/"))

    route = respx_mock.get(url__startswith=f"{AT}/Condition").mock(side_effect=answer)
    quirks = Quirks(offset="_off", count=2)
    found = run(pages, quirks=quirks)
    assert [record["id"] for page in found for record in page.records] == ["0", "1", "2"]
    assert found[-1].last
    route.mock(return_value=json_of(searchset(condition("1"))))
    assert faulted(pages, quirks=quirks).wrong is Wrong.LOOP


def test_links_of_another_host_are_asked_at_the_partners_own_where_that_is_its_habit(
    respx_mock: respx.MockRouter,
) -> None:
    served(respx_mock, searchset(condition("1"), next="http://inside:8080/fhir/next/1"), searchset(condition("2")))
    assert len(run(pages, quirks=Quirks(rebase=True))) == 2


# What is sent


def test_nothing_is_sent_to_anybody_but_its_recipient_nor_before_it_is_recorded(respx_mock: respx.MockRouter) -> None:
    for released in (sent(recipient="partner:other"), sent(ledger=None), sent(recipient="anyone")):
        for send in (
            lambda partner, one=released: partner.create("Goal", one),
            lambda partner, one=released: partner.update("Goal", "g", one),
            lambda partner, one=released: partner.transact([("Goal", None)], one),
        ):
            assert faulted(send).wrong is Wrong.UNABLE
    assert not respx_mock.calls


@pytest.mark.parametrize("location", [f"{BASE}/Goal/7/_history/2", "Goal/7/_history/2", "/base/Goal/7/_history/2"])
def test_a_new_record_is_told_by_its_location(location: str, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{AT}/Goal").mock(return_value=httpx.Response(201, headers={"location": location}))
    assert run(lambda partner: partner.create("Goal", sent(), "identifier=a|b")) == Place("Goal", "7", "2", True)
    request = route.calls.last.request
    assert request.headers["if-none-exist"] == "identifier=a|b"
    assert request.content == sent().body


def test_a_condition_makes_a_new_record_safe_to_send_again_and_nothing_else_does(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{AT}/Goal").mock(side_effect=httpx.ReadTimeout("x"))
    fault = faulted(lambda partner: partner.create("Goal", sent()))
    assert (route.call_count, fault.again) == (1, False)
    faulted(lambda partner: partner.create("Goal", sent(), "identifier=a|b"))
    assert route.call_count == 6
    route.mock(side_effect=[httpx.Response(429), httpx.Response(201, headers={"location": f"{BASE}/Goal/1"})])
    assert run(lambda partner: partner.create("Goal", sent())).made  # it was not heard


def test_a_change_says_which_version_it_is_of(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.put(f"{AT}/Goal/7").mock(return_value=httpx.Response(200, headers={"etag": 'W/"4"'}))
    assert run(lambda partner: partner.update("Goal", "7", sent(), "3")) == Place("Goal", "7", "4")
    assert route.calls.last.request.headers["if-match"] == 'W/"3"'
    run(lambda partner: partner.update("Goal", "7", sent(), "3"), quirks=Quirks(if_match=False))
    assert "if-match" not in route.calls.last.request.headers
    route.mock(return_value=httpx.Response(412))
    assert faulted(lambda partner: partner.update("Goal", "7", sent(), "3")).wrong is Wrong.CONFLICT
    route.mock(return_value=httpx.Response(200, headers={"location": f"{BASE}/Goal/8"}))
    assert faulted(lambda partner: partner.update("Goal", "7", sent(), "3")).wrong is Wrong.ANOTHER


def answered(*entries: Json, type: str = "transaction-response") -> httpx.Response:
    return json_of({"resourceType": "Bundle", "type": type, "entry": list(entries)})


def test_a_transaction_tells_where_each_record_is(respx_mock: respx.MockRouter) -> None:
    done = {"response": {"status": "201 Created", "location": "Goal/7/_history/1", "etag": 'W/"1"'}}
    there = {"response": {"status": "200", "location": f"{BASE}/Patient/9"}}
    route = respx_mock.post(AT).mock(return_value=answered(done, there))
    places = run(lambda partner: partner.transact([("Goal", None), ("Patient", None)], sent()))
    assert places == [Place("Goal", "7", "1", True), Place("Patient", "9")]
    route.mock(return_value=answered({"response": {"status": "200", "etag": 'W/"5"'}}))
    assert run(lambda partner: partner.transact([("Goal", "7")], sent())) == [Place("Goal", "7", "5")]
    for bad, wrong in (
        (answered(done), Wrong.ANOTHER),
        (answered(done, there, type="batch-response"), Wrong.ANOTHER),
        (answered({"response": {"status": "400"}}, there), Wrong.OUTCOME),
        (answered(there, there), Wrong.ANOTHER),
        (answered({}, there), Wrong.OUTCOME),
        (httpx.Response(200, headers=FHIR), Wrong.ANOTHER),
    ):
        route.mock(return_value=bad)
        assert faulted(lambda partner: partner.transact([("Goal", None), ("Patient", None)], sent())).wrong is wrong


# Tokens


def granting(respx_mock: respx.MockRouter, **said: Any) -> respx.Route:
    endpoint = {"token_endpoint": f"https://{'ehr.example'}/token"}
    respx_mock.get(f"{AT}/.well-known/smart-configuration").mock(return_value=httpx.Response(200, json=endpoint))
    token = {"access_token": "t1", "token_type": "bearer", "expires_in": 300, **said}
    return respx_mock.post(AT.removesuffix("/fhir") + "/token").mock(return_value=httpx.Response(200, json=token))


def test_a_token_is_kept_renewed_before_its_end_and_once_when_it_is_not_taken(respx_mock: respx.MockRouter) -> None:
    """Rank 19: also in the middle of a long job."""
    asked = granting(respx_mock)
    route = respx_mock.get(READ).mock(return_value=json_of(patient()))
    time = Time()

    async def over_time(partner: Partner) -> list[int]:
        counts = []
        for pause in (0, 200, 71, 0):
            time.seconds += pause
            await read(partner)
            counts.append(asked.call_count)
        route.mock(side_effect=[httpx.Response(401), json_of(patient())])
        await read(partner)
        counts.append(asked.call_count)
        return counts

    assert run(over_time, time, proved=True) == [1, 1, 2, 2, 3]
    assert route.calls.last.request.headers["authorization"] == "Bearer t1"


def test_a_token_that_is_never_taken_is_no_loop(respx_mock: respx.MockRouter) -> None:
    asked, route = granting(respx_mock), respx_mock.get(READ).mock(return_value=httpx.Response(401))
    assert faulted(read, proved=True).wrong is Wrong.LOGIN
    assert (asked.call_count, route.call_count) == (2, 2)


@pytest.mark.parametrize(
    "said", [{"access_token": None}, {"access_token": "a\r\nb"}, {"token_type": "mac"}, {"expires_in": "x"}]
)
def test_an_answer_that_is_no_token_is_none(said: Json, respx_mock: respx.MockRouter) -> None:
    granting(respx_mock, **said)
    assert faulted(read, proved=True).wrong is Wrong.LOGIN


def test_a_token_endpoint_at_another_server_is_not_told_who_we_are(respx_mock: respx.MockRouter) -> None:
    settings = respx_mock.get(f"{AT}/.well-known/smart-configuration")
    settings.mock(return_value=httpx.Response(200, json={"token_endpoint": "https://evil.example/token"}))
    assert faulted(read, proved=True).wrong is Wrong.ELSEWHERE


def test_a_server_is_probed_once_and_must_be_one_of_r4(respx_mock: respx.MockRouter) -> None:
    goal = {"type": "Goal", "interaction": [{"code": "create"}], "conditionalCreate": True}
    goal["searchParam"] = [{"name": "identifier"}]
    rest = [{"mode": "server", "interaction": [{"code": "transaction"}], "resource": [goal]}]
    said = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}
    route = respx_mock.get(f"{AT}/metadata").mock(return_value=json_of(said))

    async def twice(partner: Partner) -> Any:
        await partner.probe()
        return await partner.probe()

    found = run(twice)
    assert (route.call_count, found.transaction) == (1, True)
    assert (found.can("Goal", "create"), found.can("Goal", "update"), found.can("Task", "read")) == (True, False, False)
    assert found.of("Goal").conditional_create
    for bad, wrong in ((said | {"fhirVersion": "5.0.0"}, Wrong.UNABLE), (patient(), Wrong.NOT_FHIR)):
        route.mock(return_value=json_of(bad))
        assert faulted(twice).wrong is wrong
    odd = said | {"rest": [{"mode": "server", "resource": ["x", {"type": 5, "interaction": {}}]}, 7]}
    route.mock(return_value=json_of(odd))
    assert not run(twice).transaction
