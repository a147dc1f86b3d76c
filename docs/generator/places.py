"""Places in a resource in plain words: conditions of [when], fixed values, slices and extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapter.fhir.canonical import profile
from docs.generator.context import Context
from docs.generator.map_file import MapFile
from docs.generator.markdown import article, code, codes, table

_EXTENSION = re.compile(r"ext\((\w[\w-]*)\)")
_SLICE = re.compile(r"([A-Za-z]+)\[slice=([\w-]+)\]")


def condition(path: str, given: Any) -> str:
    """One condition on the structure of a resource."""
    if isinstance(given, str):
        words = {"present": "is there", "absent": "is not there"}
        return f"{code(path)} {words.get(given) or f'has a member of slice {code(given)}'}"
    if "canonical" in given:
        return f"{code(path)} is {code(given['canonical'])}, in whatever version"
    said = [f"{code(path)} has {_words(given, 'is')}"] if "is" in given else []
    said += [f"{code(path)} has not {_words(given, 'not')}"] if "not" in given else []
    return ", ".join(said)


def _words(given: Mapping[str, Any], key: str) -> str:
    words = given[key]
    if words == "*":
        return f"any code of table {code(given['table'])}"
    listed = [words] if isinstance(words, str) else words
    return f"the code for {' or '.join(map(code, listed))} (table {code(given['table'])})"


def said(given: Any) -> str:
    """A fixed value."""
    if isinstance(given, dict):
        return f"the code for {code(given['is'])} (table {code(given['table'])})"
    return code(str(given).lower() if isinstance(given, bool) else str(given))


def named(context: Context, file: MapFile) -> str:
    """The extensions and slices that a map names, each with what it stands for."""
    paths = list(dict.fromkeys(_paths(file.content)))
    extensions = dict.fromkeys(name for path in paths for name in _EXTENSION.findall(path))
    slices = dict.fromkeys(found for path in paths for found in _SLICE.findall(path))
    rows = [_extension(context, name) for name in extensions]
    rows += [_slice(context, file, *found) for found in slices]
    head = ("written above as", "is")
    text = "How to read an element: `a.b` is `b` in `a`; `[x]` is whichever type the choice has; the rest:"
    return f"## Elements\n\n{text}\n\n{table(head, rows)}" if rows else ""


def _paths(node: Any) -> Iterator[str]:
    """Every text of a file that is an element path, key or value."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield key
            yield from _paths(child)
    elif isinstance(node, list):
        for child in node:
            yield from _paths(child)
    elif isinstance(node, str):
        yield node


def _extension(context: Context, name: str) -> tuple[str, str]:
    given = context.tables["extensions"].content[name]
    url = profile(given["url"][1:]) if given["url"].startswith("/") else given["url"]
    kind = (
        "an extension with parts"
        if given.get("parts")
        else f"an extension with {article(given['value'])} {code(given['value'])}"
    )
    part = "" if ":" in url else "a part of one, "
    return code(f"ext({name})"), f"{part}{kind}: {code(url)}"


def _slice(context: Context, file: MapFile, element: str, name: str) -> tuple[str, str]:
    found = context.tables["slices"].content
    kinds = (file.content["resource"], *file.content.get("reads", {}))
    keys = [key for key, given in found.items() if name in given and key.rpartition(".")[2] == element]
    key = next((key for key in keys if key.partition(".")[0] in kinds), element)
    return code(f"{element}[slice={name}]"), f"the members {_which(found[key][name])}"


def _which(given: Mapping[str, Any]) -> str:
    tests = [f"whose {code(path)} is {code(str(value))}" for path, value in given.get("match", {}).items()]
    if "table" in given:
        at = f"whose {code(given['at'])} has" if "at" in given else "with"
        tests.append(f"{at} {_words({'is': '*', **given}, 'is')}")
    if "reference" in given:
        to = [given["to"]] if isinstance(given["to"], str) else given["to"]
        here = "that refer" if given["reference"] == "." else f"whose {code(given['reference'])} refers"
        tests.append(f"{here} to {codes(to)}")
    return " and ".join(tests)
