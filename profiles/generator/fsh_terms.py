"""Code tables as terminology: our own CodeSystems, a ValueSet for each table, a ConceptMap of what is only read.

R4: https://hl7.org/fhir/R4/valueset.html, https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/conceptmap.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.fhir.canonical import BASE
from adapter.mapping.tables import AnyTable, JointTable, Key, Table

from .fsh_text import code, definition, hyphenated, pascal, quoted, words

OWN = f"{BASE}/CodeSystem/"
NOTICES = {
    "http://snomed.info/sct": "SNOMED CT is the copyright of SNOMED International; its use may need a licence.",
    "http://loinc.org": "LOINC is the copyright of Regenstrief Institute, under the licence at loinc.org/license.",
}


@dataclass(frozen=True)
class Codes:
    """One value set: its id, what it is of, and its codes with the display where we have one."""

    id: str
    title: str
    codes: Mapping[Key, str]

    @property
    def url(self) -> str:
        return f"{BASE}/ValueSet/{self.id}"


class Terms:
    """The value sets of all tables; one is missing where a table has codes without a system."""

    def __init__(self, tables: Mapping[str, AnyTable]) -> None:
        self._tables = tables
        self.sets: dict[str, Codes] = {}
        for name, table in tables.items():
            for column, codes in _columns(table):
                if codes and all(system for system, _ in codes):
                    id = "-".join(("iop", hyphenated(name), *([_column(column)] if column else ())))
                    self.sets[f"{name} {column}".strip()] = Codes(id, words(id.removeprefix("iop-")), codes)

    def of(self, table: str | None, column: str = "") -> str | None:
        """The canonical of the value set of a table, or of one column of a joint table."""
        found = self.sets.get(f"{table} {column}".strip())
        return found.url if found else None

    def of_keys(self, name: str, keys: frozenset[Key]) -> tuple[Mapping[str, str] | None, str]:
        """(the one code that these keys stand for, or None; the value set of them)."""
        for table in self._tables.values():
            if isinstance(table, Table):
                for word, coding in table.codings.items():
                    if keys == {key for key, found in table.words.items() if found == word}:
                        return coding, ""
                if keys == table.keys:
                    return None, self.of(table.name) or ""
        made = Codes(f"iop-{hyphenated(name)}", words(name), dict.fromkeys(sorted(keys), ""))
        return None, self.sets.setdefault(f"slice {name}", made).url

    def value_sets(self) -> Iterator[str]:
        """Every value set as FSH."""
        for found in sorted(self.sets.values(), key=lambda one: one.id):
            systems = {system for system, _ in found.codes}
            notices = " ".join(text for system, text in NOTICES.items() if system in systems)
            yield definition(
                "ValueSet",
                pascal(found.id) + "Codes",
                [
                    ("Id", found.id),
                    ("Title", quoted(found.title)),
                    ("Description", quoted(f"{found.title}: the codes that are written, and those that are read too.")),
                ],
                [
                    *([f"^copyright = {quoted(notices)}"] if notices else []),
                    *(code(system, value, display) for (system, value), display in found.codes.items()),
                ],
            )

    def code_systems(self) -> Iterator[str]:
        """Our own code systems as FSH, each with every code that a table names."""
        systems: dict[str, dict[str, str]] = {}
        for found in self.sets.values():
            for (system, value), display in found.codes.items():
                if system.startswith(OWN):
                    codes = systems.setdefault(system.removeprefix(OWN), {})
                    codes[value] = codes.get(value) or display
        for name, codes in sorted(systems.items()):
            yield definition(
                "CodeSystem",
                f"Iop{pascal(name)}System",
                [
                    ("Id", name),
                    ("Title", quoted(words(name))),
                    (
                        "Description",
                        quoted(f"{words(name)}: words of the program without a standard code."),
                    ),
                ],
                [
                    "^caseSensitive = true",
                    "^experimental = false",
                    *(f"#{value} {quoted(display or words(value))}" for value, display in sorted(codes.items())),
                ],
            )

    def concept_maps(self) -> Iterator[str]:
        """What each table reads and what it takes it for, as FSH."""
        for name, table in sorted(self._tables.items()):
            if not isinstance(table, Table) or self.of(name) is None:
                continue
            accepted = {key: word for key, word in table.words.items() if key != _key(table.codings[word])}
            if accepted:
                yield _concept_map(name, table, accepted, str(self.of(name)))


def _concept_map(name: str, table: Table, accepted: Mapping[Key, str], target: str) -> str:
    groups: dict[tuple[str, str], list[tuple[str, Mapping[str, str]]]] = {}
    for (system, value), word in accepted.items():
        coding = table.codings[word]
        groups.setdefault((system, coding["system"]), []).append((value, coding))
    title = f"{words(name)}: what is read"
    rules = [
        f'url = "{BASE}/ConceptMap/iop-{hyphenated(name)}"',
        f'name = "Iop{pascal(name)}Map"',
        f"title = {quoted(title)}",
        "status = #active",
        "experimental = false",
        f"description = {quoted(f'Codes that are read as {words(name).lower()} and never written.')}",
        f'targetCanonical = "{target}"',
    ]
    for number, ((source, goal), rows) in enumerate(groups.items()):
        rules += [f'group[{number}].source = "{source}"', f'group[{number}].target = "{goal}"']
        for row, (value, coding) in enumerate(rows):
            rules += _mapped(f"group[{number}].element[{row}]", value, coding)
    fields = [("InstanceOf", "ConceptMap"), ("Title", quoted(title)), ("Usage", "#definition")]
    return definition("Instance", f"iop-{hyphenated(name)}", fields, rules)


def _mapped(at: str, value: str, coding: Mapping[str, str]) -> Iterator[str]:
    """One code and what it is read as. The same code under another URI is the same."""
    same = coding["code"] == value
    yield f"{at}.code = #{value}"
    yield f"{at}.target[0].code = #{coding['code']}"
    if coding.get("display"):
        yield f"{at}.target[0].display = {quoted(coding['display'])}"
    yield f"{at}.target[0].equivalence = #{'equivalent' if same else 'relatedto'}"
    if not same:
        yield f'{at}.target[0].comment = "Read as the target; nobody publishes how the two are related."'


def _columns(table: AnyTable) -> Iterator[tuple[str, dict[Key, str]]]:
    """(column, its codes with displays): one without a name for a plain table."""
    if isinstance(table, Table):
        written = {_key(coding): coding.get("display", "") for coding in table.codings.values()}
        # A code that is only read has the display of what it is read as where it is the same code.
        same = {(c["code"], w): c.get("display", "") for w, c in table.codings.items()}
        own = {key: written.get(key, same.get((key[1], word), "")) for key, word in table.words.items()}
        yield "", own
        return
    assert isinstance(table, JointTable)
    for column in table.elements:
        readings: list[Mapping[str, Any]] = [*table.rows.values(), *(r for rows in table.accept.values() for r in rows)]
        said = [reading[column] for reading in readings if isinstance(reading.get(column), Mapping)]
        yield column, {_key(value): value.get("display", "") for value in said}


def _key(coding: Mapping[str, str]) -> Key:
    return coding.get("system", ""), coding["code"]


def _column(path: str) -> str:
    """A column as part of an id: `valueCodeableConcept` and `ext(absence)` as `value` and `absence`."""
    name = path.removeprefix("ext(").removesuffix(")").removesuffix("CodeableConcept").rpartition(".")[2]
    return hyphenated("".join(f"-{c.lower()}" if c.isupper() else c for c in name))
