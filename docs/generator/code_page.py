"""Code tables as an analyst checks them: word, system, code, display, what is read besides, how sure the code is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docs.generator.context import Context
from docs.generator.map_file import MapFile
from docs.generator.markdown import code, codes, page, table

GRADES = "Grade: A = seen in the standard; A- = in a draft part of it or an official tool; B = in other software only."


def code_table(file: MapFile, level: str = "###") -> str:
    """One table with its heading, source and grade."""
    content = file.content
    facts = [f"Grade {content['grade']}", f"source: {content['source']}" if "source" in content else ""]
    facts += [f"also read under {codes(content['also_systems'])}"] if "also_systems" in content else []
    system = [f"System {code(content['system'])}. "] if "system" in content and _one_system(content) else [""]
    rows = _joint(content) if "elements" in content else _plain(content, whole=not _one_system(content))
    head = _head(content)
    return "\n\n".join(
        [
            f"{level} {file.name}",
            *file.head,
            f"{system[0]}{'; '.join(fact for fact in facts if fact)}.",
            table(head, rows),
        ]
    )


def _one_system(content: Mapping[str, Any]) -> bool:
    return "elements" not in content and not any("system" in row for row in content["rows"].values())


def _head(content: Mapping[str, Any]) -> tuple[str, ...]:
    middle = tuple(map(code, content["elements"])) if "elements" in content else ("system", "code", "display")
    return ("word", *middle, "also read", "grade", "source")


def _plain(content: Mapping[str, Any], *, whole: bool) -> Iterator[tuple[str, ...]]:
    default = content.get("system", "")
    for word, row in content["rows"].items():
        system = row.get("system", default)
        also = ((a.get("system", system), a["code"]) for a in row.get("accept", ()))
        read = ", ".join(code(c if s == system else f"{s}#{c}") for s, c in also)
        yield (
            code(word),
            code(system if whole else ""),
            code(row["code"]),
            row.get("display", ""),
            read,
            row.get("grade", ""),
            row.get("source", ""),
        )


def _joint(content: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    elements, default = content["elements"], content.get("system", "")
    for word, row in content["rows"].items():
        also = "; ".join(
            " + ".join(f"{code(e)} {_column(reading[e], default)}" for e in elements if e in reading)
            for reading in row.get("accept", ())
        )
        columns = (_column(row[e], default) if e in row else "(absent)" for e in elements)
        yield code(word), *columns, also, row.get("grade", ""), row.get("source", "")


def _column(given: Any, default: str) -> str:
    if isinstance(given, Mapping):
        text = f"{code(given.get('system', default) + '#' + given['code'])} {given.get('display', '')}"
        return text.strip()
    return code(str(given).lower() if isinstance(given, bool) else str(given))


def shared_codes(context: Context) -> str:
    """The page of the tables that many concepts use."""
    made: Iterable[str] = (code_table(context.tables[name], "##") for name in sorted(context.shared))
    return page("mappings/tables", "# Codes that many concepts use", GRADES, *made)
