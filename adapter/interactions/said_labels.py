"""What a record is labelled and why, for the privacy officer; and labels that its senders said by mistake, taken back.

42 CFR 2.12(d): what follows from where a record is from, from what it codes and from whom it names goes on following.
R4: https://hl7.org/fhir/R4/security-labels.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from adapter.consent.gate import release
from adapter.consent.labels import (
    ACT_CODE,
    CONFIDENTIALITY,
    LABELLED,
    OTHER,
    OTHERS,
    PART2,
    Origin,
    codes,
    confidentiality,
    mask,
    told_by_codes,
)
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump, parse
from adapter.fhir.said_labels import Label, said, without
from adapter.interactions.answer import Answer, etag
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.doors import received_document
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.acts import act_of
from adapter.store.database import Database
from adapter.store.statements import statement
from adapter.store.taken_back import relabelled, repeated_labels, take_back, taken_back
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Json = dict[str, Any]
LABELS, TAKE_BACK = "labels", "take_back"
_SAID = ("take_back", "reason")
_PART2 = (ACT_CODE, "42CFRPart2")
_WHOSE = ("all of this program is", "what belongs to no episode that is outside it, or to another one too, is")
_LONGEST = 1_000
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A label as its senders said it: in which versions (vid, number), and the first Coding that says it."""

    label: Label
    coding: Json
    versions: Sequence[tuple[int, int]]


class _Known:
    """What is said of one record and what follows anyway, at one moment."""

    def __init__(self, program: Program, database: Database, version: Version) -> None:
        self._database, self._index = database, program.store.index
        self.record = (version.type, version.id)
        self.newest = version
        self.taken, self.repeated = taken_back(database, *self.record), repeated_labels(database, *self.record)
        rows = database.execute(statement("texts"), (*self.record, 0)).fetchall()
        self._texts = [(vid, n + 1, parse(bytes(body))) for n, (vid, body) in enumerate(rows) if body]
        origin = Origin(program.settings.posture)
        # What its senders say of part 2 is theirs to take back, where its episode says that it is outside.
        freed = origin.by_episode and not self.own(_PART2) & PART2
        self.origin, self._whose = (0 if freed else origin.labels), _WHOSE[origin.by_episode]
        self.codes: dict[tuple[str, str], int] = {}
        for _, _, text in self._texts:
            self.codes |= told_by_codes(without(text, said(text).keys()), program.maps.sensitive)

    def statements(self) -> dict[Label, _Statement]:
        """What senders said, save what was taken back since."""
        found: dict[Label, tuple[Json, list[tuple[int, int]]]] = {}
        for vid, number, text in self._texts:
            gone = {one.label for one in self.taken if one.vid > vid}
            for label, coding in said(text).items():
                if label not in gone:
                    found.setdefault(label, (dict(coding), []))[1].append((vid, number))
        return {label: _Statement(label, coding, versions) for label, (coding, versions) in found.items()}

    def own(self, *back: Label) -> int:
        """What the record tells of itself, with these taken back."""
        return relabelled(self._database, self._index, self.record, back)[0].labels

    def named(self) -> dict[tuple[str, str], int]:
        """What those tell of themselves that it names."""
        names = dict.fromkeys(
            name for _, _, text in self._texts for name in self._index.rows(self.record[0], text).labels.names
        )
        rows = {name: self._database.execute(statement("own_now"), name).fetchone() for name in names}
        return {name: row[0] for name, row in rows.items() if row}

    def why(self, label: Label) -> str | None:
        """Why a label follows whatever its senders say; None for one that does not."""
        bit = 0 if label[0] != ACT_CODE else mask([label[1]]) & ~OTHER
        if label == (CONFIDENTIALITY, "R"):
            bit = (self.origin | reduce(int.__or__, self.codes.values(), 0)) & ~LABELLED
        if bit and not bit & ~self.origin:
            return f"it follows from where the record is from: {self._whose} protected by 42 CFR part 2"
        if bit & reduce(int.__or__, self.codes.values(), self.origin):
            return "it follows from a code that the record or an earlier version of it has"
        return None

    def origin_of(self, vid: int) -> Json:
        """When a version came, and by whom."""
        act = act_of(self._database, vid)
        if act is None:
            return {}
        return {"at": instant_of(act.at_ms), "client": act.client or act.kind, "person": act.person}


def labels_of(program: Program, predicate: Predicate, type: str, id: str) -> Answer:
    """200 with what a record is labelled and why, what its senders said, what would be without each of that, and what
    was taken back; 404 for one that is not there."""
    version = program.store.read(predicate, type, id)
    if version is None:
        raise Problem(Kind.NOT_FOUND, "there is no such record")
    with program.store.asking() as database:
        known = _Known(program, database, version)
        body = _told(program, known, lambda type, id: program.store.read(predicate, type, id) is not None)
    return Answer(200, release(predicate, dump(body), (version,)), etag(version.version))


