"""The rules that JSON Schema cannot say: comparisons between elements, lengths of lists, XHTML.

https://hl7.org/fhir/R4/conformance-rules.html#constraints. The strict schema names them in its keyword `rule`;
which constraint of R4 is checked where, and which is not, is listed in `profiles/r4/invariants.json`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from adapter.fhir import narrative
from adapter.fhir.json import element_name


class Broken(NamedTuple):
    """A rule that does not hold: the R4 issue code, a sentence, and the path below to what it is about."""

    code: str
    message: str
    child: tuple[str | int, ...] = ()


Check = Callable[[Any], Broken | None]


def check(name: str) -> Check:
    """The check called `name` in the schema: a key, or a kind and its argument (`siblings given`)."""
    key, _, argument = name.partition(" ")
    return _WITH_ARGUMENT[key](argument) if argument else _CHECKS[key]


class Rule:
    """The schema keyword `rule`, as jsonschema-rs wants it."""

    def __init__(self, parent_schema: dict[str, Any], value: str, schema_path: list[str | int]) -> None:
        self._check = check(value)

    def validate(self, instance: Any) -> None:
        """Raises ValueError where the rule does not hold."""
        if self._check(instance):
            raise ValueError


def is_after(first: object, second: object) -> bool:
    """Whether one date or time is certainly later than another; of two precisions, the coarser decides.

    A date without a time is that day anywhere on Earth, so a moment is compared with it where the day is longest open.
    """
    if not isinstance(first, str) or not isinstance(second, str):
        return False
    if len(first) > 10 and len(second) > 10 and first[-6:] == second[-6:] and len(first) == len(second):
        return first > second
    try:
        return _is_later(first, second)
    except (ValueError, TypeError, OverflowError):  # not a dateTime: its own pattern says so; or at the end of time
        return False


_LAST, _FIRST = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))
"""Where a day ends last and where it begins first."""


def _is_later(first: str, second: str) -> bool:
    if len(first) > 10 and len(second) > 10:
        return _moment(first) > _moment(second)
    first = _moment(first).astimezone(_LAST).isoformat() if len(first) > 10 else first
    second = _moment(second).astimezone(_FIRST).isoformat() if len(second) > 10 else second
    shared = min(len(first), len(second), 10)
    return first[:shared] > second[:shared]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(_whole(text))


def _whole(text: str) -> str:
    """A leap second, which R4 allows and Python does not, counts as the second before."""
    return text[:17] + "59" + text[19:] if text[17:19] == "60" else text


def _period(period: dict[str, Any]) -> Broken | None:
    if is_after(period.get("start"), period.get("end")):
        return Broken("invariant", "per-1: a period ends after it starts.", ("end",))
    return None


def _range(value: dict[str, Any]) -> Broken | None:
    low, high = value.get("low"), value.get("high")
    if not isinstance(low, dict) or not isinstance(high, dict) or _unit(low) != _unit(high):
        return None
    least, most = low.get("value"), high.get("value")
    if isinstance(least, (int, float)) and isinstance(most, (int, float)) and least > most:
        return Broken("invariant", "rng-2: low is not above high.", ("low",))
    return None


def _unit(quantity: dict[str, Any]) -> tuple[Any, Any, Any]:
    return quantity.get("system"), quantity.get("code"), quantity.get("unit")


def _handed_over(dispense: dict[str, Any]) -> Broken | None:
    if is_after(dispense.get("whenPrepared"), dispense.get("whenHandedOver")):
        return Broken("invariant", "mdd-1: handed over after it was prepared.", ("whenHandedOver",))
    return None


def _modified(task: dict[str, Any]) -> Broken | None:
    if is_after(task.get("authoredOn"), task.get("lastModified")):
        return Broken("invariant", "inv-1: lastModified is not before authoredOn.", ("lastModified",))
    return None


def _component_code(observation: dict[str, Any]) -> Broken | None:
    if not any(name.startswith(("value", "_value")) for name in observation):
        return None
    whole = _codings(observation)
    components = observation.get("component")
    for index, component in enumerate(components if isinstance(components, list) else ()):
        if whole & _codings(component):
            return Broken(
                "invariant",
                "obs-7: with a component of the same code, the value is there.",
                ("component", index, "code"),
            )
    return None


def _codings(holder: Any) -> set[tuple[str, str]]:
    """(system, code) of every coding that has a code; without one, a coding says nothing that could be said twice."""
    code = holder.get("code") if isinstance(holder, dict) else None
    codings = code.get("coding") if isinstance(code, dict) else None
    return {
        (str(coding.get("system")), str(coding["code"]))
        for coding in (codings if isinstance(codings, list) else ())
        if isinstance(coding, dict) and "code" in coding
    }


def _full_urls(bundle: dict[str, Any]) -> Broken | None:
    entries = bundle.get("entry")
    rows = [entry if isinstance(entry, dict) else {} for entry in entries] if isinstance(entries, list) else []
    urls = [str(row["fullUrl"]) for row in rows if "fullUrl" in row]
    if len(set(urls)) == len(urls) or bundle.get("type") == "history":
        return None
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(rows):
        key = (str(row.get("fullUrl")), _version(row.get("resource")))
        if "fullUrl" in row and key in seen:
            return Broken("invariant", "bdl-7: a fullUrl is there once.", ("entry", index, "fullUrl"))
        seen.add(key)
    return None


def _version(resource: Any) -> str:
    meta = resource.get("meta") if isinstance(resource, dict) else None
    return str(meta.get("versionId", "")) if isinstance(meta, dict) else ""


def _link_ids(questionnaire: dict[str, Any]) -> Broken | None:
    seen: set[str] = set()
    for link_id, place in _items(questionnaire, ()):
        if link_id in seen:
            return Broken("invariant", "que-2: a linkId is there once.", place)
        seen.add(link_id)
    return None


def _items(holder: dict[str, Any], place: tuple[str | int, ...]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    items = holder.get("item")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            where = (*place, "item", index)
            if "linkId" in item:
                yield str(item["linkId"]), (*where, "linkId")
            yield from _items(item, where)


def _extension(extension: Any) -> Broken | None:
    if not isinstance(extension, dict):
        return None
    values = {name.removeprefix("_") for name in extension if name.startswith(("value", "_value"))}
    if len(values) + ("extension" in extension) == 1:
        return None
    if len(values) > 1:
        return Broken("structure", f"value[x] may be there once, found: {_listed(values)}.", ("value",))
    return Broken("invariant", "ext-1: an extension has either one value or extensions.")


def _listed(keys: set[str]) -> str:
    return ", ".join(sorted(filter(element_name, keys))[:5])


def _hash(attachment: dict[str, Any]) -> Broken | None:
    """R4 has no invariant for it: the hash is the SHA-1 of the data, both in base64."""
    data, said = attachment.get("data"), attachment.get("hash")
    if not isinstance(data, str) or not isinstance(said, str):
        return None
    try:
        digest = hashlib.sha1(base64.b64decode(data), usedforsecurity=False).digest()
        if digest == base64.b64decode(said):
            return None
    except (binascii.Error, ValueError):  # not base64: their own pattern says so
        return None
    return Broken("value", "The hash is not the SHA-1 of the data.", ("hash",))


def _narrative(div: Any) -> Broken | None:
    found = narrative.fault(div) if isinstance(div, str) else None
    return Broken("invalid", found) if found else None


def _sibling(name: str) -> Check:
    """`_name` beside one primitive: with no value there, it has an extension; an id alone says nothing (ele-1)."""

    def holds(holder: dict[str, Any]) -> Broken | None:
        beside = holder.get("_" + name)
        if name in holder or not isinstance(beside, dict) or "extension" in beside:
            return None
        return Broken("structure", f"{name} has neither a value nor an extension.", (name,))

    return holds


def _siblings(name: str) -> Check:
    """`_name` beside a list of primitives: as long as the list, and for each place a value, an extension or both."""

    def holds(holder: dict[str, Any]) -> Broken | None:
        beside = holder.get("_" + name)
        values = holder.get(name, beside and [None] * len(beside))
        if not isinstance(values, list) or not isinstance(beside, list):
            return None
        if len(values) != len(beside):
            return Broken("structure", f"{name} and _{name} have different lengths; null fills the gaps.", (name,))
        if any(value is None and extra is None for value, extra in zip(values, beside, strict=True)):
            return Broken("structure", f"{name} and _{name} have null at the same place.", (name,))
        if not any(beside):
            return Broken("structure", f"_{name} is nothing but null; leave it out.", (name,))
        return None

    return holds


def _choice(name: str) -> Check:
    """At most one branch of a choice with very many types."""
    stem = name.removesuffix("[x]")

    def holds(holder: Any) -> Broken | None:
        if not isinstance(holder, dict):
            return None
        found = {key.removeprefix("_") for key in holder if key.removeprefix("_").startswith(stem)}
        branches = {key for key in found if key[len(stem) : len(stem) + 1].isupper()}
        if len(branches) < 2:
            return None
        return Broken("structure", f"{name} may be there once, found: {_listed(branches)}.", (stem,))

    return holds


_CHECKS: dict[str, Check] = {
    "per-1": _period,
    "rng-2": _range,
    "mdd-1": _handed_over,
    "tsk-1": _modified,
    "obs-7": _component_code,
    "bdl-7": _full_urls,
    "que-2": _link_ids,
    "ext-1": _extension,
    "txt-1": _narrative,
    "att-hash": _hash,
}
_WITH_ARGUMENT: dict[str, Callable[[str], Check]] = {
    "sibling": _sibling,
    "siblings": _siblings,
    "choice": _choice,
}
