"""A facility's side of a referral: what is sent, what is made of the answers, and how a Task is waited for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest
import respx

from adapter import refer_command
from adapter.remote.facility import Facility, Handed, said_against, told
from adapter.remote.faults import Fault, Wrong
from adapter.remote.guarded import Guard
from adapter.remote.line import Line
from tests.remote.asking import AT, BASE, FHIR, HOST, Json, Time, resolved

pytestmark = pytest.mark.storeless
T = TypeVar("T")
HANDED = Handed([("family", "Quill")], [("document", "s.pdf", "application/pdf", b"%PDF-1.4")])
SUBMIT = f"{AT}/$submit-referral"
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "value", "details": {"text": "Quill is none"}, "expression": ["family"]}],
}


def run(work: Callable[[Facility], Awaitable[T]]) -> T:
    async def with_facility() -> T:
        time = Time()
        guard = Guard([HOST], resolve=resolved)
        async with Line("server", BASE, guard, time.now, seconds=time.monotonic, sleep=time.sleep) as line:
            return await work(Facility(BASE, line))

    return asyncio.run(with_facility())


def task(status: str = "received") -> Json:
    return {"resourceType": "Task", "id": "t1", "status": status, "intent": "order"}


def answer(said: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(said), headers=FHIR)


def taken(status: int = 201) -> httpx.Response:
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    parts = [{"name": "task", "resource": task()}, {"name": "outcome", "resource": outcome}]
    return answer({"resourceType": "Parameters", "parameter": parts}, status)


async def refer(facility: Facility) -> Any:
    return await facility.refer(HANDED)


@respx.mock
def test_a_form_and_its_files_are_sent_as_one_and_again_where_they_may_not_have_been_heard() -> None:
    route = respx.post(SUBMIT).mock(side_effect=[httpx.Response(503), taken()])
    found = run(refer)
    assert (found.task["id"], found.again) == ("t1", False)
    first, second = (call.request for call in route.calls)
    assert first.content == second.content
    assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="family"\r\n\r\nQuill\r\n' in first.content
    assert b'name="document"; filename="s.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n' in first.content


@respx.mock
def test_what_was_taken_before_is_known_by_its_status() -> None:
    respx.post(SUBMIT).mock(return_value=taken(200))
    assert run(refer).again


@respx.mock
def test_what_a_server_says_against_it_is_for_who_sent_it_and_in_no_message() -> None:
    respx.post(SUBMIT).mock(return_value=answer(OUTCOME, 422))
    with pytest.raises(Fault) as found:
        run(refer)
    assert found.value.wrong is Wrong.REFUSED
    assert "Quill" not in str(found.value)
    assert said_against(found.value) == [("family", "Quill is none")]


@pytest.mark.parametrize(
    "said", [task(), {"resourceType": "Parameters"}, {"resourceType": "Parameters", "parameter": [1]}]
)
@respx.mock
def test_an_answer_without_the_task_is_no_answer(said: Json) -> None:
    respx.post(SUBMIT).mock(return_value=answer(said))
    with pytest.raises(Fault) as found:
        run(refer)
    assert found.value.wrong is Wrong.ANOTHER


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"issue": 7}', b'{"issue": [7, {"details": 8}]}'])
def test_an_answer_that_says_nothing_tells_of_nothing(body: bytes) -> None:
    fault = Fault("server", Wrong.REFUSED, "x")
    fault.body = body
    assert [place for place, _ in said_against(fault)] in ([], [""])


def test_an_issue_is_told_by_its_place() -> None:
    assert told(OUTCOME) == [("family", "Quill is none")]


@respx.mock
def test_a_task_is_looked_at_until_it_moves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(refer_command, "PAUSE", 0.01)
    moves = [answer(task()), answer(task("accepted"))]
    respx.get(f"{AT}/Task/t1").mock(side_effect=moves)
    run(lambda facility: refer_command._follow(facility, task(), 30))
    assert capsys.readouterr().out == f"{BASE}/Task/t1\naccepted\n"
