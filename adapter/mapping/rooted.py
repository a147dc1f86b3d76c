"""Aggregates whose document is one record with others in it: a drug screen is a panel and its results.

R4: https://hl7.org/fhir/R4/observation.html#obsgrouping
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
    lacking,
    order_of,
    refuse,
    unheard,
)
from adapter.mapping.faults import unknown
from adapter.mapping.members import place
from adapter.mapping.rows import Field, list_schema
from adapter.problems import Issue, Kind, Problem

OTHERS = "other_results"


class Rooted:
    """A root record that lists the ids of its members; what all say is said once, by the root.

    A member that says something else is shown with `differs: [{field, value}]` (no value: it lacks the field). Ids in
    the list whose records are not members here are shown as `other_results` and stay. What `once` names (LIST.KEY of
    the document) is said by one object of these lists: two that say the same are never both taken, nor merged.
    """

    def __init__(
        self,
        name: str,
        source: str,
        root: str,
        link: str,
        member: str,
        lines: str,
        head: Mapping[str, Place],
        fields: Mapping[str, tuple[Field, ...]],
        once: tuple[Place, ...] = (),
    ) -> None:
        self.name, self.source, self.member, self.lines, self.once = name, source, member, lines, once
        self.root, self.link = root, link
        self.members: tuple[str, ...] = (root, member)
        self.shared_by: str | None = None
        self.head = head
        own = tuple(field for field in fields[member] if field.name not in {place.field for place in head.values()})
        self._own = own
        self.line_names = ("id", *(field.name for field in own), "differs", "incomplete")
        self.fields = (
            *(field for field in fields[root] if field.name != link),
            _lines_field(lines, own),
            _others_field(),
        )

    def join(self, records: Stored) -> Document:
        """The root's record with its members in it, in the order of the root's list."""
        roots = records.get(self.root, ())
        if len(roots) != 1:
            raise Problem(Kind.NOT_FOUND, f"A {self.name} is one {self.root}; there are {len(roots)}.")
        root = dict(roots[0])
        ids = root.pop(self.link, [])
        found = {record["id"]: record for record in records.get(self.member, ())}
        lines = [self._line(found[id], root) for id in ids if id in found]
        others = [id for id in ids if id not in found]
        if lines:
            root[self.lines] = lines
        if others:
            root[OTHERS] = others
        return order_of([field.name for field in self.fields], root)

    def _line(self, record: Record, root: Record) -> Record:
        line = dict(record)
        differs = []
        for name, at in self.head.items():
            value = line.pop(at.field, None)
            if not same(value, root.get(name)):
                differs.append({"field": name, **({} if value is None else {"value": value})})
        return {**line, "differs": differs} if differs else line

    def split(self, document: Document, stored: Stored, new_id: Callable[[], str]) -> list[Part]:
        """See `Aggregate`: new lines get new ids, lost ones are deleted, the root lists those that are left."""
        refuse(self.name, self._issues(document, stored))
        before = {record["id"]: record for record in stored.get(self.member, ())}
        lines = [self._record(line, document, new_id) for line in document.get(self.lines, ())]
        old = next(iter(stored.get(self.root, ())), None)
        root = self._root(document, [line["id"] for line in lines], old, before)
        targets = {self.root: [root], self.member: lines}
        refuse(self.name, self._unheard(document, targets))
        return [*self._written(root, old), *self._parts(lines, before, old)]

    def _written(self, root: Record, old: Record | None) -> list[Part]:
        return [] if old is not None and same(bare(old), root) else [Part(self.root, root)]

    def _parts(self, lines: list[Record], before: Mapping[str, Record], old: Record | None) -> list[Part]:
        written = [
            Part(self.member, line, place=f"{self.lines}[{index}]")
            for index, line in enumerate(lines)
            if line["id"] not in before or not same(bare(before[line["id"]]), line)
        ]
        listed = (old or {}).get(self.link, ())
        left = {line["id"] for line in lines}
        return [*written, *(Part(self.member, before[id], True) for id in before if id in listed and id not in left)]

    def _record(self, line: Record, document: Document, new_id: Callable[[], str]) -> Record:
        """The member's record of a line: its own fields and what the root says for it."""
        record = {
            "id": line.get("id") or new_id(),
            **{name: line[name] for name in self.line_names[1:-2] if name in line},
        }
        differs = differing(line, self.head)
        for name, at in self.head.items():
            at.write(record, differs[name] if name in differs else document.get(name))
        return record

    def _root(self, document: Document, ids: list[str], old: Record | None, before: Mapping[str, Record]) -> Record:
        names = [field.name for field in self.fields if field.name not in (self.lines, OTHERS)]
        root = {name: document[name] for name in ("id", *names) if name in document}
        listed = {self.link: list((old or {}).get(self.link, ()))}
        place(listed, self.link, [i for i, id in enumerate(listed[self.link]) if id in before], ids)
        return {**root, **listed} if listed[self.link] else root

    def _unheard(self, document: Document, targets: Stored) -> list[Issue]:
        given = {
            **document,
            self.lines: [
                {**line, "id": record["id"]}
                for line, record in zip(document.get(self.lines, ()), targets[self.member], strict=True)
            ],
        }
        if not given[self.lines]:
            del given[self.lines]
        again = self.join(targets)
        drop = frozenset({"incomplete", OTHERS})
        return unheard(_without(given, drop), _without(again, drop), "", drop)

    def _issues(self, document: Any, stored: Stored) -> list[Issue]:
        """What is wrong with the form of a document."""
        known = ["id", *(field.name for field in self.fields), "incomplete"]
        issues = [unknown(name) for name in document if name not in known]
        issues += self._stale(document, stored)
        if not isinstance(document.get("id"), str):
            issues.append(Issue("required", "id is missing", "id"))
        old = next(iter(stored.get(self.root, ())), {})
        before = {record["id"] for record in stored.get(self.member, ())}
        others = [id for id in old.get(self.link, ()) if id not in before]
        if OTHERS in document and document[OTHERS] != others:
            issues.append(Issue("value", f"{OTHERS} is computed: leave it out or as it was read", OTHERS))
        if not old:
            issues += lacking([field for field in self.fields if field.name != self.lines], document, "")
        lines = document.get(self.lines, [])
        if not isinstance(lines, list) or (self.lines in document and not lines):
            return [*issues, Issue("value", f"{self.lines}: expected a list that is not empty", self.lines)]
        return issues + self._line_issues(lines, before) + self._twice(document, stored)

    def _twice(self, document: Document, stored: Stored) -> list[Issue]:
        """Issues of what two objects say and one may, save where the stored records already do."""
        known = Counter(key for key, _, _ in self.said_twice(self.join(stored))) if stored.get(self.root) else Counter()
        issues = []
        for key, first, at in self.said_twice(document):
            known[key] -= 1
            if known[key] < 0:
                why = f"{at} and {first}: two records of one {key[0]} ({key[1]}), never merged"
                issues.append(Issue("duplicate", why, at))
        return issues

    def said_twice(self, document: Document) -> Iterator[tuple[tuple[str, str], str, str]]:
        """((key, value), where it is said first, where again) of what `once` lets be said once."""
        seen: dict[tuple[str, str], str] = {}
        for told in self.once:
            objects = document.get(told.field, ())
            for index, item in enumerate(objects if isinstance(objects, list) else ()):
                value = item.get(str(told.key)) if isinstance(item, Mapping) else None
                at, key = f"{told.field}[{index}]", (str(told.key), str(value))
                if value is not None and (first := seen.setdefault(key, at)) != at:
                    yield key, first, at

    def _stale(self, document: Document, stored: Stored) -> list[Issue]:
        """Issues of `incomplete` that is not what is stored."""
        before = {record["id"]: record for name in self.members for record in stored.get(name, ())}
        lines = [line for line in document.get(self.lines, ()) if isinstance(line, dict)]
        given = [(f"{self.lines}[{index}].", line) for index, line in enumerate(lines)]
        return [
            Issue("business-rule", f"{at}incomplete is computed: leave it out or as it was read", f"{at}incomplete")
            for at, shown in [("", document), *given]
            if "incomplete" in shown and shown["incomplete"] != before.get(str(shown.get("id")), {}).get("incomplete")
        ]

    def _line_issues(self, lines: list[Any], before: set[str]) -> list[Issue]:
        issues = []
        seen: set[str] = set()
        for index, line in enumerate(lines):
            at = f"{self.lines}[{index}]"
            if not isinstance(line, dict):
                issues.append(Issue("structure", f"{at}: expected an object", at))
                continue
            issues += [unknown(name, f"{at}.") for name in line if name not in self.line_names]
            if "id" not in line:
                issues += lacking(self._own, line, f"{at}.")
            elif line["id"] in seen:
                issues.append(Issue("duplicate", f"{at}.id: another of the {self.lines} has this id", f"{at}.id"))
            elif line["id"] not in before:
                issues.append(Issue("value", foreign(f"{at}.id", self.name), f"{at}.id"))
            seen.add(str(line.get("id")))
        return issues


def _without(document: Document, names: frozenset[str]) -> Document:
    """The document without computed names, in its lines as well."""
    return {
        name: [_without(item, names) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in document.items()
        if name not in names
    }


def _lines_field(name: str, own: tuple[Field, ...]) -> Field:
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    entry = {"type": "object", "properties": {"field": text, "value": {}}, "required": ["field"]}
    inner = (
        Field("id", "id", "id", text, computed=True, key=True),
        *own,
        Field("differs", "", "differs", {"type": "array", "items": entry}, many=True),
        Field("incomplete", "", "incomplete", {"type": "array", "items": {"type": "object"}}, many=True, computed=True),
    )
    return Field(name, "", "list", list_schema(inner), many=True, fields=inner)


def _others_field() -> Field:
    schema = {"type": "array", "items": {"type": "string"}}
    return Field(OTHERS, "", "reference", schema, many=True, computed=True)
