"""Reads `mappings/aggregates/*.toml` and refuses what the concepts they name do not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapter.mapping.aggregate import Aggregate, Place
from adapter.mapping.declarations import Declaration
from adapter.mapping.rooted import Rooted
from adapter.mapping.roster import Roster
from adapter.mapping.roster_fields import field_at, line_fields, roster_field
from adapter.mapping.rows import Field
from adapter.mapping.said_once import Shared, Words

_ELECT = ("most", "earliest", "latest")


@dataclass(frozen=True, slots=True)
class AggregateReader:
    """Reads one file; everything wrong becomes a refusal with file and line."""

    declared: Declaration
    fields: Mapping[str, tuple[Field, ...]]
    """the fields of every concept"""

    def aggregate(self) -> Aggregate | None:
        """The aggregate, or None after refusals."""
        before = len(self.declared.refusals.issues)
        declared = self.declared
        declared.only(declared.content, ("native", "root", "members", "head", "lines", "words"), "section")
        if declared.content.get("native") != declared.name:
            declared.refuse(f"native must be {declared.name!r}, the name of the file", "native")
        root = declared.section("root")
        declared.only(root, ("concept", "link", "shared_by"), "key of [root]", "root")
        self._concepts([*declared.section("members"), *([root["concept"]] if "concept" in root else [])])
        if "concept" not in root and "shared_by" not in root:
            declared.refuse("[root] needs a concept and its link, or shared_by", "root")
        if len(declared.refusals.issues) > before:
            return None
        made = self._rooted(root) if "concept" in root else self._roster(root)
        return made if len(declared.refusals.issues) == before else None

    def _concepts(self, names: list[str]) -> None:
        for name in names:
            if name not in self.fields:
                self.declared.refuse(f"unknown concept {name!r}", "members", name)

    def _rooted(self, root: Mapping[str, Any]) -> Aggregate:
        members = list(self.declared.section("members"))
        lines = self.declared.section("lines").get("name", "")
        self.declared.only(self.declared.section("lines"), ("name", "once"), "key of [lines]", "lines")
        if len(members) != 1:
            self.declared.refuse("a root with a link has one kind of member", "members")
        self._field(root["concept"], Place.of(root.get("link", "")), "root", "link")
        head = {}
        for name, given in self.declared.section("head").items():
            self._field(root["concept"], Place(name), "head", name)
            for member, at in self._places(given, "head", name).items():
                if member == members[0]:
                    head[name] = at
        return Rooted(
            self.declared.name,
            self.declared.shown,
            root["concept"],
            root.get("link", ""),
            members[0],
            lines,
            head,
            self.fields,
            self._once(root["concept"], lines, members[0]),
        )

    def _once(self, root: str, lines: str, member: str) -> tuple[Place, ...]:
        """The places of [lines] once: `LIST.KEY` of the lines themselves, or of another list of the root."""
        places = tuple(Place.of(str(text)) for text in self.declared.section("lines").get("once", ()))
        for at in places:
            if at.key is None:
                self.declared.refuse(f"{at.field!r} is not LIST.KEY", "lines", "once")
            elif at.field == lines:
                self._field(member, Place(at.key), "lines", "once")
            else:
                self._field(root, at, "lines", "once")
        return places

    def _field(self, concept: str, at: Place, *place: str) -> None:
        found = next((field for field in self.fields[concept] if field.name == at.field), None)
        if found is None or (at.key is not None and at.key not in {inner.name for inner in found.fields}):
            self.declared.refuse(f"{concept} has no field {at.field}{f'.{at.key}' if at.key else ''}", *place)

    def _places(self, given: Any, *place: str) -> dict[str, Place]:
        members = self.declared.section("members")
        found = {}
        for member, text in given.items() if isinstance(given, dict) else ():
            if member == "elect":
                continue
            if member not in members:
                self.declared.refuse(f"{member!r} is no member", *place)
                continue
            found[member] = Place.of(text)
            self._field(member, found[member], *place)
        if not found:
            self.declared.refuse("expected { MEMBER = FIELD, ... }", *place)
        return found

    def _shared(self, given: Mapping[str, Any], *place: str) -> dict[str, Shared]:
        shared = {}
        for name, value in given.items():
            elect = value.get("elect", "most") if isinstance(value, dict) else ""
            if elect not in _ELECT:
                self.declared.refuse(f"elect is one of {', '.join(_ELECT)}", *place, name)
            shared[name] = Shared(self._places(value, *place, name), elect)
        return shared

    def _roster(self, root: Mapping[str, Any]) -> Aggregate | None:
        declared, members = self.declared, tuple(self.declared.section("members"))
        lines = declared.section("lines")
        declared.only(lines, ("name", "same", "own"), "key of [lines]", "lines")
        before = len(declared.refusals.issues)
        for member in members:
            self._field(member, Place(root["shared_by"]), "members", member)
        head = self._shared(declared.section("head"), "head")
        same = self._shared(lines.get("same", {}), "lines", "same")
        own = self._own(lines.get("own", {}))
        link, count = self._link(), self._count()
        words = self._words(link[2]) if link else None
        if link is None or count is None or words is None or not same or len(declared.refusals.issues) > before:
            return None
        heads = {name: field_at(self.fields, name, shared.places, False) for name, shared in head.items()}
        timed = [field for name, field in heads.items() if head[name].elect != "most"]
        inner = line_fields(self.fields, members, same, own, words, timed)
        number = replace(field_at(self.fields, count[1], {count[0]: Place(count[1])}, False), computed=True)
        fields = (*heads.values(), number, roster_field(lines["name"], inner))
        name, key = declared.name, root["shared_by"]
        return Roster(name, declared.shown, key, members, link, count, head, lines["name"], same, own, words, fields)

    def _own(self, given: Mapping[str, str]) -> dict[str, tuple[str, Place]]:
        own = {}
        for name, text in given.items():
            member, _, field = text.partition(".")
            for found, at in self._places({member: field}, "lines", "own").items():
                own[name] = (found, at)
        return own

    def _link(self) -> tuple[str, str, str] | None:
        """(the member that names another, its field, the member it names)."""
        for member, given in self.declared.section("members").items():
            for field, other in given.get("link", {}).items():
                self._field(member, Place(field), "members", member)
                return member, field, other
        self.declared.refuse("one member needs link = { FIELD = MEMBER }", "members")
        return None

    def _count(self) -> tuple[str, str] | None:
        for member, given in self.declared.section("members").items():
            if "count" in given:
                self._field(member, Place(given["count"]), "members", member)
                return member, given["count"]
        self.declared.refuse("one member needs count = FIELD", "members")
        return None

    def _words(self, may_lack: str) -> Words | None:
        sections = self.declared.section("words")
        if len(sections) != 1:
            self.declared.refuse("[words] has one table, [words.NAME]", "words")
            return None
        [(name, given)] = sections.items()
        readings = [(word, reading) for word, row in given.items() for reading in (row, *row.get("accept", ()))]
        texts = dict.fromkeys(text for _, reading in readings for text in reading if text != "accept")
        columns = tuple((text.partition(".")[0], text.partition(".")[2]) for text in texts)
        for member, field in columns:
            self._places({member: field}, "words", name)
        known: dict[tuple[str | None, ...], str] = {}
        for word, reading in readings:
            key = tuple(reading.get(f"{member}.{field}") for member, field in columns)
            if (other := known.setdefault(key, word)) != word:
                self.declared.refuse(
                    f"not one-to-one: one state stands for {other!r} and {word!r}", "words", name, word
                )
        rows = {word: {(m, f): row[f"{m}.{f}"] for m, f in columns if f"{m}.{f}" in row} for word, row in given.items()}
        return Words(name, columns, rows, known, may_lack)
