"""Reads [fields], [each.NAME] and [fixed] of a concept file into a `Shape`, and refuses what does not fit R4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapter.mapping.choices import BooleanOrReference, CodesOrReference
from adapter.mapping.codecs import Code, Codec, Coding, Options, Reference
from adapter.mapping.declarations import Declaration
from adapter.mapping.findings import Finding
from adapter.mapping.joints import Joint, Several
from adapter.mapping.paths import ANY, Path, PathError, Paths
from adapter.mapping.rows import CODECS, Each, Fixed, Row, Shape
from adapter.mapping.slices import Slice
from adapter.mapping.tables import WORD, AnyTable, JointTable, Table, column_key

_ROW = ("element", "elements", "as", "table", "to", "unit", "missing", "optional", "list", "computed")
_EACH = ("element", "key", "fields", "fixed")
_RESERVED = ("id", "incomplete")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the sections of one concept file; everything wrong becomes a refusal with file and line."""

    declared: Declaration
    paths: Paths
    tables: Mapping[str, AnyTable]

    def shape(self, name: str, base: str) -> Shape:
        """The shape of the whole file."""
        rows = self._rows(self.declared.section("fields"), base, "fields")
        eaches = [self._each(key, given, base) for key, given in self.declared.section("each").items()]
        fixed = self._fixed(self.declared.section("fixed"), base, "fixed")
        return self._made(Shape(name, base, rows, tuple(each for each in eaches if each), fixed))

    def _made(self, shape: Shape, *place: str) -> Shape:
        for name in {name for name in shape.names if shape.names.count(name) > 1}:
            self.declared.refuse(f"two fields are called {name!r}", *place, name)
        return shape

    def path(self, text: Any, base: str, *place: str) -> Path | None:
        """A resolved path, or None after a refusal."""
        try:
            return self.paths.resolve(str(text), base)
        except PathError as error:
            self.declared.refuse(str(error), *place)
            return None

    def _rows(self, given: Mapping[str, Any], base: str, *place: str) -> tuple[Row, ...]:
        rows = (self._row(name, row, base, (*place, name)) for name, row in given.items())
        return tuple(row for row in rows if row)

    def _row(self, name: str, given: Any, base: str, place: tuple[str, ...]) -> Row | None:
        if not isinstance(given, dict) or ("element" in given) == ("elements" in given):
            self.declared.refuse(
                "a row is { element = PATH, as = CODEC } (or elements = [..] for a joint codec)", *place
            )
            return None
        if not WORD.fullmatch(name) or name in _RESERVED:
            self.declared.refuse(f"{name!r} cannot be the name of a field", *place)
        self.declared.only(given, _ROW, "option of a row", *place)
        texts = given.get("elements", [given.get("element")])
        paths = [path for text in texts if (path := self.path(text, base, *place))]
        codec = self._codec(given, paths, place) if len(paths) == len(texts) else None
        if codec is None or not self._fits(codec, paths, given, place):
            return None
        flags = {flag: self._flag(given, flag, place) for flag in ("optional", "computed")}
        return Row(name, tuple(paths), codec, given.get("table"), many=self._flag(given, "list", place), **flags)

    def _flag(self, given: Mapping[str, Any], name: str, place: tuple[str, ...]) -> bool:
        value = given.get(name, False)
        if type(value) is not bool:
            self.declared.refuse(f"{name} is true or false", *place)
        return bool(value)

    def _codec(self, given: Mapping[str, Any], paths: list[Path], place: tuple[str, ...]) -> Codec | None:
        made = CODECS.get(given.get("as", ""))
        if made is None:
            self.declared.refuse(f"unknown codec {given.get('as')!r}; known: {', '.join(sorted(CODECS))}", *place)
            return None
        options = {name for name in ("table", "to", "unit", "missing") if name in given}
        for name in made.needs - options:
            self.declared.refuse(f"the codec {made.name} needs {name}", *place)
        for name in options - made.needs - made.takes:
            self.declared.refuse(f"the codec {made.name} takes no {name}", *place)
        table = self._table(given, "table", issubclass(made, Several), place)
        missing = self._table(given, "missing", False, place)
        if made.needs - options or (table is None and "table" in given) or (missing is None and "missing" in given):
            return None
        to = given.get("to", ())
        columns = tuple(path.types[0] for path in paths)
        return made(
            Options(
                table,
                (to,) if isinstance(to, str) else tuple(to),
                given.get("unit"),
                missing if isinstance(missing, Table) else None,
                columns,
            )
        )

    def _table(self, given: Mapping[str, Any], option: str, joint: bool, place: tuple[str, ...]) -> AnyTable | None:
        if option not in given:
            return None
        found = self.tables.get(given[option])
        if found is None:
            self.declared.refuse(f"unknown table {given[option]!r}", *place)
        elif isinstance(found, JointTable) != joint:
            self.declared.refuse(f"table {found.name} {'is' if not joint else 'is not'} a joint table", *place)
            return None
        return found

    def _fits(self, codec: Codec, paths: list[Path], given: Mapping[str, Any], place: tuple[str, ...]) -> bool:
        """Whether the codec can read and write these elements, with every refusal noted."""
        before = len(self.declared.refusals.issues)
        refuse = self.declared.refuse
        if ("elements" in given) != isinstance(codec, Several):
            refuse(f"the codec {codec.name} owns {'several elements' if 'element' in given else 'one element'}", *place)
        if isinstance(codec, Code) and len(set(codec.codes.values())) < len(codec.codes):
            refuse(f"table {codec.table.name} has two words for one code, and {codec.name} has no system", *place)
        if isinstance(codec, Joint) and codec.table.elements != tuple(given["elements"]):
            refuse(f"table {codec.table.name} has the elements {', '.join(codec.table.elements)}", *place)
        if given.get("list") and not (len(paths) == 1 and paths[0].many):
            refuse("list = true needs one element that repeats", *place)
        for index, path in enumerate(paths):
            fits = path.types[0] in codec.types if not _choice(path) else set(codec.types) & set(path.types)
            if not fits and not (isinstance(codec, Finding) and index):
                refuse(f"the codec {codec.name} does not fit {path.text} of type {' or '.join(path.types)}", *place)
            self._bound(codec, path, index, place)
            self._targets(codec, path, place)
        return len(self.declared.refusals.issues) == before

    def _targets(self, codec: Codec, path: Path, place: tuple[str, ...]) -> None:
        if not isinstance(codec, Reference | BooleanOrReference | CodesOrReference):
            return
        for target in codec.options.to:
            known = target in self.paths.definitions.types
            if not known or (path.targets and target not in path.targets and "Resource" not in path.targets):
                self.declared.refuse(f"{path.text} cannot refer to {target}", *place)

    def _bound(self, codec: Codec, path: Path, index: int, place: tuple[str, ...]) -> None:
        """Refuse codes that the element's required binding does not have."""
        if path.codes is None:
            return
        written: set[tuple[str, str]] = set()
        if isinstance(codec, Code | Coding):
            written = {(c.get("system", ""), c["code"]) for c in codec.table.codings.values()}
        elif isinstance(codec, Joint):
            name = codec.table.elements[index]
            written = {column_key(row[name]) for row in codec.table.rows.values() if name in row}
        for system, code in sorted(written):
            if (code if path.types[0] in ("code", "string", "uri") else f"{system}|{code}") not in path.codes:
                self.declared.refuse(f"{path.text} has a required binding without {code}", *place)

    def _each(self, name: str, given: Any, base: str) -> Each | None:
        place = ("each", name)
        if not isinstance(given, dict) or not isinstance(given.get("key"), dict) or not given["key"]:
            self.declared.refuse("a list needs a key: key = { field = {row} }", *place)
            return None
        if not WORD.fullmatch(name) or name in _RESERVED:
            self.declared.refuse(f"{name!r} cannot be the name of a field", *place)
        self.declared.only(given, _EACH, "option of a list", *place)
        path = self.path(given.get("element"), base, *place, "element")
        if path is None:
            return None
        if not path.many:
            self.declared.refuse(f"{path.text} does not repeat", *place, "element")
            return None
        at = path.steps[-1].at
        rows = (
            *self._rows(given["key"], at, *place, "key"),
            *self._rows(given.get("fields", {}), at, *place, "fields"),
        )
        fixed = self._fixed(given.get("fixed", {}), at, *place, "fixed")
        shape = self._made(Shape(name, at, rows, (), fixed, path.steps[-1].slice.new), *place)
        return Each(name, path, tuple(given["key"]), shape)

    def _fixed(self, given: Mapping[str, Any], base: str, *place: str) -> tuple[Fixed, ...]:
        made = (self._one_fixed(text, value, base, (*place, text)) for text, value in given.items())
        return tuple(fixed for fixed in made if fixed)

    def _one_fixed(self, text: str, value: Any, base: str, place: tuple[str, ...]) -> Fixed | None:
        path = self.path(text, base, *place)
        if path is None:
            return None
        if isinstance(value, dict) and "table" in value:
            return self._coded(path, value, place)
        if path.many:
            self.declared.refuse(f"{text} repeats: only a member with a code of a table can be fixed", *place)
            return None
        texts = ("code", "string", "uri", "url", "canonical", "markdown")
        kinds: dict[type, tuple[str, ...]] = {bool: ("boolean",), str: texts, int: ("integer", "positiveInt")}
        if path.types[0] not in kinds.get(type(value), ()) or (path.codes is not None and value not in path.codes):
            self.declared.refuse(f"{value!r} is not valid for {text}", *place)
            return None
        return Fixed(path, value)

    def _coded(self, path: Path, value: Mapping[str, Any], place: tuple[str, ...]) -> Fixed | None:
        table = self.tables.get(value["table"])
        if not isinstance(table, Table) or value.get("is") not in table.codings or set(value) != {"table", "is"}:
            self.declared.refuse(
                f"expected {{ table = T, is = WORD }} with a word of a known table, not {value!r}", *place
            )
            return None
        name = {"code": "code", "Coding": "coding", "CodeableConcept": "concept"}.get(path.types[0])
        if name is None:
            self.declared.refuse(f"{path.text} of type {path.types[0]} holds no code", *place)
            return None
        codec, word = CODECS[name](Options(table)), value["is"]
        self._bound_word(table.codings[word], path, place)
        if name == "code":
            return Fixed(path, codec.write(word))
        slice = Slice(
            f"{table.name}_{word}", keys=frozenset(key for key, found in table.words.items() if found == word)
        )
        if path.many and path.steps[-1].slice is ANY:
            path = replace(path, steps=(*path.steps[:-1], replace(path.steps[-1], slice=slice)))
        return Fixed(path, codec.write(word), slice)

    def _bound_word(self, coding: Mapping[str, str], path: Path, place: tuple[str, ...]) -> None:
        code = coding["code"] if path.types[0] == "code" else f"{coding.get('system', '')}|{coding['code']}"
        if path.codes is not None and code not in path.codes:
            self.declared.refuse(f"{path.text} has a required binding without {coding['code']}", *place)


def _choice(path: Path) -> bool:
    return bool(path.steps) and path.steps[-1].kind == "choice"
