"""Compiles a concept map to readable Python: `read`, `build` and `edit` for the resource and for each of its lists.

The source is kept for the auditor (`check-mappings --show`) and for tracebacks (linecache).
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any

from adapter.fhir.canonical import profile as canonical
from adapter.fhir.elements import Definitions
from adapter.mapping import codecs, edits, members
from adapter.mapping.building import build_source
from adapter.mapping.editing import edit_source
from adapter.mapping.members import KeyedList
from adapter.mapping.reading import read_source
from adapter.mapping.residue import Policies
from adapter.mapping.rows import Each, Shape
from adapter.mapping.tree import Scope, tree

RUNTIME: Mapping[str, Any] = {
    "unfit": codecs.unfit,
    "ABSENT": object(),
    "NUMBERS": codecs.NUMBERS,
    "NOTHING": members.NOTHING,
    "sole": members.sole,
    "by_url": members.by_url,
    "column": members.column,
    "chosen": members.chosen,
    "several": members.several,
    "lone": members.lone,
    "claimed": members.claimed,
    "some": members.some,
    "unlike": members.unlike,
    "put": edits.put,
    "put_choice": edits.put_choice,
    "put_lone": edits.put_lone,
    "put_sole": edits.put_sole,
    "put_several": edits.put_several,
    "child": edits.child,
    "member": edits.member,
    "trim": edits.trim,
    "fix": edits.fix,
    "written": edits.written,
    "chosen_as": edits.chosen_as,
    "replace": edits.replace,
    "say_anew": edits.say_anew,
    "drop": edits.drop,
    "SEVERAL": members.SEVERAL,
    "coded_spare": codecs.coded_spare,
}
"""What compiled source may call besides its own names."""


class Compiled:
    """The functions of one map and their source, made when the first of them is asked for.

    A server starts sooner than all its maps are compiled; `read`, `build`, `edit`, `complete` and `source` are plain
    attributes from then on. Nothing is refused here: the loader let the shape through.
    """

    read: Callable[..., dict[str, Any]]
    build: Callable[[Any], dict[str, Any]]
    edit: Callable[..., None]
    complete: Callable[[dict[str, Any]], None]
    source: str

    def __init__(self, shape: Shape, definitions: Definitions, profile: str, policies: Policies, name: str) -> None:
        self._made_of = (shape, definitions, profile, policies, name)

    def __getattr__(self, name: str) -> Any:
        """Only ever asked for what is not there yet."""
        if name not in ("read", "build", "edit", "complete", "source"):
            raise AttributeError(name)
        self.make()
        return self.__dict__[name]

    def make(self) -> None:
        """Compile now what is not compiled yet: programs of one server share their maps.

        Two threads that do so at once make the same; `source` is there last.
        """
        if "source" in self.__dict__:
            return
        shape, definitions, profile, policies, name = self._made_of
        scope = Scope()
        text = "\n".join(_source(shape, definitions, scope, canonical(profile)))
        names = {**RUNTIME, **scope.names, "POLICIES": policies}
        exec(compile(text, file := f"<map {name}>", "exec"), names)
        for each in shape.eaches:
            names[f"{each.name}_list"] = _keyed(each, names)
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        functions = {function: names[function] for function in ("read", "build", "edit", "complete")}
        self.__dict__.update(functions, source=text)


def _source(shape: Shape, definitions: Definitions, scope: Scope, profile: str) -> list[str]:
    root = tree(shape)
    claims = {each.name: _claim(each, shape, scope) for each in shape.eaches}
    lines: list[str] = []
    for each in shape.eaches:
        inner, prefix = tree(each.shape), f"{each.name}_"
        order = _order(definitions, each.shape.base)
        lines += [
            f"# {each.name} <-> {each.path.text} ({claims[each.name]}), matched by {', '.join(each.keys)}",
            *read_source(each.shape, inner, scope, prefix),
            *build_source(each.shape, inner, scope, prefix, order),
            *edit_source(each.shape, inner, scope, prefix),
        ]
    return [
        *lines,
        *read_source(shape, root, scope, ""),
        *build_source(shape, root, scope, "", _order(definitions, shape.base), profile),
        *edit_source(shape, root, scope, ""),
    ]


def _claim(each: Each, shape: Shape, scope: Scope) -> str:
    """The name of the test for the members of a list."""
    for node in tree(shape).walk():
        for leaf in node.leaves:
            if leaf.each is not None and leaf.each.name == each.name:
                name = node.claim(leaf.step, scope)
                scope.names[f"{each.name}_claim"] = scope.names.get(name)
                return "all members" if name == "None" else name
    raise KeyError(each.name)


def _order(definitions: Definitions, base: str) -> dict[str, int]:
    """The place of each JSON name in a definition."""
    names = [
        [child.name[:-3] + kind[0].upper() + kind[1:] for kind in child.types] + [child.name[:-3]]
        if child.choice
        else [child.name]
        for child in definitions.children(base)
    ]
    return {name: place for place, group in enumerate(names) for name in group}


def _keyed(each: Each, names: Mapping[str, Any]) -> KeyedList:
    prefix = f"{each.name}_"
    required = tuple(row.name for row in each.shape.rows if row.name in each.keys and not row.optional)
    return KeyedList(
        each.name,
        each.path.steps[-1].key,
        names[f"{prefix}claim"],
        each.keys,
        required,
        each.shape.new,
        names[f"{prefix}read"],
        names[f"{prefix}edit"],
        names[f"{prefix}complete"],
        each.shape.names,
    )
