"""Writes the source of `read`: one object of a resource -> its native fields and residue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapter.mapping.rows import Row, Shape
from adapter.mapping.tree import Leaf, Node, Scope

Lines = list[str]


def read_source(shape: Shape, root: Node, scope: Scope, prefix: str) -> Lines:
    """The lines of `def {prefix}read(...)`."""
    lines = [f"def {prefix}read({root.variable}, notes, at):", f'    """{shape.base} -> the fields of {shape.name}."""']
    _extensions(root, lines)
    for node in root.nodes:
        _node(node, root, scope, lines)
    for row in shape.rows:
        _row(row, root, scope, lines)
    for each in shape.eaches:
        owner, _ = _home(root, each.name)
        source = f"{prefix}{each.name}_list.items({owner.variable}, notes, {_at(owner)})"
        key = each.path.steps[-1].key
        lines.append(f"    f_{each.name} = {source} if {key!r} in {owner.variable} else None")
    _fixed(root, scope, lines)
    _rest(root, scope, lines)
    return [*lines, *_record(shape, root)]


def _node(node: Node, parent: Node, scope: Scope, lines: Lines) -> None:
    """Fetch one inner object, then those within it."""
    assert node.step
    name, key = node.variable, node.step.key
    if node.step.kind == "one":
        lines.append(f"    {name} = {parent.variable}.get({key!r}, NOTHING)")
    else:
        claim = parent.claim(node.step, scope)
        lines.append(f"    at_{name}, {name} = sole({parent.variable}, {key!r}, {claim}, notes, {_at(parent)})")
    _extensions(node, lines)
    for inner in node.nodes:
        _node(inner, node, scope, lines)


def _extensions(node: Node, lines: Lines) -> None:
    """The extensions of an object are sorted by URL once."""
    if "extension" in node.lists():
        lines.append(f"    urls_{node.variable} = by_url({node.variable})")


def _at(node: Node) -> str:
    """The source of the place of an object."""
    return "at" if node.place == "{at}" else f'f"{node.place}"'


def _place(node: Node, key: str) -> str:
    return f'f"{node.place}.{key}"'


def _home(root: Node, name: str, number: int = 0) -> tuple[Node, Leaf]:
    """The object in which a field lives, and its leaf."""
    for node in root.walk():
        for leaf in node.leaves:
            owner = leaf.row or leaf.each
            if owner is not None and owner.name == name and leaf.column == number:
                return node, leaf
    raise KeyError(name)


def _row(row: Row, root: Node, scope: Scope, lines: Lines) -> None:
    if len(row.paths) > 1:
        _joint(row, root, scope, lines)
        return
    node, leaf = _home(root, row.name)
    codec = scope.bind(f"{row.codec.name}_{row.name}", row.codec)
    lines.append(f"    # {row.name} <- {row.paths[0].text}, {row.codec.name}{f' of {row.table}' if row.table else ''}")
    if not leaf.path.steps:
        _element(row, codec, node.variable, _at(node), node, lines)
    elif leaf.step.kind == "list":
        _members(row, leaf, node, codec, scope, lines)
    elif leaf.step.kind == "choice":
        _choice(row, leaf, node, codec, scope, lines)
    else:
        place = _place(node, leaf.step.key)
        _element(row, codec, f"{node.variable}.get({leaf.step.key!r})", place, node, lines)


def _element(row: Row, codec: str, source: str, place: str, node: Node, lines: Lines) -> None:
    lines += [
        f"    f_{row.name} = None",
        f"    if (e := {source}) is not None:",
        f"        if (f_{row.name} := {codec}.read(e)) is None:",
        f"            notes.park({place}, {codec}.why(e))",
    ]
    if _has_parts(row):
        lines += [f"        elif spare := {codec}.spare(e):", f"            notes.inner({place}, spare)"]
    _missing(row, place, node, lines)


def _missing(row: Row, place: str, node: Node, lines: Lines) -> None:
    """A required element is missing, unless several members could hold it: then those are parked."""
    if row.optional:
        return
    single = " and ".join(f"{name} is not SEVERAL" for name in node.members)
    lines += [f"    elif {single}:" if single else "    else:", f'        notes.park({place}, "missing")']


def _has_parts(row: Row) -> bool:
    """Whether the element is an object, so it may hold more than the value says."""
    return any(kind[0].isupper() for path in row.paths for kind in path.types if kind in row.codec.types)


def _choice(row: Row, leaf: Leaf, node: Node, codec: str, scope: Scope, lines: Lines) -> None:
    branches = scope.bind(f"{leaf.step.key}_branches", leaf.step.branches)
    place = _place(node, leaf.step.key)
    lines += [
        f"    f_{row.name} = None",
        f"    if (b := chosen({node.variable}, {branches})) is not None:",
        f"        if (f_{row.name} := {codec}.read_choice(*b)) is None:",
        f"            notes.park({place}, {codec}.why_choice(*b))",
    ]
    if _has_parts(row):
        lines += [
            "        elif isinstance(b[1], dict) and (spare := " + f"{codec}.spare(b[1])):",
            f"            notes.inner({place}, spare)",
        ]
    _missing(row, place, node, lines)


def _members(row: Row, leaf: Leaf, node: Node, codec: str, scope: Scope, lines: Lines) -> None:
    """A row on a list: one member, or (`list = true`) several."""
    way, key = ("several" if row.many else "lone"), leaf.step.key
    if key == "extension":
        lines.append(f"    p = urls_{node.variable}.get({leaf.step.slice.match['url']!r})")
    elif (claim := node.claim(leaf.step, scope)) == "None":
        lines.append(f"    p = range(len({node.variable}.get({key!r}, ())))")
    else:
        lines.append(f"    p = claimed({node.variable}.get({key!r}, ()), {claim})")
    members = f"{node.variable}[{key!r}]"
    arguments = f"{members}, p, {leaf.path.wrap!r}, {codec}, notes, {_at(node)}, {key!r}"
    lines.append(f"    f_{row.name} = {way}({arguments}) if p else None")
    if not row.optional:
        place = _column_place(node, replace(leaf, path=replace(leaf.path, wrap=None)))
        lines += ["    if not p:", f'        notes.park({place}, "missing")']


def _joint(row: Row, root: Node, scope: Scope, lines: Lines) -> None:
    """Several elements are fetched, then read together."""
    codec = scope.bind(f"{row.codec.name}_{row.name}", row.codec)
    text = ", ".join(path.text for path in row.paths)
    lines.append(f"    # {row.name} <- {text}, {row.codec.name} of {row.table}")
    fetched = [_column(*_home(root, row.name, number), scope) for number in range(len(row.paths))]
    place = _place(_home(root, row.name)[0], _home(root, row.name)[1].step.key)
    nothing = f"({', '.join('None' for _ in fetched)})"
    lines += [
        f"    j = ({', '.join(fetched)})",
        f"    if (f_{row.name} := {codec}.read_all(j)) is None{'' if not row.optional else f' and j != {nothing}'}:",
        f'        notes.park({place}, {codec}.why(j) if j != {nothing} else "missing")',
        f"    elif f_{row.name} is not None:",
        f"        for place, names in zip({_places(row, root)}, {codec}.spare_all(j)):",
        "            notes.inner(place, names)",
    ]


def _places(row: Row, root: Node) -> str:
    homes = [_home(root, row.name, number) for number in range(len(row.paths))]
    return f"({', '.join(_column_place(node, leaf) for node, leaf in homes)})"


def _column_place(node: Node, leaf: Leaf) -> str:
    if leaf.step.key == "extension":
        inner = f".{leaf.path.wrap}" if leaf.path.wrap else ""
        return f'f"{node.place}.extension({leaf.step.slice.match["url"]!r}){inner}"'
    return _place(node, leaf.step.key)


def _column(node: Node, leaf: Leaf, scope: Scope) -> str:
    key = leaf.step.key
    if leaf.step.kind == "choice":
        return f"chosen({node.variable}, {scope.bind(f'{key}_branches', leaf.step.branches)})"
    if leaf.step.kind == "list":
        return f"column({node.variable}, {key!r}, {node.claim(leaf.step, scope)}, {leaf.path.wrap!r})"
    return f"{node.variable}.get({key!r})"


def _fixed(root: Node, scope: Scope, lines: Lines) -> None:
    """A fixed element that says something else is parked; in a list it is one member among others."""
    for node in root.walk():
        for leaf in node.leaves:
            if leaf.fixed and leaf.fixed.slice is not None and leaf.step.kind == "list":
                key, test = leaf.step.key, scope.bind(f"is_fixed_{leaf.step.key}", fixed_test(leaf))
                lines += [
                    f"    for i in claimed({node.variable}.get({key!r}, ()), {test}):",
                    f"        notes.inner(f'{node.place}.{key}[{{i}}]', coded_spare({node.variable}[{key!r}][i]))",
                ]
            elif leaf.fixed:
                test, place = scope.bind(f"is_fixed_{leaf.step.key}", fixed_test(leaf)), _place(node, leaf.step.key)
                lines += [
                    f"    if (e := {node.variable}.get({leaf.step.key!r})) is not None and not {test}(e):",
                    f'        notes.park({place}, "not what this concept always has")',
                    *_beside_fixed(leaf, place),
                ]


def _beside_fixed(leaf: Leaf, place: str) -> Lines:
    """What the fixed element says besides: the rest of a coded one, the version of a canonical."""
    assert leaf.fixed
    if leaf.fixed.slice is not None:
        return ["    elif e is not None and (spare := coded_spare(e)):", f"        notes.inner({place}, spare)"]
    if leaf.path.types[0] == "canonical":
        return ['    elif e is not None and "|" in e:', f'        notes.keep({place}, "of a version")']
    return []


def fixed_test(leaf: Leaf) -> Any:
    """The test whether an element is the fixed one; a canonical is, in whatever version."""
    assert leaf.fixed
    if leaf.fixed.slice is not None:
        return leaf.fixed.slice.has
    expected = leaf.fixed.element
    if leaf.path.types[0] == "canonical":
        return lambda element: type(element) is str and element.partition("|")[0] == expected
    return lambda element: type(element) is type(expected) and element == expected


def _rest(root: Node, scope: Scope, lines: Lines) -> None:
    """Everything in each object that no row knows."""
    for node in root.walk() if root.itself is None else ():
        top = node is root and node.variable == "resource"
        names = node.known() | ({"resourceType", "id", "meta"} if top else set())
        known = scope.bind(f"known_in_{node.variable}", frozenset(names))
        literals = scope.bind(f"new_{node.variable}", dict(node.new)) if node.new else "NOTHING"
        lines += [
            f"    if not {known}.issuperset({node.variable}):",
            f"        notes.extra({node.variable}, {known}, {literals}, {_at(node)})",
        ]
        for key in node.lists():
            if key == "extension":
                urls = scope.bind(f"urls_in_{node.variable}", frozenset(s.match["url"] for s in node.claims(key)))
                lines += [
                    f"    if not {urls}.issuperset(urls_{node.variable}):",
                    f"        notes.strangers(urls_{node.variable}, {urls}, {_at(node)})",
                ]
                continue
            claims = ", ".join(_claim_name(node, slice, key, scope) for slice in node.claims(key))
            lines += [
                f"    if {key!r} in {node.variable}:",
                f"        notes.foreign({node.variable}[{key!r}], ({claims},), {_place(node, key)})",
            ]
        if top:
            lines += ['    if "meta" in resource:', '        notes.meta(resource["meta"], at)']


def _claim_name(node: Node, slice: Any, key: str, scope: Scope) -> str:
    steps = [*(leaf.step for leaf in node.leaves), *(inner.step for inner in node.nodes if inner.step)]
    return node.claim(next(step for step in steps if step.key == key and step.slice.name == slice.name), scope)


def _record(shape: Shape, root: Node) -> Lines:
    """The fields that are there, in the order of the file."""
    lines = ["    record = {}"]
    if root.variable == "resource":
        lines += ['    if "id" in resource:', '        record["id"] = resource["id"]']
    for name in shape.names:
        lines += [f"    if f_{name} is not None:", f"        record[{name!r}] = f_{name}"]
    return [*lines, "    return record", ""]
