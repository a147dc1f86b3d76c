"""`GET /iop/proposals`: what staff are asked about records, in one list: what somebody else told, and what may be one.

Each kind finds its own items, so nothing is looked for when records are written. An answer shows no more than the asker
may see of each record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.json import dump, parse
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.answer import Answer
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.store.acts import act_of
from adapter.store.referrals import sender_of
from adapter.store.version import Version

LIST = "proposals"
KNOWN = ("participant", "kind", "limit", "page")
ACCEPT, REJECT = "accept", "reject"


class Hunt(NamedTuple):
    """Who looks, for whom (`patient` None: for everybody), and how many items there is room for."""

    program: Program
    predicate: Predicate
    patient: str | None
    room: int


class Item(NamedTuple):
    """One thing that staff are asked, and the records that it shows."""

    said: dict[str, Any]
    shown: Sequence[Version]


class Portion(NamedTuple):
    """Items of one kind, and behind what it goes on; None at the end."""

    items: Sequence[Item]
    last: Sequence[str] | None


Find = Callable[[Hunt, Sequence[str]], Portion]
"""The items of a kind behind a place; the first begins behind ()."""


def proposals(
    program: Program, predicate: Predicate, kinds: Mapping[str, Find], pairs: Sequence[tuple[str, str]]
) -> Answer:
    """200 with `items`, kind by kind, and the address of the `next` page while there may be more.

    A page may be short where much was looked at and little found. 400 for a kind that is none.
    """
    given = dict(pairs)
    limit, key = limit_of(program, given.get("limit")), program.link_key(predicate)
    patient, wanted, at, after = given.get("participant"), given.get("kind"), 0, list[str]()
    if "page" in given:
        if both := [name for name in ("participant", "kind") if name in given]:
            raise Problem(Kind.INVALID, f"a page link keeps its {both[0]}; follow it as it is", both[0])
        patient, wanted, at, after = unseal(given["page"], key, LIST, "page")
    names = [wanted] if wanted else [*kinds]
    if names[0] not in kinds:
        why = f"{named(names[0])} is no kind; known are {', '.join(kinds)}"
        raise Problem(Kind.INVALID, why, "kind", code="value")
    found, place = _filled(Hunt(program, predicate, patient, limit), [kinds[name] for name in names], at, after)
    body: dict[str, Any] = {"items": [item.said for item in found]}
    if place is not None:
        token = seal([patient, wanted, *place], key, LIST)
        body["next"] = program.page_link(native_link(program, LIST), [("page", token), ("limit", str(limit))])
    shown = dict.fromkeys(version for item in found for version in item.shown)
    return Answer(200, release(predicate, dump(body), [*shown]))


def _filled(
    hunt: Hunt, kinds: Sequence[Find], at: int, after: Sequence[str]
) -> tuple[list[Item], tuple[int, list[str]] | None]:
    """As many items as there is room for, and where the next page begins; each kind is asked once for a page."""
    found: list[Item] = []
    for number in range(at, len(kinds)):
        if len(found) >= hunt.room:
            return found, (number, [])
        portion = kinds[number](hunt._replace(room=hunt.room - len(found)), after if number == at else ())
        found += portion.items
        if portion.last is not None:
            return found, (number, [*portion.last])
    return found, None


def told(program: Program, version: Version) -> dict[str, Any]:
    """A record in the program's words, where a map reads it."""
    concept = program.maps.concepts.get(version.concept or "")
    about = {"type": version.type, "id": version.id, "concept": version.concept}
    if concept is None:
        return about
    record = concept.to_native(parse(version.body))[0]
    kept = {name: said for name, said in record.items() if name not in ("id", "participant", "incomplete")}
    return about | {"says": kept}


class Origin(NamedTuple):
    """Who wrote a record first: the kind of the client, the client, and whom it acts for; and with which referral it
    came."""

    kind: str
    client: str
    organization: str
    task: str = ""

    @property
    def system(self) -> str:
        """What keeps its records apart from others' and knows its own: the staff, or one client."""
        return self.client if self.kind.endswith("-ehr") or self.task else self.kind

    def told(self) -> dict[str, str]:
        """In the words of the list."""
        sender = {"sender": f"Organization/{self.organization}"} if self.organization else {}
        task = {"referral_task": self.task} if self.task else {}
        return {"kind": self.kind, **({"client": self.client} if self.client else {}), **sender, **task}


def origin(program: Program, predicate: Predicate, version: Version) -> Origin:
    """Who wrote the first version of a record."""
    first = program.store.vread(predicate, version.type, version.id, 1) or version
    with program.store.asking() as database:
        act, sent = act_of(database, first.vid), sender_of(database, version.type, version.id)
    if act is None or act.last < first.vid:
        return Origin("program", "", "")
    if sent is not None:
        return Origin(act.kind, act.client, *sent)
    return Origin(act.kind, act.client, act.organization if act.kind.endswith("-ehr") else "")
