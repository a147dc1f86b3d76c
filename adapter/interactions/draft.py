"""The records as they will be once the changes so far are written: what consequences read and what is then stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from adapter.fhir import tokens
from adapter.fhir.dates import EVER, Interval
from adapter.fhir.index import Rows
from adapter.fhir.json import parse, same
from adapter.fhir.query import Match
from adapter.interactions.admission import Admitted, identifying_keys
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.released import Predicate
from adapter.store.placement import EPISODE
from adapter.store.referrals import last_live, staged_with, was_sent
from adapter.store.taken_back import left_of
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One record in the draft: the version stored now and the resource it will be (`after` None: it will not be there).

    `admitted` belongs to `after`; it is None when a consequence rewrote the resource since it was admitted.
    `source` is where it stands in the request; `unresolved` are its references to records that will not be there, as
    (path, type, id). `asked` tells a record that the request names from one that only a consequence touches;
    `sent` is what its sender outside is to see of it;
    `unclaimed` are keys that it carries but that name another record, `left_out` labels that it merely repeats.
    `anyway`: it becomes a version though nothing in it differs.
    """

    type: str
    id: str
    stored: Version | None
    source: str = ""
    kind: Literal["create", "update", "delete"] | None = None
    after: Resource | None = None
    admitted: Admitted | None = None
    moved: tuple[str | None, str | None] | None = None
    asked: bool = False
    sent: Resource | None = None
    unresolved: list[tuple[str, str, str]] = field(default_factory=list)
    unclaimed: list[tuple[str, str]] = field(default_factory=list)
    left_out: frozenset[tuple[str, str]] = frozenset()
    anyway: bool = False
    indexed: tuple[Resource, Rows] | None = None
    _before: Resource | None = None

    def propose(
        self,
        kind: Literal["create", "update", "delete"],
        after: Resource | None,
        admitted: Admitted | None,
    ) -> None:
        """Say what the record will be."""
        self.kind, self.after, self.admitted = kind, after, admitted

    @property
    def live(self) -> bool:
        """Whether a current, undeleted version is stored."""
        return self.stored is not None and not self.stored.deleted

    @property
    def before(self) -> Resource | None:
        """The resource stored now, parsed once."""
        if self._before is None and self.stored is not None and not self.stored.deleted:
            self._before = parse(self.stored.text)
        return self._before

    @property
    def changed(self) -> bool:
        """Whether writing this entry would make a version: digits count, the order of keys does not."""
        if self.after is None or not self.live:
            return self.live or self.after is not None
        if self.anyway:
            return True
        if self.admitted and self.stored and self.admitted.text == self.stored.text:
            return False
        return not same(self.before, self.after)


_NONE: Mapping[str, int | None] = {}


@dataclass(slots=True)
class _Pointers:
    """What entries of a type point to under one parameter, by their ids and with their natural dates; `opened` are
    those to be read again."""

    opened: set[str]
    keys: dict[str, list[str]]
    ids: defaultdict[str, dict[str, int | None]]


