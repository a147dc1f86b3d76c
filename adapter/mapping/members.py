"""Reading and writing the members of repeating elements: found by slice, value or key, never by position.

Primitive lists carry their siblings (`_given`) along. R4: https://hl7.org/fhir/R4/json.html#primitive
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.fhir.json import dump, same
from adapter.mapping.codecs import Codec, unfit
from adapter.mapping.residue import Notes

Claim = Callable[[Any], bool]
NOTHING: Mapping[str, Any] = {}
SEVERAL: Mapping[str, Any] = {}
"""Stands for several members where one is expected: nothing in it is missing, for that is what is parked."""
AMBIGUOUS: Mapping[str, Any] = {"coding": ()}
"""Stands for several members where a joint table wants one: no row of a table reads it."""


def claimed(members: list[Any], claim: Claim | None) -> list[int]:
    """Positions of the members a claim takes; no claim takes all."""
    if claim is None:
        return list(range(len(members)))
    return [i for i, member in enumerate(members) if claim(member)]


def whereabouts(at: str, key: str, members: list[Any], index: int) -> str:
    """The FHIRPath of one member: an extension by its URL, anything else by its index."""
    return f"{at}.extension('{members[index].get('url')}')" if key == "extension" else f"{at}.{key}[{index}]"


def sole(
    node: Mapping[str, Any], key: str, claim: Claim | None, notes: Notes, at: str
) -> tuple[str, Mapping[str, Any]]:
    """(its place, the one member of the list that is claimed); nothing when there is none; several are parked."""
    if key not in node:
        return f"{at}.{key}", NOTHING
    members = node[key]
    positions = claimed(members, claim)
    if len(positions) == 1:
        return whereabouts(at, key, members, positions[0]), members[positions[0]]
    for index in positions:
        notes.park(whereabouts(at, key, members, index), "several members where one is expected")
    return f"{at}.{key}", SEVERAL if positions else NOTHING


def column(node: Mapping[str, Any], key: str, claim: Claim | None, wrap: str | None) -> Any:
    """The one claimed member of a list as a joint column: None when absent, AMBIGUOUS when there are several."""
    members = node.get(key, ())
    positions = claimed(members, claim)
    if len(positions) != 1:
        return AMBIGUOUS if positions else None
    return inside(members[positions[0]], wrap)


def inside(member: Any, wrap: str | None) -> Any:
    """The value of an extension, or the member itself."""
    return member if wrap is None else member.get(wrap)


def chosen(node: Mapping[str, Any], branches: tuple[tuple[str, str], ...]) -> tuple[str, Any] | None:
    """(type, element) of the branch of a choice that is there."""
    for key, kind in branches:
        if key in node:
            return kind, node[key]
    return None


def by_url(node: Mapping[str, Any]) -> Mapping[str, list[int]]:
    """The positions of the extensions of an element, by URL."""
    if "extension" not in node:
        return NOTHING
    found: dict[str, list[int]] = {}
    for index, extension in enumerate(node["extension"]):
        found.setdefault(extension.get("url"), []).append(index)
    return found


def several(
    members: list[Any], positions: list[int], wrap: str | None, codec: Codec, notes: Notes, at: str, key: str
) -> list[Any] | None:
    """The native list of a row with `list = true`; members the codec cannot read are parked."""
    values = []
    for index in positions:
        element = inside(members[index], wrap)
        value = codec.read(element) if element is not None else None
        if value is None:
            reason = codec.why(element) if element else "no value"
            notes.park(whereabouts(at, key, members, index), reason)
            continue
        values.append(value)
        if rest := spare(members[index], element, wrap, codec):
            notes.inner(whereabouts(at, key, members, index), rest)
    return values or None


def lone(
    members: list[Any], positions: list[int], wrap: str | None, codec: Codec, notes: Notes, at: str, key: str
) -> Any:
    """The native value of a row on a repeating element: the one member the codec can read; the rest is residue."""
    found = {}
    for index in positions:
        element = inside(members[index], wrap)
        if element is not None and (value := codec.read(element)) is not None:
            found[index] = value
    if len(found) != 1:
        _ambiguous(members, positions, bool(found), wrap, codec, notes, at, key)
        return None
    [(index, value)] = found.items()
    if rest := spare(members[index], inside(members[index], wrap), wrap, codec):
        notes.inner(whereabouts(at, key, members, index), rest)
    for other in positions:
        if other != index:
            notes.keep(whereabouts(at, key, members, other))
    return value


def _ambiguous(
    members: list[Any],
    positions: list[int],
    some: bool,
    wrap: str | None,
    codec: Codec,
    notes: Notes,
    at: str,
    key: str,
) -> None:
    """Park the members of a list of which none, or more than one, can be read."""
    for index in positions:
        element = inside(members[index], wrap)
        reason = "several members where one is expected" if some else codec.why(element) if element else "no value"
        notes.park(whereabouts(at, key, members, index), reason)


def spare(member: Any, element: Any, wrap: str | None, codec: Codec) -> tuple[str, ...]:
    """What a readable member holds besides its value."""
    inner = codec.spare(element)
    if wrap is None or (not inner and len(member) == 2):
        return inner
    return (*(f"{wrap}.{name}" for name in inner), *(name for name in member if name not in ("url", wrap)))


def canonical(value: Any) -> bytes:
    """A value as bytes that are equal where the JSON is: key order does not count, digits do."""
    return dump(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def key_of(item: Mapping[str, Any], keys: tuple[str, ...]) -> bytes:
    """The comparable form of a key of one or several fields; absence is a value."""
    return canonical([item.get(name) for name in keys])


@dataclass(frozen=True, slots=True)
class KeyedList:
    """A repeating element whose members are native objects matched by key; `read` and `edit` are compiled."""

    name: str
    key: str
    claim: Claim | None
    keys: tuple[str, ...]
    required: tuple[str, ...]
    """the key fields that may not be absent"""
    new: Mapping[str, Any]
    read: Callable[[Any, Notes, str], dict[str, Any]]
    edit: Callable[[dict[str, Any], frozenset[str], dict[str, Any]], None]
    complete: Callable[[dict[str, Any]], None]
    names: tuple[str, ...]

    def items(self, node: Mapping[str, Any], notes: Notes, at: str) -> list[dict[str, Any]] | None:
        """The native list; members without a readable key or with a doubled one are parked."""
        items = []
        for index, item, own in self._members(node, notes.policies, at):
            if item is None:
                place = whereabouts(at, self.key, node[self.key], index)
                notes.park(place, "no readable key, or the key of another member")
            else:
                notes.found.extend(own.found)
                items.append(item)
        return items or None

    def _members(
        self, node: Mapping[str, Any], policies: Any, at: str
    ) -> list[tuple[int, dict[str, Any] | None, Notes]]:
        """(position, item or None if it has no key of its own, its residue) of every claimed member."""
        members = node.get(self.key, [])
        positions = claimed(members, self.claim)
        if not positions:
            return []
        found = []
        for index in positions:
            notes = Notes(policies)
            item = self.read(members[index], notes, whereabouts(at, self.key, members, index))
            found.append((index, item, notes))
        keys = [key_of(item, self.keys) if item else b"" for _, item, _ in found] if len(found) > 1 else [b""]
        said = Counter(keys)
        return [
            (index, item if item and said[key] == 1 and all(name in item for name in self.required) else None, notes)
            for key, (index, item, notes) in zip(keys, found, strict=False)
        ]

    def _fresh(self) -> dict[str, Any]:
        """A new member, before its fields are written."""
        member = dict(self.new)
        self.complete(member)
        return member

    def put(self, node: dict[str, Any], items: list[dict[str, Any]], policies: Any) -> None:
        """Write the native list: members keep what they hold besides, their order follows the record, foreign members
        keep their places. `node` is changed in place."""
        members = node.get(self.key, [])
        old = {key_of(item, self.keys): (index, item) for index, item, _ in self._members(node, policies, "") if item}
        made = []
        for item in items:
            index, was = old.get(key_of(item, self.keys), (None, {}))
            member = self._fresh() if index is None else members[index]
            changed = frozenset(name for name in self.names if not same(item.get(name), was.get(name)))
            self.edit(item, changed, member)
            made.append(member)
        place(node, self.key, [index for index, _ in old.values()], made)


def place(node: dict[str, Any], key: str, mine: list[int], made: list[Any]) -> None:
    """Put `made` where the members at the positions `mine` were, in order; the other members keep their places.

    The siblings of a primitive list (`_given`) stay with members whose value stays.
    """
    members, siblings = node.get(key, []), node.get(f"_{key}")
    beside = dict(enumerate(siblings or ()))
    kept = {canonical(members[i]): beside.get(i) for i in mine} if siblings else {}
    rest, places = iter(made), frozenset(mine)
    pairs: list[tuple[Any, Any]] = []
    for index, member in enumerate(members):
        if index not in places:
            pairs.append((member, beside.get(index)))
        else:
            pairs.extend((new, kept.get(canonical(new))) for new in [next(rest, None)] if new is not None)
    pairs.extend((new, kept.get(canonical(new))) for new in rest)
    node[key] = [member for member, _ in pairs]
    if siblings:
        node[f"_{key}"] = [sibling for _, sibling in pairs]
        if not any(node[f"_{key}"]):
            del node[f"_{key}"]


def some(values: Any) -> Any:
    """A native list, which may not be empty; raises `Unfit`."""
    return values if type(values) is list and values else unfit("expected a list that is not empty")


def unlike(items: Any, key: Callable[[Any], Any]) -> Any:
    """A native list of objects that say something, no two with one key; raises `Unfit` or TypeError."""
    if all(some(items)) and (len(items) == 1 or _apart([key(item) for item in items])):
        return items
    return unfit("two members have one key, or one says nothing")


def _apart(keys: list[Any]) -> bool:
    """Whether no two keys are equal; a key with parts that are objects is compared as JSON."""
    try:
        return len(set(keys)) == len(keys)
    except TypeError:
        return len({canonical(list(key)) for key in keys}) == len(keys)
