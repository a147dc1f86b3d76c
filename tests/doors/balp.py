"""Whether an AuditEvent has the shapes of the profiles of BALP that it names: `balp.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PREFIX = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."


@cache
def shapes() -> Json:
    return tomllib.loads(Path(__file__).with_name("balp.toml").read_text("utf-8"))


def claimed(event: Json) -> set[str]:
    """The profiles of BALP that an event names."""
    return {profile.removeprefix(PREFIX) for profile in event["meta"].get("profile", ())}


def check_shapes(event: Json) -> None:
    """AssertionError for the first thing that a profile named by the event does not allow."""
    for name in claimed(event):
        shape = shapes()[name]
        assert event["type"]["code"] == shape.get("type", event["type"]["code"]), name
        assert not shape.get("subtype") or _codes(event["subtype"]) & set(shape["subtype"]), name
        for element in ("action", "outcome"):
            assert event[element] == shape.get(element, event[element]), (name, element)
        _check_agents(event, name, shape)
        _check_entities(event, name, shape)


def _check_agents(event: Json, name: str, shape: Json) -> None:
    for role, elements in shape["agents"].items():
        agents = [agent for agent in event["agent"] if role in _codes(agent["type"]["coding"])]
        assert len(agents) == 1, (name, role)
        assert not set(elements) - agents[0].keys(), (name, role)
        assert not set(shape.get("without", {}).get(role, ())) & agents[0].keys(), (name, role)
        assert agents[0]["requestor"] is (role in ("IRCP", "AUT", "UserOauthAgent")), (name, role)
        if role == shape.get("observer"):
            assert agents[0]["who"] == event["source"]["observer"], (name, role)


def _check_entities(event: Json, name: str, shape: Json) -> None:
    entities = event.get("entity", [])
    assert len(entities) >= shape.get("least", 0), name
    slices = shape.get("slices", {})
    for slice, (least, most) in slices.items():
        type, _, role = slice.partition("/")
        of = [one for one in entities if one.get("type", {}).get("code") == type]
        of = [one for one in of if not role or one["role"]["code"] == role]
        assert least <= len(of) <= most, (name, slice)
        for one in of:
            assert ("query" in one) is (one.get("role", {}).get("code") == "24"), (name, slice)
            assert ("what" in one) is not ("query" in one), (name, slice)
    assert not shape.get("closed") or all(one["type"]["code"] in slices for one in entities), name


def _codes(codings: list[Json]) -> set[str]:
    return {coding["code"] for coding in codings}
