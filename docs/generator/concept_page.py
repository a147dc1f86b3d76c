"""The page of one concept: fields, lists, fixed elements, how it is told apart, residue, codes, an example pair."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapter.fhir.canonical import profile
from adapter.mapping import checks, rules
from docs.generator import code_page, places
from docs.generator.context import Context, tables_of
from docs.generator.map_file import MapFile
from docs.generator.markdown import block, bullets, code, codes, page, table
from docs.generator.values import value

R4 = "https://hl7.org/fhir/R4/"
POLICIES = {
    "keep": "it stays in the resource and is named in the residue",
    "show": "as keep, and whoever reads the record should read it too",
    "park": "as keep, and the record is `incomplete`: on the work list, left out of sums",
    "refuse": "the resource is refused",
}
ALWAYS = (
    "For all records: a mapped element that cannot be read parks the record (a code in none of its tables, another "
    "type than the field takes, a required one that is missing). Displays of references are shown. An unknown "
    "`modifierExtension` and `implicitRules` refuse the resource."
)


def concept_page(context: Context, name: str) -> str:
    """The page as Markdown."""
    return _Page(context, context.concepts[name]).text()


@dataclass(frozen=True)
class _Page:
    context: Context
    file: MapFile

    def text(self) -> str:
        content = self.file.content
        own, others = Part(self, content, ()), content.get("reads", {})
        return page(
            self.file.shown,
            f"# {self.file.name}",
            *self.file.head,
            self._facts(),
            f"## Fields\n\n{own.fields()}",
            own.lists(),
            own.fixed(),
            self._told_apart(content.get("when"), content["resource"]),
            self._rules("checks", "## Rules", "Broken natively: refused (422). Broken in what comes in: parked."),
            own.residue("## Residue"),
            *(self._reading(kind, Part(self, part, ("reads", kind))) for kind, part in others.items()),
            self._codes(),
            places.named(self.context, self.file),
            self._example(),
        )

    def _facts(self) -> str:
        content, made = self.file.content, self.context.profile(self.file)
        kinds = [content["resource"], *content.get("reads", {})]
        id = content["profile"]
        return bullets(
            [
                f"Natively: `/iop/{self.file.name}`. Map: [{self.file.shown}](../../{self.file.shown}).",
                f"In FHIR: {', read only: '.join(f'[{kind}]({R4}{kind.lower()}.html)' for kind in kinds)}.",
                f"Profile: [{id}](../../profiles/fsh/input/fsh/profiles/{id}.fsh), `{profile(id)}`, "
                f"built on {code(made['parent'])}.",
            ]
        )

    def _told_apart(self, when: Any, kind: str) -> str:
        others = [name for name in self.context.written_by.get(kind, ()) if name != self.file.name]
        beside = f" Other concepts of the type: {', '.join(f'[{o}]({o}.md)' for o in others)}." if others else ""
        if not when:
            return f"## How it is told from others\n\nEvery {kind} is one.{beside}"
        groups = when if isinstance(when, list) else [when]
        said = [" and ".join(places.condition(path, given) for path, given in group.items()) for group in groups]
        lead = f"{_a(kind)} is one" + (" in any of these cases:" if len(said) > 1 else " when:")
        return f"## How it is told from others\n\n{lead}\n\n{bullets(said)}\n\nAny other stays as it came.{beside}"

    def _rules(self, key: str, title: str, what: str) -> str:
        known = rules.named()
        named = {name: _sentence(known[name], name) for name in self.file.content.get(key, ())}
        return f"{title}\n\n{what}\n\n{bullets(f'{code(n)}: {text}' for n, text in named.items())}" if named else ""

    def _reading(self, kind: str, part: Part) -> str:
        says = part.content.get("says", {})
        always = f"Always says: {', '.join(f'`{name}` = {_plain(v)}' for name, v in says.items())}." if says else ""
        head = f"## Also read: {kind}\n\nNever written; it stays its sender's. {always}".rstrip()
        when = self._told_apart(part.content.get("when"), kind).partition("\n\n")[2]
        return "\n\n".join(
            text for text in (head, when, part.fields(), part.lists("###"), part.residue("### Residue")) if text
        )

    def _codes(self) -> str:
        used = list(dict.fromkeys(tables_of(self.file.content)))
        here = [name for name in used if name not in self.context.shared]
        away = [name for name in used if name in self.context.shared]
        links = ", ".join(f"[{name}](shared-codes.md#{name})" for name in away)
        parts = [code_page.GRADES] if here else []
        parts += [f"Tables that many concepts use: {links}."] if away else []
        parts += [code_page.code_table(self.context.tables[name]) for name in here]
        return "\n\n".join(["## Codes", *parts]) if parts else ""

    def _example(self) -> str:
        folder = self.context.root / "fixtures" / self.file.name / "minimal"
        shown = f"fixtures/{self.file.name}"
        return "\n\n".join(
            [
                "## Example",
                f"The smallest whole record, and the resource it is. More: [{shown}](../../{shown}).",
                block("json", (folder / "native.json").read_text(encoding="utf-8")),
                block("json", (folder / "fhir.json").read_text(encoding="utf-8")),
            ]
        )


HEAD = ("native field", "FHIR element", "how it is said", "required", "table", "note")


@dataclass(frozen=True)
class Part:
    """The sections of one resource type of a file, at `at`."""

    page: _Page
    content: Mapping[str, Any]
    at: tuple[str, ...]

    def fields(self) -> str:
        """The fields that are no list of objects."""
        rows = self.content.get("fields", {}).items()
        return table(HEAD, (self._row(name, row, (*self.at, "fields", name)) for name, row in rows))

    def lists(self, level: str = "##") -> str:
        """Each list of objects with its fields."""
        made = [self._list(name, each, level) for name, each in self.content.get("each", {}).items()]
        return "\n\n".join([f"{level} Lists", *made]) if made else ""

    def _list(self, name: str, each: Mapping[str, Any], level: str) -> str:
        at = (*self.at, "each", name)
        keys = {key: (row, (*at, "key")) for key, row in each["key"].items()}
        inner = {key: (row, (*at, "fields", key)) for key, row in each.get("fields", {}).items()}
        note = self.page.file.comment(*at)
        note = f" {note[0].upper()}{note[1:]}." if note else ""
        return "\n\n".join(
            text
            for text in (
                f"{level}# {name}",
                f"Each member of {code(each['element'])}.{note} Members are matched by {codes(keys)}; "
                "two with the same are refused.",
                table(HEAD, (self._row(key, *given) for key, given in (keys | inner).items())),
                self._always(each.get("fixed", {})),
            )
            if text
        )

    def _row(self, name: str, row: Mapping[str, Any], place: tuple[str, ...]) -> tuple[str, ...]:
        to = row.get("to", ())
        how = value(row["as"], [to] if isinstance(to, str) else to, row.get("unit"), self.page.context.targets)
        marks = ["yes"] if not row.get("optional") else []
        marks += ["computed"] if row.get("computed") else []
        return (
            code(name),
            " + ".join(map(code, row.get("elements", [row.get("element")]))),
            f"a list: {how}" if row.get("list") else how,
            ", ".join(marks),
            ", ".join(map(self._table, tables_of(row))),
            self.page.file.comment(*place) if place[-1] == name else "",
        )

    def _table(self, name: str) -> str:
        page = "shared-codes.md" if name in self.page.context.shared else ""
        return f"[{name}]({page}#{name})"

    def fixed(self) -> str:
        """What is always written."""
        said = self._always(self.content.get("fixed", {}))
        return f"## Always written\n\n{said}" if said else ""

    def _always(self, fixed: Mapping[str, Any]) -> str:
        return bullets(f"{code(path)} is always {places.said(given)}" for path, given in fixed.items())

    def residue(self, title: str) -> str:
        """What is not mapped, and what becomes of it."""
        given, file = self.content["residue"], self.page.file
        rows = (
            ("everything else" if path == "*" else code(path), policy, file.comment(*self.at, "residue", path))
            for path, policy in given.items()
        )
        meaning = "; ".join(f"{name}: {text}" for name, text in POLICIES.items() if name in given.values())
        listed = table(("what no field says", "policy", "note"), rows)
        return "\n\n".join([title, f"{meaning[0].upper()}{meaning[1:]}.", listed, ALWAYS])


def _sentence(rule: Any, name: str) -> str:
    """The first paragraph of a rule's docstring; a rule that is made with a setting is described by its maker."""
    text = inspect.getdoc(rule) or inspect.getdoc(getattr(checks, name)) or ""
    said = " ".join(text.partition("\n\n")[0].split())
    return said.replace("`tolerance`", f"{checks.MINUTES_TOLERANCE} (`IOP_MINUTES_TOLERANCE`)")


def _a(word: str) -> str:
    return f"{'An' if word[0] in 'AEIOU' else 'A'} {word}"


def _plain(given: Any) -> str:
    return code({True: "true", False: "false"}.get(given, str(given)) if isinstance(given, bool) else str(given))