def take_labels_back(
    program: Program, predicate: Predicate, type: str, id: str, body: bytes, if_match: int | None = None
) -> Future[Answer]:
    """200 with what is left, once labels (`take_back`) said by mistake are not said any more, and why (`reason`).

    The record gets a version without them, and so has whoever names it and what others see of it; the versions before
    stay as they were sent, and count as without them. 404 for a record that is not there; 409 for a label that follows
    from elsewhere, 422 for one that no sender says.
    """
    labels, reason = _asked(program, body)

    def work(transaction: Transaction) -> Answer:
        stored = transaction.current(type, id)
        if stored is None or not transaction.sees(predicate, type, id):
            raise Problem(Kind.NOT_FOUND, "there is no such record")
        if stored.deleted:
            raise Problem(Kind.GONE, "the record has been deleted", shown=(stored,))
        _check(_Known(program, transaction.database, stored), labels)
        left = without(parse(stored.text), labels)
        change = Change("update", type, id, left, if_match, meant=True, anyway=True)
        terms = Terms("pending", predicate=replace(predicate, rights=None))
        version = apply(program, transaction, [change], terms)[0].version
        transaction.flush()
        take_back(transaction.database, program.store.index, (type, id), labels, version.vid, reason)
        transaction.show(type, id)
        known = _Known(program, transaction.database, version)
        told = _told(program, known, lambda type, id: transaction.sees(predicate, type, id))
        return Answer(200, release(predicate, dump(told), (version,)), etag(version.version))

    return program.store.write(work)


def _asked(program: Program, body: bytes) -> tuple[frozenset[Label], str]:
    """The labels to take back, and why, checked."""
    asked = received_document(program, body, TAKE_BACK)
    for name in sorted(asked.keys() - set(_SAID)):
        raise Problem(Kind.INVALID, f"only {' and '.join(_SAID)} can be said here", named(name), code="structure")
    given, reason = asked.get("take_back"), asked.get("reason")
    if not isinstance(given, list) or not given or not all(isinstance(one, str) and "|" in one for one in given):
        why = "a list of labels, each as system|code; the system is empty where none is said"
        raise Problem(Kind.UNPROCESSABLE, why, "take_back", code="value")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > _LONGEST:
        raise Problem(Kind.UNPROCESSABLE, f"say why, in at most {_LONGEST} characters", "reason", code="required")
    return frozenset((system, code) for system, _, code in (one.rpartition("|") for one in given)), reason.strip()


def _check(known: _Known, labels: frozenset[Label]) -> None:
    """Problem with every label that cannot be taken back: CONFLICT if any of them follows from elsewhere."""
    there, issues = known.statements(), list[Issue]()
    for label in sorted(labels):
        why = known.why(label)
        if why is not None:
            issues.append(Issue("conflict", f"{label[1]} cannot be taken back: {why}", "take_back"))
    if issues:
        raise Problem(Kind.CONFLICT, issues[0].message, "take_back", issues=issues)
    issues += [Issue("not-found", "no sender says this label of the record", "take_back")] * len(labels - there.keys())
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, "take_back", issues=issues)


def _told(program: Program, known: _Known, sees: Callable[[str, str], bool]) -> Json:
    """The whole of it; a record that it names and that the officer does not see is not named."""
    names = known.named()

    def whole(own: int) -> Json:
        return _words(reduce(program.store.index.together, names.values(), own))

    type, id = known.record
    seen = ((name, own) for name, own in names.items() if sees(*name))
    return {
        "record": f"{type}/{id}",
        "version": known.newest.version,
        **whole(known.own()),
        "origin": _words(known.origin),
        "codes": [{"label": "|".join(key), **_words(labels)} for key, labels in known.codes.items()],
        "named": [{"record": "/".join(name), **_words(own)} for name, own in seen],
        "said": [_stated(known, one, whole(known.own(one.label))) for one in known.statements().values()],
        "taken_back": list(_withdrawn(known)),
    }


def _stated(known: _Known, one: _Statement, left: Json) -> Json:
    vid, number = one.versions[0]
    why = known.why(one.label)
    return {
        "label": "|".join(one.label),
        **({"display": one.coding["display"]} if "display" in one.coding else {}),
        "since": {"version": number, **known.origin_of(vid)},
        "stands": one.versions[-1][0] == known.newest.vid,
        **({"without": left} if why is None else {"stays": why}),
    }


def _withdrawn(known: _Known) -> Iterator[Json]:
    for one in known.taken:
        again = [each for each in known.repeated if (each.system, each.code) == one.label and each.vid >= one.vid]
        yield {
            "label": "|".join(one.label),
            "reason": one.reason,
            **known.origin_of(one.vid),
            "repeated": [{"at": instant_of(each.at_ms), "client": each.client} for each in again],
        }


def _words(labels: int) -> Json:
    """Labels in words: `otherwise`, if it is sensitive in a way that is not known; `names_another`, not asked for."""
    more = {"otherwise": bool(labels & OTHER), "names_another": bool(labels & OTHERS)}
    told = {"confidentiality": confidentiality(labels), "labels": list(codes(labels))} if labels else {"labels": []}
    return {**told, **{name: True for name, value in more.items() if value}}
