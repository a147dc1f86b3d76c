"""Which concept a resource is: conditions on its structure, proved disjoint for each type and compiled to Python.

R4: https://hl7.org/fhir/R4/profiling.html#discriminator
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.mapping.declarations import Declaration
from adapter.mapping.paths import Path, PathError, Paths
from adapter.mapping.slices import Slice, words_of
from adapter.mapping.tables import AnyTable, Key, Table


@dataclass(frozen=True, slots=True)
class Condition:
    """What one path must be: there, not there, or one of the codes; `never` are codes that may not be there."""

    path: Path
    present: bool = True
    one_of: frozenset[Key] | None = None
    never: frozenset[Key] = frozenset()
    slice: Slice | None = None

    @property
    def required(self) -> bool:
        """Whether the element must be there."""
        return self.present and (self.one_of is not None or not self.never)

    def contradicts(self, other: Condition) -> bool:
        """Whether no resource can satisfy both."""
        if self.path.text != other.path.text:
            return False
        if (self.required and not other.present) or (other.required and not self.present):
            return True
        if any(a.one_of is not None and a.one_of <= b.never for a, b in ((self, other), (other, self))):
            return True
        single = not self.path.many and self.path.types[0] in ("code", "Coding", "canonical")
        return bool(single and self.one_of is not None and other.one_of is not None and not self.one_of & other.one_of)


Alternative = tuple[Condition, ...]


def alternatives(
    declared: Declaration, base: str, paths: Paths, tables: Mapping[str, AnyTable]
) -> tuple[Alternative, ...]:
    """The [when] or [[when]] of a concept file; one empty alternative, which every resource satisfies, when absent."""
    given = declared.content.get("when", {})
    groups = given if isinstance(given, list) else [given]
    reader = _Reader(declared, base, paths, tables)
    return tuple(tuple(c for text, value in group.items() if (c := reader.condition(text, value))) for group in groups)


@dataclass(frozen=True, slots=True)
class _Reader:
    declared: Declaration
    base: str
    paths: Paths
    tables: Mapping[str, AnyTable]

    def condition(self, text: str, value: Any) -> Condition | None:
        try:
            path = self.paths.resolve(text, self.base)
        except PathError as error:
            self._refuse(str(error), text)
            return None
        if value in ("present", "absent"):
            return Condition(path, present=value == "present")
        if isinstance(value, str):
            found = self.paths.slices.find(path.steps[-1].at, value)
            if not found:
                self._refuse(f"{value!r} is no slice of {text}", text)
            return Condition(path, slice=found) if found else None
        if isinstance(value, dict) and value.keys() == {"canonical"}:
            return self._canonical(path, value["canonical"], text)
        return self._coded(path, value, text)

    def _canonical(self, path: Path, url: Any, text: str) -> Condition | None:
        """The condition that a canonical is `url`, in whatever version."""
        if path.types[0] != "canonical" or type(url) is not str or not url or "|" in url:
            self._refuse("a canonical is one URL, without a version, of an element that holds a canonical", text)
            return None
        return Condition(path, one_of=frozenset({("", url)}))

    def _coded(self, path: Path, value: Any, text: str) -> Condition | None:
        table = self.tables.get(value.get("table", "")) if isinstance(value, dict) else None
        if not isinstance(table, Table) or value.keys() - {"table", "is", "not"} or not value.keys() & {"is", "not"}:
            self._refuse("a condition is present, absent, a slice, { canonical }, or { table, is, not }", text)
            return None
        if path.types[0] not in ("code", "Coding", "CodeableConcept"):
            self._refuse(f"{text} of type {path.types[0]} holds no code", text)
            return None
        wanted, never = (words_of(value[key], table) if key in value else frozenset() for key in ("is", "not"))
        for word in (wanted | never) - table.codings.keys():
            self._refuse(f"{word!r} is not a word of table {table.name}", text)
        primitive = path.types[0] == "code"
        keys = {
            w: frozenset(("" if primitive else s, c) for (s, c), x in table.words.items() if x == w)
            for w in table.codings
        }

        def pick(words: frozenset[str]) -> frozenset[Key]:
            return frozenset().union(*(keys.get(word, frozenset()) for word in words))

        return Condition(path, one_of=pick(wanted) if "is" in value else None, never=pick(never))

    def _refuse(self, message: str, text: str) -> None:
        self.declared.refuse(message, "when", text)


def overlap(a: Sequence[Alternative], b: Sequence[Alternative]) -> bool:
    """Whether some resource might satisfy one alternative of each, as far as cannot be excluded."""
    return any(not any(x.contradicts(y) for x in one for y in two) for one in a for two in b)


def found(value: Any, path: Path) -> Iterator[Any]:
    """The elements at a path, in every member of the lists on the way."""
    yield from _found(value, path.steps, path.wrap)


def _found(value: Any, steps: Sequence[Any], wrap: str | None) -> Iterator[Any]:
    if not steps:
        yield value if wrap is None else value.get(wrap)
        return
    step = steps[0]
    for key in [name for name, _ in step.branches] or [step.key]:
        if key in value:
            members = [m for m in value[key] if step.slice.has(m)] if step.kind == "list" else [value[key]]
            for member in members:
                yield from _found(member, steps[1:], wrap)


def keys_of(value: Any, path: Path) -> frozenset[Key]:
    """Every (system, code) said at a path; a code without system, and a canonical without version, have none ("")."""
    keys: set[Key] = set()
    for element in found(value, path):
        if isinstance(element, str):
            keys.add(("", element.partition("|")[0] if path.types[0] == "canonical" else element))
        else:
            codings = element.get("coding", ()) if path.types[0] == "CodeableConcept" else (element,)
            keys.update((coding.get("system", ""), coding.get("code", "")) for coding in codings)
    return frozenset(keys)


def chooser(kind: str, concepts: Sequence[tuple[str, Sequence[Alternative]]]) -> Callable[[Any], str | None]:
    """The compiled function from a resource of one type to the name of its concept, or None.

    Every path is looked up at most once for a resource, and only where a concept still depends on it.
    """
    names: dict[str, Any] = {"found": found, "keys_of": keys_of}
    lines = ["def choose(resource):", f'    """Which concept a {kind} is."""']
    for name, groups in concepts:
        tests = [" and ".join(_test(condition, names) for condition in group) or "True" for group in groups]
        lines += [f"    if {' or '.join(f'({test})' for test in tests)}:", f"        return {name!r}"]
    lines.append("    return None")
    text, file = "\n".join(lines), f"<discriminator {kind}>"
    exec(compile(text, file, "exec"), names)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    choose: Callable[[Any], str | None] = names["choose"]
    return choose


def _test(condition: Condition, names: dict[str, Any]) -> str:
    """The source of one condition."""
    steps = condition.path.steps
    plain = len(steps) == 1 and not steps[0].branches and not condition.path.wrap and steps[0].slice.name == "any"
    path = f"path_{len(names)}"
    names[path] = condition.path
    if condition.slice is not None:
        names[f"in_{path}"] = condition.slice.has
        return f"any(map(in_{path}, found(resource, {path})))"
    if condition.one_of is None and not condition.never:
        present = f"{steps[0].key!r} in resource" if plain else f"any(True for _ in found(resource, {path}))"
        return present if condition.present else f"not ({present})"
    tests = []
    for codes, form in ((condition.one_of, "not {}.isdisjoint({})"), (condition.never or None, "{}.isdisjoint({})")):
        if codes is not None:
            name = f"codes_{len(names)}"
            names[name] = codes
            tests.append(form.format(name, f"keys_of(resource, {path})"))
    return " and ".join(tests)
