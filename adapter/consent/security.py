"""Labels as a recipient reads them, in `meta.security`: those of the sender, and ours for what the record tells of.

Ours stand in no stored text: they are put in on the way out, and taken out of what comes back from those who read them.
They are those of the record itself as its versions so far say it, so that the bytes of a version stay the same; what it
tells of because of whom it names only decides who sees it. https://hl7.org/fhir/R4/security-labels.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, MARKS, PART2, Origin, codes
from adapter.fhir.json import dump, parse
from adapter.released import Predicate
from adapter.store.splice import labelled, security_at
from adapter.store.version import Version

Coding = Mapping[str, Any]

_RISING = ("U", "L", "M", "N", "R", "V")
"""https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html, of which a resource has one (DS4P)."""
_NAMES = frozenset(("system", "version", "code", "display", "userSelected", "id", "extension"))
"""https://hl7.org/fhir/R4/datatypes.html#Coding"""
_KEPT = 1024
"""Ways in which labels are written that are remembered, and bytes of the longest of them."""


def shown(predicate: Predicate, version: Version) -> bytes:
    """The text of a version as this reader is sent it; nothing of it is parsed, and its own labels are as they came.

    Who sees records by a rendering is sent that, which has its labels; a server without authorization sends what is
    stored.
    """
    if not predicate.labelled or not version.own:
        return version.body
    at = security_at(version.body, version.cut, version.version)
    if at is None:
        return labelled(version.body, version.cut, version.version, _alone(version.own))
    return version.body[: at[0]] + _beside(version.own, version.body[at[0] : at[1]]) + version.body[at[1] :]


def sent_back(predicate: Predicate, version: Version | None, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource that may have been read here before it was changed, without the labels that this reader was shown and
    its sender did not say; not yet checked, so it may be anything. `version` is the stored one.

    What a resource tells of, it goes on telling of (42 CFR 2.12(d)), whether or not that stays in what is sent.
    """
    meta = resource.get("meta")
    if version is None or not predicate.labelled or not isinstance(meta, dict):
        return resource
    given = meta.get("security")
    if not isinstance(given, list) or not given or not all(map(_is_coding, given)):
        return resource  # if it is refused, it is for what stands where it was sent
    said = [] if version.deleted else _said(version)
    kept = _kept(given, said, together(said, version.own))
    rest = {name: kept if name == "security" else value for name, value in meta.items() if kept or name != "security"}
    return {name: rest if name == "meta" else value for name, value in resource.items() if rest or name != "meta"}


def high_water(predicate: Predicate, posture: str) -> list[dict[str, str]]:
    """What a Bundle is labelled with, whatever is in it: the most that can be, and no sensitivity (DS4P).

    It tells nothing of what was found; under HIPAA alone too there is what is restricted. Empty for a server without
    authorization.
    """
    return _most(posture) if predicate.asker else []


def together(said: Sequence[Coding], own: int) -> list[Coding]:
    """The labels of a sender and ours: of confidentialities one, the highest, of all others each once."""
    ours = _ours(own)
    if not ours:
        return [*said]
    first, *more = ours
    levels = [_level(one) for one in said]
    if max(levels, default=-1) >= _level(first):
        # His may say more: a display, or on what it rests.
        best = levels.index(max(levels))
        kept = [one for n, one in enumerate(said) if levels[n] < 0 or n == best]
    else:
        kept = [first, *(one for one, level in zip(said, levels, strict=True) if level < 0)]
    known = {(one.get("system"), one.get("code")) for one in said}
    return [*kept, *(one for one in more if (one["system"], one["code"]) not in known)]


def _kept(given: list[Any], said: Sequence[Coding], seen: Sequence[Coding]) -> list[Any]:
    """What of the labels given is the sender's, who said some and was shown some."""
    if given == seen:
        return [*said]
    ours = [one for one in seen if one not in said]
    hidden = [one for one in said if one not in seen]
    kept = [one for one in given if one not in ours and one not in hidden]
    # A lower confidentiality is his still where ours stood in its place.
    return [*hidden, *kept] if any(_level(one) >= 0 for one in seen if one in given) else kept


def _ours(own: int) -> list[Coding]:
    """Our labels; the confidentiality first."""
    return [_coding(one.system, one.code) for one in MARKS if own & one.some and not own & one.none]


def _is_coding(one: Any) -> bool:
    return isinstance(one, dict) and all(name.removeprefix("_") in _NAMES for name in one)


@cache
def _most(posture: str) -> list[dict[str, str]]:
    part2 = [_coding(ACT_CODE, code) for code in codes(PART2)] if Origin(posture).part2 else []
    return [_coding(CONFIDENTIALITY, "R"), *part2]


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


def _level(one: Coding) -> int:
    """How confidential a label says that a record is; -1 for any other label."""
    code = one.get("code")
    return _RISING.index(code) if one.get("system") == CONFIDENTIALITY and code in _RISING else -1


def _said(version: Version) -> list[Coding]:
    """The labels in a stored version."""
    at = security_at(version.body, version.cut, version.version)
    return parse(version.body[slice(*at)]) if at else []


@lru_cache(_KEPT)
def _alone(own: int) -> bytes:
    return dump(_ours(own))


def _beside(own: int, said: bytes) -> bytes:
    return _remembered(own, said) if len(said) < _KEPT else _written(own, said)


def _written(own: int, said: bytes) -> bytes:
    return dump(together(parse(said), own))


_remembered = lru_cache(_KEPT)(_written)