class Draft:
    """An overlay of proposed records over one store transaction; `sight` is what the asker may see under it.

    `current` and `holders` are for the program's own rules, which see everything.
    """

    def __init__(self, program: Program, transaction: Transaction, sight: Sight) -> None:
        self._program = program
        self._transaction = transaction
        self._entries: dict[tuple[str, str], Entry] = {}
        self._keys: dict[int, tuple[Resource, frozenset[tuple[str, str]]]] = {}
        self._pointers: dict[tuple[str, int], _Pointers] = {}
        self._opened: Counter[str] = Counter()
        self.sight = sight

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def holds(self, type: str, id: str) -> bool:
        """Whether a change to this record is already proposed."""
        return (type, id) in self._entries

    def open(self, type: str, id: str, source: str = "") -> Entry:
        """The record's entry; whoever opens it for the first time must then say what it will be."""
        entry = self._entries.get((type, id))
        if entry is None:
            entry = self._entries[type, id] = Entry(type, id, self._transaction.current(type, id), source)
        self._opened[type] += 1
        for (of, _), pointers in self._pointers.items():
            if of == type:
                pointers.opened.add(id)
        return entry

    def proposals(self, besides: str) -> int:
        """A number that is another once a record of any other type than this has been proposed."""
        return self._opened.total() - self._opened[besides]

    def seen(self, type: str, id: str) -> bool:
        """Whether the record will be there for the asker."""
        if not self.exists(type, id):
            return False
        entry = self._entries.get((type, id))
        made = entry is not None and entry.stored is None
        return made or self.sight.sees(type, id)

    def sees_under(self, predicate: Predicate, entry: Entry) -> bool:
        """Whether the stored version of an entry fulfils another predicate."""
        return self._transaction.sees(predicate, entry.type, entry.id)

    def named(self, type: str, system: str, value: str) -> str | None:
        """The id of the record that a key will still name if no other takes it, whoever may see it."""
        id = self._transaction.alias(type, system, value)
        return id if id is not None and self.carries(type, id, system, value) else None

    def carries(self, type: str, id: str, system: str, value: str) -> bool:
        """Whether a record that has had this key will be there and have it still."""
        entry = self._entries.get((type, id))
        if entry is None or entry.after is None:
            return self.exists(type, id)
        return (system, value) in self.keys(entry.after)

    def keys(self, resource: Resource) -> frozenset[tuple[str, str]]:
        """The identifying keys of a resource of the draft, read once: of a record with many, each is asked for."""
        known = self._keys.get(id(resource))
        if known is None:
            # Kept with its keys, so that no other resource can get its place in the memory.
            known = self._keys[id(resource)] = resource, frozenset(identifying_keys(self._program, resource))
        return known[1]

    def exists(self, type: str, id: str) -> bool:
        """Whether the record will be there."""
        entry = self._entries.get((type, id))
        if entry is not None:
            return entry.after is not None
        stored = self._transaction.current(type, id)
        return stored is not None and not stored.deleted

    def persons(self, type: str, id: str) -> frozenset[str]:
        """The patients whom the record will be about; none for one that will not be there."""
        entry = self._entries.get((type, id))
        if entry is not None and entry.admitted is not None:
            return frozenset(self._program.store.index.patients(type, id, entry.admitted.rows))
        stored = self._transaction.current(type, id) if self.exists(type, id) else None
        return frozenset(stored.patients.split()) if stored else frozenset()

    def current(self, type: str, id: str) -> Resource | None:
        """The resource as it will be."""
        entry = self._entries.get((type, id))
        if entry is not None:
            return entry.after
        stored = self._transaction.current(type, id)
        return None if stored is None or stored.deleted else parse(stored.text)

    def staged(self, type: str, id: str) -> bool:
        """Whether a record came with a referral of which intake has not yet said who the person is."""
        return staged_with(self._transaction.database, type, id) is not None

    def last(self, type: str, id: str) -> Resource | None:
        """The resource as it is stored; of a deleted one as it was before."""
        stored = self._transaction.current(type, id)
        if stored is not None and stored.deleted:
            stored = last_live(self._transaction.database, type, id)
        return None if stored is None else parse(stored.text)

    def sent(self, type: str, id: str) -> bool:
        """Whether a record came with a referral at all."""
        entry = self._entries.get((type, id))
        if entry is not None and entry.sent is not None:
            return True
        return was_sent(self._transaction.database, type, id)

    def covered(self, type: str, id: str) -> bool:
        """Whether part 2 will protect a record, by what all its versions say; False where that does not depend on the
        episode."""
        index = self._program.store.index
        if not index.by_episode:
            return False
        said = [*left_of(self._transaction.database, type, id), self.current(type, id)]
        told = [index.rows(type, one).labels for one in said if one is not None]
        named = {episode for one in told for episode in one.episodes}
        outside = told and told[-1].episodes and all(one.outside for one in told) and not self.sent(type, id)
        return not (outside and all(self._frees(episode) for episode in named))

    def _frees(self, episode: str) -> bool:
        resource = self.current(EPISODE, episode)
        frees = resource is not None and self._program.store.index.frees(resource)
        return frees and not self.sent(EPISODE, episode)

    def holders(self, type: str, parameter: str, value: str) -> list[str]:
        """Ids of the records that a search by this token or reference will find, in the order of ids."""
        stored = [id for id in self._transaction.holders(type, parameter, value) if not self.holds(type, id)]
        field = self._program.store.index.parameters(type)[parameter]
        wanted = Match.plain(field, value)
        proposed = [
            entry.id
            for entry in self
            if entry.type == type
            and any(number == field.number and wanted.fits(key) for number, key in self._tokens(entry))
        ]
        return sorted(stored + proposed)

    def pointing(
        self, type: str, parameter: str, targets: Iterable[tuple[str, str]], within: Interval = EVER
    ) -> set[str]:
        """Ids of the records that will point to one of these (type, id) and have their natural date within an interval:
        as `holders`, asked once for all."""
        forms = {tokens.target(f"{target}/{id}") for target, id in targets}
        found = self._transaction.pointing(type, parameter, forms, within)
        stored = {id for id in found if not self.holds(type, id)}
        number = self._program.store.index.parameters(type)[parameter].number
        (low, high), known = within, self._proposed(type, number)
        proposed = [one for form in forms for one in known.get(form, _NONE).items()]
        return stored | {id for id, sort in proposed if within == EVER or (sort is not None and low <= sort < high)}

    def _proposed(self, type: str, number: int) -> Mapping[str, Mapping[str, int | None]]:
        """The ids and natural dates of entries of a type by their index values under a parameter: a large Bundle asks
        often."""
        known = self._pointers.get((type, number))
        if known is None:
            mine = {entry.id for entry in self if entry.type == type}
            known = self._pointers[type, number] = _Pointers(mine, {}, defaultdict(dict))
        for id in known.opened:
            for key in known.keys.pop(id, ()):
                known.ids[key].pop(id, None)
            rows = self._rows(self._entries[type, id])
            keys = known.keys[id] = [key for found, key in rows.tokens if found == number] if rows else []
            for key in keys:
                known.ids[key][id] = rows and rows.sort
        known.opened.clear()
        return known.ids

    def _tokens(self, entry: Entry) -> Collection[tuple[int, str]]:
        """The index values that the entry will have."""
        rows = self._rows(entry)
        return rows.tokens if rows else ()

    def _rows(self, entry: Entry) -> Rows | None:
        """The index rows that the entry will have, found once for each proposal: a large import asks often."""
        if entry.after is None:
            return None
        if entry.admitted is not None:
            return entry.admitted.rows
        if entry.indexed is None or entry.indexed[0] is not entry.after:
            entry.indexed = (entry.after, self._program.store.index.rows(entry.type, entry.after))
        return entry.indexed[1]
