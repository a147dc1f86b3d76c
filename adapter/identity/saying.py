"""`POST /iop/proposals/{id}` and `/$say`: what staff say of proposals, one or several at once, all or nothing.

What is accepted, refused or made one is written as any change is: the asker's roles say which records he may write, and
a Provenance tells of each version who wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump, parse
from adapter.identity.joining import Asked as Joining
from adapter.identity.joining import join
from adapter.identity.proposals import ACCEPT, REJECT
from adapter.identity.standing import accepted, is_in_error, rejected
from adapter.identity.uniting import unite
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, Outcome, apply
from adapter.interactions.doors import native_terms, received_document
from adapter.interactions.duties import NO, check_changeable
from adapter.interactions.places import placed
from adapter.interactions.program import Program
from adapter.interactions.relations import SUSPECT
from adapter.interactions.sight import Sight
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.joined import Joined
from adapter.store.proposals import DIFFERENT, SAME, Asked, Key, pair, say, waits
from adapter.store.referrals import staged_with
from adapter.store.transaction import Transaction
from adapter.store.version import Version

SAY, SAY_ALL = "say", "$say"
_ID = r"[A-Za-z0-9\-.]{1,64}"
_NAME = re.compile(rf"([a-z]+):([A-Z][A-Za-z]+):({_ID})(?::({_ID}))?", re.ASCII)
_REASON = 1_000
"""Characters of a reason."""
_PAIRS, _FORM = frozenset({"same", "person"}), "consent"
_KINDS = frozenset({"record", _FORM}) | _PAIRS
WORDS = (ACCEPT, REJECT, SAME, DIFFERENT)
SAYS: Mapping[str, Callable[[Any], bool]] = {
    "say": lambda said: said in WORDS,
    "reason": lambda said: isinstance(said, str) and 0 < len(said.strip()) <= _REASON,
    "keep": lambda said: isinstance(said, str) and bool(re.fullmatch(_ID, said)),
    "unlike": lambda said: isinstance(said, bool),
    "consents": lambda said: said == "both",
    "service": lambda said: isinstance(said, str),
    "items": lambda said: isinstance(said, list) and bool(said) and all(isinstance(one, str) for one in said),
    "document": lambda said: isinstance(said, str) and bool(re.fullmatch(_ID, said)),
    "types": lambda said: isinstance(said, list) and bool(said) and all(isinstance(one, str) for one in said),
}
"""What can be said, and how."""
_OF_MANY = frozenset({"items", "document", "types"})


@dataclass(frozen=True, slots=True)
class Named:
    """A proposal by its name: its kind, and where what is said of it is kept; `place` is where it stands in the
    request."""

    name: str
    kind: str
    key: Key
    place: str = ""


@dataclass
class Work:
    """One request in one transaction. `unmapped` are changes of records that no map reads: nobody's role writes those,
    so what is said of them is written as what follows from it; `left` is what the asker may not write."""

    program: Program
    predicate: Predicate
    transaction: Transaction
    said: Mapping[str, Any]
    written: list[Outcome] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unmapped: list[Change] = field(default_factory=list)

    @property
    def reason(self) -> str | None:
        """Why, in the words of who says it."""
        return self.said.get("reason")

    def there(self, one: Named, id: str, type: str = "") -> Version:
        """A live record that the asker sees, of the type of a proposal unless another is said."""
        type = type or one.key.type
        version = self.transaction.current(type, id)
        seen = Sight(self.program, self.transaction, self.predicate).sees(type, id)
        if version is None or version.deleted or not seen:
            raise nowhere(one.place)
        return version

    def note(self, key: Key) -> None:
        """Write down what was said."""
        now_ms = milliseconds(self.program.clock())
        say(self.transaction.database, key, self.said["say"], self.reason, now_ms)
        self.transaction.changed = True


Decide = Callable[[Work, Named], Sequence[Change]]
"""What is to be written for a word of acceptance or refusal, of a kind of proposal that a journey has."""
Also = Mapping[str, Decide]


def say_of(program: Program, predicate: Predicate, also: Also, name: str, body: bytes) -> Future[Answer]:
    """200 with what was written, for one proposal; 404 for one that is not there, or of which all has been said; 409
    for what is for intake alone, and for two of which one is no record of its own any more."""
    said = _said(program, body, SAYS.keys() - _OF_MANY)
    named = name_of(name, also)
    return program.store.write(lambda transaction: _done(Work(program, predicate, transaction, said), also, [named]))


def say_of_many(program: Program, predicate: Predicate, also: Also, body: bytes) -> Future[Answer]:
    """200 with what was written, for all the `items`, or for all that a `document` told, of some `types` where that is
    said; all or nothing. Of a document it is what the asker may write; the rest is named as `left`."""
    said = _said(program, body, SAYS.keys() - {"keep", "service"})
    if ("items" in said) == ("document" in said):
        raise Problem(Kind.UNPROCESSABLE, "say which: `items`, or a `document`", "items", code="required")
    if "types" in said and "document" not in said:
        raise Problem(Kind.UNPROCESSABLE, "types go with a document", "types", code="value")
    items = [name_of(name, also, f"items[{number}]") for number, name in enumerate(said.get("items", ()))]
    if len(items) > program.settings.entry_limit:
        raise Problem(Kind.TOO_LONG, f"so many at once: at most {program.settings.entry_limit}", "items")

    def work(transaction: Transaction) -> Answer:
        task = Work(program, predicate, transaction, said)
        return _done(task, also, items or _of_document(task))

    return program.store.write(work)


def name_of(name: str, also: Also, place: str = "") -> Named:
    """The proposal that a name means; Problem(NOT_FOUND) for what is none."""
    found = _NAME.fullmatch(name)
    known = found is not None and (found[1] in _KINDS or found[1] in also)
    if found is None or not known or (found[4] is None) == (found[1] in _PAIRS):
        raise nowhere(place)
    key = pair(found[2], found[3], found[4]) if found[4] else Key(found[2], found[3])
    return Named(name, found[1], key, place)


def nowhere(place: str = "") -> Problem:
    """404: a proposal that is not there for the asker, or of which all has been said."""
    return Problem(Kind.NOT_FOUND, "there is no such proposal", place or None)


def _said(program: Program, body: bytes, known: Any) -> dict[str, Any]:
    said = received_document(program, body, SAY)
    for name in sorted(said.keys() - known):
        raise Problem(Kind.INVALID, f"only {', '.join(sorted(known))} can be said here", named(name), code="structure")
    wrong = [name for name in said if not SAYS[name](said[name])]
    issues = [Issue("value", f"{name} is not as it can be said", name) for name in wrong]
    issues += [Issue("required", "say what: accept, reject, same or different", "say")] * ("say" not in said)
    if said.get("say") == REJECT and "reason" not in said:
        issues.append(Issue("required", "say why it is not so", "reason"))
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return said


def _of_document(work: Work) -> list[Named]:
    """All that a document told and that waits, of what the asker sees and may write; what he may not is `left`."""
    document, types = work.said["document"], work.said.get("types")
    work.transaction.flush()
    asked = Asked(work.transaction.database, work.predicate, None, work.program.settings.entry_limit)
    found = [one.version for one in asked.proposed(("", ""), document)]
    wanted = [one for one in found if types is None or one.type in types]
    if not wanted or not Sight(work.program, work.transaction, work.predicate).sees("DocumentReference", document):
        raise nowhere("document")
    rights = work.predicate.rights
    mine = [
        one for one in wanted if rights is None or one.concept is None or rights.word("update", [one.concept]) != NO
    ]
    if not mine:
        raise Problem(Kind.FORBIDDEN, "your role may not change records of these kinds", "document")
    work.left += [_name(one) for one in wanted if one not in mine]
    return [Named(_name(one), "record", Key(one.type, one.id)) for one in mine]


def _name(version: Version) -> str:
    return f"record:{version.type}:{version.id}"


def _done(work: Work, also: Also, named: Sequence[Named]) -> Answer:
    changes: list[Change] = []
    for one in {one.key: one for one in named}.values():
        words = (SAME, DIFFERENT) if one.kind in _PAIRS else (ACCEPT, REJECT)
        if work.said["say"] not in words:
            raise Problem(
                Kind.UNPROCESSABLE, f"of this can be said: {' or '.join(words)}", one.place or "say", code="value"
            )
        if one.kind in _PAIRS:
            _compared(work, one)
        elif one.kind in also:
            changes += also[one.kind](work, one)
        else:
            changes += _decided(work, one)
    if changes or work.unmapped:
        terms = replace(native_terms(work.predicate), joining=work.unmapped or None)
        work.written += apply(work.program, work.transaction, changes, terms)
    sight = Sight(work.program, work.transaction, work.predicate)
    versions = [one.version for one in work.written if one.changed]
    seen = [version for version in versions if sight.sees(version.type, version.id)]
    told = {"items": [one.name for one in named], "said": work.said["say"]}
    told |= {"left": work.left} if work.left else {}
    told |= {"records": sorted({f"{version.type}/{version.id}" for version in seen})}
    return Answer(200, release(work.predicate, dump(told), seen))


def _decided(work: Work, one: Named) -> Sequence[Change]:
    """The change that accepts or refuses a record; none for what no map reads."""
    version = work.there(one, one.key.id)
    resource = parse(version.text)
    database, form = work.transaction.database, one.kind == _FORM
    proposed = resource.get("status") == "proposed" if form else waits(database, version.type, version.id)
    if not proposed or form != (version.type == "Consent"):
        raise nowhere(one.place)
    _check_settled(work, one, version)
    if work.said["say"] == ACCEPT:
        after = accepted(work.program, resource)
    else:
        after = rejected(work.program, resource, work.said["reason"])
    work.note(one.key)
    change = Change("update", version.type, version.id, after, source=one.place)
    if version.concept is None:
        work.unmapped.append(change)
        return []
    return [change]


def _compared(work: Work, one: Named) -> None:
    """Say of two records that they are one, or are not: also of two that no rule has found."""
    versions = [work.there(one, id) for id in (one.key.id, one.key.other)]
    if one.kind != ("person" if one.key.type == "Patient" else "same") or len({one.key.id, one.key.other}) == 1:
        raise nowhere(one.place)
    for version in versions:
        _check_comparable(work, one, version)
    if work.said["say"] == SAME:
        work.written += _united(work, one, versions)
    work.note(one.key)
    for version in versions:
        path = f"{version.type}.identifier"
        work.transaction.settle(version.type, version.id, path, SUSPECT, None, work.said["say"])


def _check_settled(work: Work, one: Named, version: Version) -> None:
    """409 for what is for intake alone as yet."""
    if staged_with(work.transaction.database, version.type, version.id):
        why = "it came with a referral, and intake has not said who the person is: /iop/intake"
        raise Problem(Kind.CONFLICT, why, one.place or None, code="business-rule")


def _check_comparable(work: Work, one: Named, version: Version) -> None:
    """Refuse what the asker may not change, and 409 what is no record of its own any more.

    Of what no map reads, which no role writes, who sees it says so. Of two that were said to be the same one is in
    error, or joined; the other must not follow it by a second word.
    """
    if version.concept is not None:
        try:
            check_changeable(work.transaction, work.predicate, version)
        except Problem as problem:
            raise placed(problem, one.place, version.type) from None
    _check_settled(work, one, version)
    joined = one.kind == "person" and Joined(work.transaction.database).into(version.id)
    if joined or is_in_error(parse(version.text)):
        how = "was joined into another" if joined else "is entered in error"
        why = f"{version.type}/{version.id} {how}: it is not compared any more"
        raise Problem(Kind.CONFLICT, why, one.place or None, code="business-rule")


def _united(work: Work, one: Named, versions: Sequence[Version]) -> list[Outcome]:
    """One of the two, or the one that was written first, stays."""
    program, transaction, terms = work.program, work.transaction, native_terms(work.predicate)
    first = min(versions, key=lambda version: _first(work, version)).id
    survivor = work.said.get("keep", first)
    if survivor not in (one.key.id, one.key.other):
        raise Problem(Kind.UNPROCESSABLE, "keep: the id of one of the two", "keep", code="value")
    loser = one.key.other if survivor == one.key.id else one.key.id
    if one.kind == "person":
        both = work.said.get("consents") == "both"
        return join(program, transaction, Joining(loser, survivor, work.said.get("unlike") is True, both), terms)
    # Who said so of a record that waited for a word has said it.
    if waits(transaction.database, one.key.type, loser):
        work.note(Key(one.key.type, loser))
    return unite(program, transaction, one.key.type, loser, survivor, terms)


def _first(work: Work, version: Version) -> int:
    """The number of the first version of a record."""
    joined = Joined(work.transaction.database)
    return (joined.version(work.predicate, version.type, version.id, 1) or version).vid
