"""Bodies are read with a cap, whole or in parts, and a sender that stops is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from adapter.fhir.form_pairs import FIELD_LIMIT, form_pairs
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.web import call as module
from adapter.web.call import Call, DisconnectedError
from adapter.web.desk import Desk
from adapter.web.hosts import host_name
from adapter.web.writer import http_date


def read(messages: Iterable[dict[str, Any]], limit: int, *headers: tuple[bytes, bytes]) -> bytes:
    """The body of a request whose messages these are."""
    return asyncio.run(reading(messages, limit, *headers))


async def reading(messages: Iterable[dict[str, Any]], limit: int, *headers: tuple[bytes, bytes]) -> bytes:
    """The body, awaited; no more comes after the messages."""
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        found = next(waiting, None)
        if found is None:
            await asyncio.sleep(3600)
        return found or {}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": list(headers)}
    return await Call(scope, receive, Desk(Settings())).body(limit)


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """One message."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_is_one_body() -> None:
    assert read([part(b"ab", more=True), part(b"", more=True), part(b"c")], 3) == b"abc"


@pytest.mark.parametrize(
    "messages",
    [
        [part(b"abcd")],
        [part(b"ab", more=True), part(b"cd")],
        [part(b"ab", more=True), part(b"c", more=True), part(b"d")],
    ],
)
def test_a_body_over_the_cap_is_refused_when_it_gets_there(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(Problem) as refused:
        read(messages, 3)
    assert refused.value.kind is Kind.TOO_LONG


def test_a_body_announced_too_long_is_not_even_read() -> None:
    with pytest.raises(Problem) as refused:
        read([], 3, (b"content-length", b"4"))
    assert refused.value.kind is Kind.TOO_LONG


def test_a_sender_that_goes_away_has_nobody_to_answer() -> None:
    with pytest.raises(DisconnectedError):
        read([part(b"a", more=True), {"type": "http.disconnect"}], 9)


@pytest.mark.parametrize("arrived", [[], [part(b"a", more=True)]])
def test_a_sender_that_trickles_or_never_starts_is_told_so(
    arrived: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BODY_SECONDS", 0.0)
    with pytest.raises(Problem) as refused:
        asyncio.run(asyncio.wait_for(reading(arrived, 9), 5))
    assert refused.value.kind is Kind.TIMEOUT


def test_a_repeated_header_is_one_list() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"accept", b"a"), (b"accept", b"b")],
    }

    async def receive() -> dict[str, Any]:
        return {}

    assert Call(scope, receive, Desk(Settings())).header(b"accept") == "a, b"


def test_parameters_keep_their_order_and_their_empty_values() -> None:
    assert form_pairs(b"b=1&a=&b=%2B+x") == [("b", "1"), ("a", ""), ("b", "+ x")]


def test_a_header_beyond_ascii_is_refused_where_an_answer_depends_on_it() -> None:
    headers = [(b"if-none-exist", "identifier=a|Zo\u00eb".encode("latin-1")), (b"x-request-id", b"\xff")]
    call = Call({"type": "http", "method": "POST", "path": "/", "headers": headers}, None, Desk(Settings()))  # type: ignore[arg-type]
    with pytest.raises(Problem) as refused:
        call.header(b"if-none-exist")
    assert (refused.value.kind, refused.value.expression) == (Kind.INVALID, "If-None-Exist")
    assert (call.header(b"if-match"), call.request_id) == (None, None)


@pytest.mark.parametrize("query", [b"a=%FF", "a=Zo\u00eb", "a=%C3(", b"\xff=1"])
def test_parameters_that_cannot_be_read_are_refused(query: bytes | str) -> None:
    with pytest.raises(Problem) as refused:
        form_pairs(query)
    assert refused.value.kind is Kind.INVALID


def test_more_parameters_than_anybody_needs_are_refused_before_they_are_read() -> None:
    assert len(form_pairs(b"&".join([b"a=1"] * FIELD_LIMIT))) == FIELD_LIMIT
    with pytest.raises(Problem) as refused:
        form_pairs(b"&".join([b"a=1"] * (FIELD_LIMIT + 1)))
    assert refused.value.kind is Kind.TOO_COSTLY


@pytest.mark.parametrize(
    ("header", "name"), [(b"LocalHost:80", "localhost"), (b"[::1]:80", "[::1]"), (b"a.b", "a.b"), (b"", "")]
)
def test_a_host_is_compared_without_its_port(header: bytes, name: str) -> None:
    assert host_name(header) == name


def test_an_http_date_is_in_its_own_form() -> None:
    assert http_date(1772442001) == b"Mon, 02 Mar 2026 09:00:01 GMT"
