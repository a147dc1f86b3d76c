"""What goes along with the matches of a page: the records they point to, and those that point to them.

https://hl7.org/fhir/R4/search.html#include
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import orjson

from adapter.fhir import tokens
from adapter.fhir.extraction import Token
from adapter.fhir.index import Index
from adapter.fhir.query import Include
from adapter.fhir.references import references, split
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.statements import narrowed
from adapter.store.version import Version

Key = tuple[str, str]
"""(type, id)"""
_PAST = b"/_history/"
_DIGITS = 10
"""No version has a number of as many."""


class Included:
    """Gathers what goes along with one page at the logical time `t`.

    Problem(TOO_COSTLY) for more than `limit` records: none is left out unsaid.
    """

    def __init__(self, connection: Database, index: Index, predicate: Predicate, t: int, limit: int) -> None:
        self._connection = connection
        self._index = index
        self._predicate = predicate
        self._t = t
        self._limit = limit
        self._seen: set[Key] = set()
        """What need not be looked up as it is at the time."""
        self._vids: set[int] = set()
        """The versions that are on the page."""
        self._read: dict[int, list[Token]] = {}
        self._found: list[Version] = []

    def of(self, includes: Sequence[Include], matches: Sequence[Version]) -> list[Version]:
        """The records to include, each once, none of which is a match itself; of what is pointed to by its version,
        as R4 has it, that version."""
        self._seen = {(version.type, version.id) for version in matches}
        self._vids = {version.vid for version in matches}
        fresh: Sequence[Version] = matches
        while fresh and includes:
            start = len(self._found)
            for include in includes:
                self._take(self._pointing(include, fresh) if include.reverse else self._pointed(include, fresh))
            fresh = self._found[start:]
            includes = [include for include in includes if include.iterate]
        return self._found

    def _take(self, versions: Iterable[Version]) -> None:
        for version in versions:
            if version.vid not in self._vids:
                self._vids.add(version.vid)
                self._found.append(version)
        self._check(len(self._found))

    def _check(self, many: int) -> None:
        if many > self._limit:
            message = f"more than {self._limit} records would go along with this page; ask for fewer at a time"
            raise Problem(Kind.TOO_COSTLY, message, "_include")

    def _pointed(self, include: Include, sources: Iterable[Version]) -> Iterator[Version]:
        wanted, exact = set[Key](), set[tuple[str, str, int]]()
        for version in sources:
            if version.type == include.type:
                said = _versions(version)
                for key in self._targets(include, version):
                    exact.update((*key, number) for number in said.get(key, ()))
                    wanted.update([] if said.get(key) else [key])
        self._check(len(exact))
        for type, id, number in sorted(exact):
            found = self._rows("vread", {"type": type, "id": id, "version": number})
            yield from (version for version in found if version.t <= self._t and not version.deleted)
        for type, keys in groupby(sorted(wanted - self._seen), key=lambda key: key[0]):
            ids = [id for _, id in keys]
            self._seen.update((type, id) for id in ids)
            yield from self._rows("at_time", {"type": type, "ids": orjson.dumps(ids).decode()})

    def _targets(self, include: Include, version: Version) -> Iterator[Key]:
        """What a version points to under the parameter, as far as it is a record that could be here."""
        for number, value in self._tokens_of(version):
            id, _, type = value.partition(tokens.SEPARATOR)
            if number == include.field.number and self._fits(include, type):
                yield type, id

    def _tokens_of(self, version: Version) -> list[Token]:
        found = self._read.get(version.vid)
        if found is None:
            found = self._read[version.vid] = self._index.rows(version.type, orjson.loads(version.body)).tokens
        return found

    def _fits(self, include: Include, type: str) -> bool:
        if include.target is not None:
            return type == include.target
        return type in include.field.targets if include.field.targets else self._index.serves(type)

    def _pointing(self, include: Include, targets: Iterable[Version]) -> Iterator[Version]:
        forms = [
            tokens.target(f"{version.type}/{version.id}") for version in targets if self._fits(include, version.type)
        ]
        if forms:
            values = {"number": include.field.number, "values": orjson.dumps(forms).decode()}
            yield from self._rows("pointing", values)

    def _rows(self, name: str, values: dict[str, object]) -> Iterator[Version]:
        """In the order of ids: in that of the database it would show what else is there."""
        most = self._limit + len(self._vids) + 1
        said = {**self._predicate.parameters, **values, "t": self._t, "c_t": self._t, "limit": most}
        rows = self._connection.execute(narrowed(name, self._predicate), said)
        yield from sorted((Version(*row) for row in rows), key=lambda version: (version.type, version.id))


def _versions(source: Version) -> dict[Key, set[int]]:
    """What a version points to only by versions, and which; what it also points to without one is not told here."""
    said: dict[Key, set[int]] = {}
    if _PAST not in source.body:
        return said
    plain = set()
    for _, element in references(orjson.loads(source.body)):
        literal = element["reference"]
        key, number = split(literal), literal.partition(_PAST.decode())[2]
        if key and number.isascii() and number.isdigit() and len(number) < _DIGITS:
            said.setdefault(key, set()).add(int(number))
        elif key:
            plain.add(key)
    return {key: numbers for key, numbers in said.items() if key not in plain}
