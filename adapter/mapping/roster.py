"""Aggregates without a record of their own: a group meeting is the bookings and sessions that share its id.

R4: https://hl7.org/fhir/R4/appointment.html, https://hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapter.fhir.json import same
from adapter.mapping.aggregate import (
    Document,
    Part,
    Place,
    Record,
    Stored,
    bare,
    differing,
    foreign,
    order_of,
    refuse,
    unheard,
)
from adapter.mapping.faults import unknown
from adapter.mapping.rows import Field
from adapter.mapping.said_once import Line, Shared, Words
from adapter.problems import Issue, Kind, Problem

_COMPUTED = frozenset({"incomplete"})


class Roster:
    """Records of several concepts, one of each for a person, that share a value (the id of the document).

    A line names its records (`booking`, `session`); a new line names none. Where a record says something else than
    the document, its line has `differs: [{record, field, value}]` (no value: it lacks the field). Lines are in the
    order of their persons.
    """

    def __init__(
        self,
        name: str,
        source: str,
        shared_by: str,
        members: tuple[str, ...],
        link: tuple[str, str, str],
        count: tuple[str, str],
        head: Mapping[str, Shared],
        lines: str,
        same: Mapping[str, Shared],
        own: Mapping[str, tuple[str, Place]],
        words: Words,
        fields: tuple[Field, ...],
    ) -> None:
        self.name, self.source, self.shared_by, self.members = name, source, shared_by, members
        self.root: str | None = None
        self.link: str | None = None
        self.head, self.lines, self.same, self.own, self.words, self.fields = head, lines, same, own, words, fields
        self._linking, self._counted, self._linked = link
        self._count_in, self._count = count
        self.person = next(iter(same))

    # --- join ---

    def join(self, records: Stored) -> Document:
        """The records as one document; raises Problem(NOT_FOUND) when there are none."""
        lines = self._paired(records)
        if not lines:
            raise Problem(Kind.NOT_FOUND, f"There is no such {self.name.replace('_', ' ')}.")
        document: Document = {"id": next(iter(lines[0].values()))[self.shared_by]}
        for name, shared in self.head.items():
            if (value := shared.elected(self._said(shared, lines))) is not None:
                document[name] = value
        document[self._count] = self._present(lines)
        document[self.lines] = [self._shown(line, document) for line in lines]
        return order_of([field.name for field in self.fields], document)

    def _present(self, lines: Sequence[Line]) -> int:
        """How many persons came: one who has two sessions came once."""
        at = self.same[self.person].places[self._count_in]
        return len({at.read(line[self._count_in]) or id(line) for line in lines if self._count_in in line})

    def _said(self, shared: Shared, lines: Sequence[Line]) -> list[Any]:
        said = (at.read(line[m]) for line in lines for m, at in shared.places.items() if m in line)
        return [value for value in said if value is not None]

    def _paired(self, records: Stored) -> list[Line]:
        """The lines: a record that names another is on its line, else on the first free one of the same person.

        First by id, so that taking one line away never moves the records of another.
        """
        lines: list[Line] = [{self._linked: record} for record in sorted(records.get(self._linked, ()), key=_id)]
        linking = sorted(records.get(self._linking, ()), key=_id)
        for by_name in (True, False):
            for record in list(linking):
                if (line := self._partner(record, lines, by_name)) is not None:
                    line[self._linking] = record
                    linking.remove(record)
        lines += [{self._linking: record} for record in linking]
        return sorted(
            lines,
            key=lambda line: [
                next((at.read(line[m]) or "" for m, at in self.same[self.person].places.items() if m in line), ""),
                *(line.get(member, {}).get("id", "") for member in self.members),
            ],
        )

    def _partner(self, record: Record, lines: list[Line], by_name: bool) -> Line | None:
        free = [line for line in lines if self._linking not in line]
        if by_name:
            return next((line for line in free if line[self._linked]["id"] == record.get(self._counted)), None)
        places = self.same[self.person].places
        person = places[self._linking].read(record)
        alike = [line for line in free if places[self._linked].read(line[self._linked]) == person]
        return next(iter(alike), None)

    def _shown(self, line: Line, document: Document) -> Record:
        """One line of the document."""
        shown: Record = {}
        for name, shared in self.same.items():
            if (value := shared.elected(self._said(shared, [line]))) is not None:
                shown[name] = value
        if (word := self.words.read(line)) is not None:
            shown[self.words.name] = word
        for name, (member, at) in self.own.items():
            if member in line and (value := at.read(line[member])) is not None:
                shown[name] = value
        shown.update({member: line[member]["id"] for member in self.members if member in line})
        differs = [*self._differs(line, shown, self.same), *self._differs(line, document, self.head)]
        for entry in [entry for entry in differs if self._timed(entry)]:
            shown[entry["field"]] = entry["value"]
        rest = [entry for entry in differs if not self._timed(entry)]
        parked = self._parked(line)
        return {**shown, **({"differs": rest} if rest else {}), **({"incomplete": parked} if parked else {})}

    def _parked(self, line: Line) -> list[Record]:
        """What is incomplete in the records of a line."""
        parked = [{"record": m, **item} for m in self.members for item in line.get(m, {}).get("incomplete", ())]
        if self.words.read(line) is None:
            told = ", ".join(
                f"{member}.{field} {line[member].get(field, 'absent')}" if member in line else f"no {member}"
                for member, field in self.words.columns
            )
            parked.append({"record": self._linked, "path": self.words.name, "reason": f"no word for: {told}"})
        return parked

    def _timed(self, entry: Record) -> bool:
        """Whether a person's own value of a field is shown plainly on the line (a late one's start)."""
        return "value" in entry and entry["field"] in self.head and self.head[entry["field"]].elect != "most"

    def _differs(self, line: Line, said: Record, shared: Mapping[str, Shared]) -> list[Record]:
        found = []
        for name, where in shared.items():
            for member, at in where.places.items():
                if member in line and not same(value := at.read(line[member]), said.get(name)):
                    found.append({"record": member, "field": name, **({} if value is None else {"value": value})})
        return found

    # --- split ---

    def split(self, document: Document, stored: Stored, new_id: Callable[[], str]) -> list[Part]:
        """See `Aggregate`: lines added and removed, shared values corrected in one place, the head count computed."""
        refuse(self.name, self._issues(document))
        before = self._paired(stored)
        refuse(self.name, list(self._foreign(document, before)))
        targets: list[Line] = []
        for line in document[self.lines]:
            old = self._found(line, before)
            targets.append(self._target(line, document, old, new_id))
        refuse(self.name, [*self._unheard(document, targets), *self._stale(document, before, targets)])
        return self._parts(targets, stored)

    def _stale(self, document: Document, before: list[Line], targets: list[Line]) -> list[Issue]:
        """Issues of computed values that are neither what is stored nor what would be."""
        issues = []
        counts = {self._present(lines) for lines in (before, targets)}
        if document.get(self._count, min(counts)) not in counts:
            issues.append(
                Issue("business-rule", f"{self._count} is computed: leave it out or as it was read", self._count)
            )
        for index, line in enumerate(document[self.lines]):
            at = f"{self.lines}[{index}].incomplete"
            if "incomplete" in line and line["incomplete"] != self._parked(self._found(line, before)):
                issues.append(Issue("business-rule", f"{at} is computed: leave it out or as it was read", at))
        return issues

    def _foreign(self, document: Document, before: list[Line]) -> Iterator[Issue]:
        """Issues of lines that name records which are no line of the stored document."""
        for index, line in enumerate(document[self.lines]):
            if not self._found(line, before):
                named = (f"{self.lines}[{index}].{member}" for member in self.members if member in line)
                yield from (Issue("value", foreign(at, self.name), at) for at in named)

    def _found(self, line: Record, before: list[Line]) -> Line:
        """The stored line that a line means: by the records it names, else the one line of that person."""
        named = {member: line[member] for member in self.members if member in line}
        for old in before:
            if named and all(old.get(member, {}).get("id") == id for member, id in named.items()):
                return old
        if named:
            return {}
        places = self.same[self.person].places
        alike = [old for old in before if any(places[m].read(r) == line[self.person] for m, r in old.items())]
        return alike[0] if len(alike) == 1 else {}

    def _target(self, line: Record, document: Document, old: Line, new_id: Callable[[], str]) -> Line:
        """The records of a line as they should be."""
        word = line.get(self.words.name)
        unchanged = bool(old) and self.words.read(old) == word
        wanted = list(old) if unchanged or word is None else self._wanted(word, old)
        target = {m: bare(old[m]) if m in old else {"id": new_id(), self.shared_by: document["id"]} for m in wanted}
        if self._linking in target and self._linking not in old and self._linked in target:
            target[self._linking][self._counted] = target[self._linked]["id"]
        if not unchanged and word is not None:
            for member, field in self.words.columns:
                if member in target:
                    Place(field).write(target[member], self.words.rows[word].get((member, field)))
        self._say(target, line, document)
        return target

    def _wanted(self, word: str, old: Line) -> list[str]:
        """The members a word needs; one that may be missing is not made where it is missing already."""
        return [
            member
            for member in self.words.needs(word)
            if member in old or not old or member != self.words.may_lack or len(self.words.needs(word)) == 1
        ]

    def _say(self, target: Line, line: Record, document: Document) -> None:
        """Write what is shared and what is the line's own into its records."""
        for said, shared in ((line, self.same), (document, self.head)):
            for member, record in target.items():
                differs = differing(line, shared, member)
                for name, where in shared.items():
                    if member in where.places:
                        own = line.get(name, said.get(name)) if where.elect != "most" else said.get(name)
                        where.places[member].write(record, differs.get(name, own))
        for name, (member, at) in self.own.items():
            if member in target:
                at.write(target[member], line.get(name))

    def _unheard(self, document: Document, targets: list[Line]) -> list[Issue]:
        """Law 2 for documents: what its records would show must be the document."""
        records = _records(targets)
        again = self.join(records)
        shown = {tuple(line.get(m) for m in self.members): line for line in again[self.lines]}
        mine = [
            (line, shown.get(tuple(target.get(m, {}).get("id") for m in self.members), {}))
            for line, target in zip(document[self.lines], targets, strict=True)
        ]
        computed = _COMPUTED | {self._count, *self.members}
        again[self._count] = document.get(self._count)
        head = unheard(_head(document, self.lines), _head(again, self.lines), "", computed)
        return head + [
            issue
            for index, (line, found) in enumerate(mine)
            for issue in unheard(
                _head(line, "incomplete"), _head(found, "incomplete"), f"{self.lines}[{index}]", computed
            )
        ]

    def _parts(self, targets: list[Line], stored: Stored) -> list[Part]:
        """What differs from the store; then the head count is written to every session that has another."""
        before = {(member, record["id"]): record for member in self.members for record in stored.get(member, ())}
        after = {(member, line[member]["id"]) for line in targets for member in line}
        gone = [Part(member, record, True) for (member, id), record in before.items() if (member, id) not in after]
        if gone or self._changed(targets, before):
            number = self._present(targets)
            for line in targets:
                if self._count_in in line:
                    line[self._count_in][self._count] = number
        return [*self._changed(targets, before), *gone]

    def _changed(self, targets: list[Line], before: Mapping[tuple[str, str], Record]) -> list[Part]:
        return [
            Part(member, record, place=f"{self.lines}[{index}]")
            for index, line in enumerate(targets)
            for member, record in line.items()
            if not same(bare(before.get((member, record["id"]), {})), record)
        ]

    def _issues(self, document: Any) -> list[Issue]:
        """What is wrong with the form of a document."""
        known = ["id", *(field.name for field in self.fields)]
        issues = [unknown(name) for name in document if name not in known]
        if not isinstance(document.get("id"), str):
            issues.append(Issue("required", "id is missing", "id"))
        lines = document.get(self.lines)
        if not isinstance(lines, list) or not lines:
            return [*issues, Issue("required", f"{self.lines}: expected a list that is not empty", self.lines)]
        inner = next(field for field in self.fields if field.name == self.lines).fields
        for index, line in enumerate(lines):
            issues += self._line_issues(line, f"{self.lines}[{index}]", [field.name for field in inner])
        return issues + self._twice(lines)

    def _line_issues(self, line: Any, at: str, known: list[str]) -> list[Issue]:
        if not isinstance(line, dict):
            return [Issue("structure", f"{at}: expected an object", at)]
        issues = [unknown(name, f"{at}.") for name in line if name not in known]
        if not isinstance(line.get(self.person), str):
            issues.append(Issue("required", f"{at}.{self.person} is missing", f"{at}.{self.person}"))
        word = line.get(self.words.name)
        named = any(member in line for member in self.members)
        if word not in self.words.rows and not (word is None and named):
            words = ", ".join(self.words.rows)
            issues.append(Issue("value", f"{at}.{self.words.name}: one of {words}", f"{at}.{self.words.name}"))
        return issues

    def _twice(self, lines: list[Any]) -> list[Issue]:
        """Two new lines of one person are never merged."""
        seen: set[tuple[Any, ...]] = set()
        issues = []
        for index, line in enumerate(lines):
            if isinstance(line, dict):
                key = tuple(str(line.get(name)) for name in (self.person, *self.members))
                if key in seen:
                    at = f"{self.lines}[{index}]"
                    issues.append(Issue("duplicate", f"{at}: {self.person} is on another line", at))
                seen.add(key)
        return issues


def _id(record: Record) -> str:
    """Pairing must not depend on the order in which a store hands out records."""
    return str(record["id"])


def _head(document: Document, name: str) -> Document:
    return {key: value for key, value in document.items() if key != name}


def _records(lines: Sequence[Line]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for line in lines:
        for member, record in line.items():
            found.setdefault(member, []).append(record)
    return found
