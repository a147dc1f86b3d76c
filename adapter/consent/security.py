"""Labels as a recipient reads them, in `meta.security`: those of the sender, and ours for what the record tells of.

Ours stand in no stored text: they are put in on the way out, and taken out of what comes back from those who read them.
They are those of the record itself as its versions so far say it, so that the bytes of a version stay the same; what it
tells of because of whom it names only decides who sees it. https://hl7.org/fhir/R4/security-labels.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, MARKS, PART2, RISING, Origin, codes
from adapter.fhir.json import dump, parse
from adapter.released import Predicate
from adapter.store.splice import labelled, security_at
from adapter.store.version import Line, Version

Coding = Mapping[str, Any]

_NAMES = frozenset(("system", "version", "code", "display", "userSelected", "id", "extension"))
"""https://hl7.org/fhir/R4/datatypes.html#Coding"""
_KEPT = 1024
"""Ways in which labels are written that are remembered, and bytes of the longest of them."""


def shown(predicate: Predicate, version: Version | Line) -> bytes:
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


def texts(predicate: Predicate, versions: Sequence[Version | Line]) -> list[bytes]:
    """The texts of versions as this reader is sent them."""
    if not predicate.labelled:
        return [version.body for version in versions]
    return [shown(predicate, version) for version in versions]


def sent_back(predicate: Predicate, version: Version | None, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource that may have been read here before it was changed, without the labels that this reader was shown and
    its sender did not say; not yet checked, so it may be anything. `version` is the stored one, or the one before
    a deletion.

    What a resource tells of, it goes on telling of (42 CFR 2.12(d)), whether or not that stays in what is sent.
    """
    meta = resource.get("meta")
    if version is None or not predicate.labelled or not isinstance(meta, dict):
        return resource
    given = meta.get("security")
    if not isinstance(given, list) or not given or not all(map(_is_coding, given)):
        return resource  # if it is refused, it is for what stands where it was sent
    said = [] if version.deleted else _said(version)
    return _secured(resource, _kept(given, said, version.own))


def _secured(resource: dict[str, Any], kept: Sequence[Coding]) -> dict[str, Any]:
    """The resource with these in `meta.security`; what is empty then is left out."""
    meta = resource["meta"]
    rest = {name: kept if name == "security" else value for name, value in meta.items() if kept or name != "security"}
    return {name: rest if name == "meta" else value for name, value in resource.items() if rest or name != "meta"}


def without_ours(predicate: Predicate, version: Version, resource: dict[str, Any]) -> dict[str, Any]:
    """What is left of a resource that was read before a label of its sender was taken back: beside that, a
    confidentiality of ours may not have been shown, so that `sent_back` did not know the others for ours. What its
    sender says elsewhere in the resource was never ours."""
    given = resource.get("meta", {}).get("security", [])
    if not predicate.labelled:
        return resource
    ours = {_key(one) for one in _beside_his([] if version.deleted else _said(version), version.own)}
    shown_so = {key for key in ours if key[0] != CONFIDENTIALITY}
    if not shown_so <= set(map(_key, given)):
        return resource
    return _secured(resource, [one for one in given if _key(one) not in ours]) if given else resource


def high_water(predicate: Predicate, posture: str) -> list[dict[str, str]]:
    """What a Bundle is labelled with, whatever is in it: the most that can be, and no sensitivity (DS4P).

    A sender may call his record very restricted, and there are consents by which everybody can be shown it. It tells
    nothing of what was found. Empty for a server without authorization.
    """
    return _most(posture) if predicate.asker else []


def together(said: Sequence[Coding], own: int) -> list[Coding]:
    """The labels of a sender and ours: of confidentialities one, the highest, of all others each once."""
    ours, replaced = _beside_his(said, own), set(_replaced(said, own))
    kept = [one for n, one in enumerate(said) if n not in replaced]
    # His may say more: a display, or on what it rests.
    first = [one for one in ours if _level(one) >= 0]
    return [*first, *kept, *(one for one in ours if _level(one) < 0)]


def _beside_his(said: Sequence[Coding], own: int) -> list[Coding]:
    """Those of ours that are shown beside or above a sender's."""
    known, level = set(map(_key, said)), max(map(_level, said), default=-1)
    return [one for one in _ours(own) if _level(one) > level or (_level(one) < 0 and _key(one) not in known)]


def _replaced(said: Sequence[Coding], own: int) -> list[int]:
    """Where those confidentialities of a sender stand in whose place another is shown, the first of the highest."""
    if not own:
        return []
    levels = [_level(one) for one in said]
    most = max(levels, default=-1)
    best = levels.index(most) if most >= max(map(_level, _ours(own))) else -1
    return [n for n, level in enumerate(levels) if level >= 0 and n != best]


def _kept(given: Sequence[Coding], said: Sequence[Coding], own: int) -> list[Coding]:
    """What of the labels given is the sender's, who said some: all, unless there is in it whatever of ours was shown.

    Then he sends what he read, and ours are taken out; in the place of what was shown for his own, that is put back.
    """
    ours, seen = _beside_his(said, own), together(said, own)
    names, shown_names = Counter(map(_key, given)), Counter(map(_key, seen))
    if not all(names[_key(one)] for one in ours):
        return [*given]
    kept = [*given]
    for one in ours:
        kept.remove(one if one in kept else next(each for each in kept if _key(each) == _key(one)))
    if any(names[_key(one)] for one in seen if _level(one) >= 0):
        for n in _replaced(said, own):
            if names[_key(said[n])] <= shown_names[_key(said[n])]:
                kept.insert(n, said[n])
    return kept


def _ours(own: int) -> list[Coding]:
    """Our labels; the confidentiality first."""
    return [_coding(one.system, one.code) for one in MARKS if own & one.some and not own & one.none]


def _is_coding(one: Any) -> bool:
    if not isinstance(one, dict) or not all(name.removeprefix("_") in _NAMES for name in one):
        return False
    return all(isinstance(one.get(name, ""), str) for name in ("system", "code"))


def _key(one: Coding) -> tuple[str | None, str | None]:
    """What label it is, whatever else is said of it."""
    return one.get("system"), one.get("code")


@cache
def _most(posture: str) -> list[dict[str, str]]:
    part2 = [_coding(ACT_CODE, code) for code in codes(PART2)] if Origin(posture).part2 else []
    return [_coding(CONFIDENTIALITY, RISING[-1]), *part2]


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


def _level(one: Coding) -> int:
    """How confidential a label says that a record is; -1 for any other label."""
    code = one.get("code")
    return RISING.index(code) if one.get("system") == CONFIDENTIALITY and code in RISING else -1


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
