"""Everything that is wrong with a native record, field by field, before any of it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from adapter.mapping.codecs import Codec, Unfit
from adapter.mapping.joints import Several
from adapter.mapping.members import key_of
from adapter.mapping.rows import Each, Row, Shape
from adapter.problems import Issue, named

ANYTHING = ""
"""Asked of `may_lack`: whether any field at all may be missing (an import)."""


def unknown(name: str, at: str = "") -> Issue:
    """An issue of a field that the map does not have; `at` is where it stands, with a dot behind."""
    shown = named(name, "")
    return Issue("structure", f"unknown field {shown}".rstrip(), f"{at}{shown}".rstrip(".") or None)


def faults(
    shape: Shape,
    record: Mapping[str, Any],
    was: Mapping[str, Any],
    changed: frozenset[str],
    may_lack: Callable[[str], bool],
    at: str = "",
) -> list[Issue]:
    """Everything that keeps the fields of a record, or of one member of a list, from being written.

    `was` is the stored record (or member): what it lacks may go on lacking.
    """
    issues: list[Issue] = []
    for row in shape.rows:
        place = f"{at}{row.name}"
        if row.name not in record:
            if not row.optional and not may_lack(row.name):
                issues.append(Issue("required", f"{place} is missing", place))
        elif row.name in changed:
            issues += [Issue("value", f"{place}: {why}", place) for why in _unfit(row, record[row.name])]
    for each in shape.eaches:
        if each.name in record and each.name in changed:
            issues += _list_faults(each, record[each.name], was.get(each.name, ()), may_lack, f"{at}{each.name}")
    return issues + _rivals(shape, record, at)


def _unfit(row: Row, value: Any) -> Iterator[str]:
    """Why a value cannot be written, or nothing."""
    if not row.many:
        items = [value]
    elif type(value) is list and value:
        items = value
    else:
        yield "expected a list that is not empty (leave the field out for none)"
        return
    for item in items:
        try:
            _write(row, row.codec, item)
        except Unfit as error:
            yield str(error)
        except (TypeError, AttributeError, KeyError, ValueError):
            yield f"expected {row.codec.expected}"


def _write(row: Row, codec: Codec, value: Any) -> None:
    path = row.paths[0]
    if isinstance(codec, Several):
        codec.write_all(value)
    elif path.steps and path.steps[-1].kind == "choice":
        codec.write_choice(value, path.types)
    else:
        codec.write(value)


def _list_faults(
    each: Each, items: Any, was: Iterable[Mapping[str, Any]], may_lack: Callable[[str], bool], at: str
) -> Iterator[Issue]:
    if type(items) is not list or not items:
        yield Issue("value", f"{at}: expected a list that is not empty (leave the field out for none)", at)
        return
    names, old = each.shape.names, {key_of(item, each.keys): item for item in was}
    seen: dict[bytes, int] = {}
    for index, item in enumerate(items):
        place = f"{at}[{index}]"
        if type(item) is not dict or not item:
            yield Issue("value", f"{place}: expected an object that is not empty", place)
            continue
        yield from (unknown(name, f"{place}.") for name in item if name not in names)
        key = key_of(item, each.keys)
        stored = old.get(key, {})
        lacks = _lacking(each.keys, stored if key in old else None, may_lack)
        yield from faults(each.shape, item, stored, frozenset(names), lacks, f"{place}.")
        first = seen.setdefault(key, index)
        if first != index:
            yield Issue(
                "duplicate", f"{place} has the same {', '.join(each.keys)} as {at}[{first}]: never merged", place
            )


def _lacking(
    keys: tuple[str, ...], stored: Mapping[str, Any] | None, may_lack: Callable[[str], bool]
) -> Callable[[str], bool]:
    """Whether a member of a list may lack a field: what the stored member lacks, and at import all but the key."""
    anything = may_lack(ANYTHING)
    return lambda name: name not in keys and (anything or (stored is not None and name not in stored))


def _rivals(shape: Shape, record: Mapping[str, Any], at: str) -> list[Issue]:
    """Issues of two fields that want different branches of one choice."""
    taken: dict[tuple[str, ...], str] = {}
    issues = []
    for row in shape.rows:
        siblings = row.paths[0].steps[-1].siblings if row.paths[0].steps else ()
        if row.name in record and siblings and row.paths[0].steps[-1].kind == "one":
            prefix = tuple(step.text for step in row.paths[0].steps[:-1])
            other = taken.setdefault((*prefix, *siblings), row.name)
            if other != row.name:
                issues.append(Issue("value", f"{at}{row.name}: only one of {other} and {row.name}", f"{at}{row.name}"))
    return issues
