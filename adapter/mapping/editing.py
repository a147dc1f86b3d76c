"""Writes the source of `edit`: the changed fields of a record into a resource that is already there.

Only fields whose reading differs are written, so what was sent stays as it was sent (law 1) and what changes holds
nothing of its old value (law 4).
"""

from __future__ import annotations

from adapter.mapping.reading import fixed_test
from adapter.mapping.rows import Shape
from adapter.mapping.tree import Leaf, Node, Scope

Lines = list[str]


def edit_source(shape: Shape, root: Node, scope: Scope, prefix: str) -> Lines:
    """The lines of `def {prefix}edit(record, changed, node)` and of `def {prefix}complete(node)`."""
    lines = [
        f"def {prefix}edit(record, changed, {root.variable}):",
        f'    """Write the changed fields of {shape.name} into {shape.base}, in place."""',
        "    get = record.get",
    ]
    for row in shape.rows:
        if len(row.paths) > 1:
            columns = ", ".join(f"{row.name}_{number}" for number in range(len(row.paths)))
            codec = scope.bind(f"{row.codec.name}_{row.name}", row.codec)
            absent = ", ".join("None" for _ in row.paths)
            lines += [
                f"    if {row.name!r} in changed:",
                f"        {columns} = ({absent}) if (v := get({row.name!r})) is None else {codec}.write_all(v)",
            ]
    _node(root, scope, lines, prefix)
    return [*lines, "", *_complete_source(shape, root, scope, prefix)]


def _complete_source(shape: Shape, root: Node, scope: Scope, prefix: str) -> Lines:
    """Fixed elements are for what we make, and for what would else be taken for another concept."""
    lines = [
        f"def {prefix}complete({root.variable}):",
        f'    """Write what {shape.name} always has where it is missing, in place."""',
    ]
    _fixed(root, scope, lines)
    return [*lines, "" if len(lines) > 2 else "    return", ""]


def _fixed(node: Node, scope: Scope, lines: Lines) -> None:
    for leaf in node.leaves:
        if leaf.fixed:
            key, many = leaf.step.key, leaf.step.kind == "list"
            literal = scope.bind(f"fixed_{key}", leaf.fixed.element)
            test = scope.bind(f"is_fixed_{key}", fixed_test(leaf)) if many else "None"
            lines.append(f"    fix({node.variable}, {key!r}, {literal}, {test}, many={many})")
    for inner in node.nodes:
        if inner.holds_fixed():
            lines.append(f"    {inner.variable} = {_fetched(inner, node, scope)}")
            _fixed(inner, scope, lines)


def _fetched(inner: Node, node: Node, scope: Scope) -> str:
    """The source of an object within, made where it is missing."""
    assert inner.step
    key = inner.step.key
    if inner.step.kind == "one":
        return f"child({node.variable}, {key!r})"
    new = scope.bind(f"new_{inner.variable}", dict(inner.new))
    return f"member({node.variable}, {key!r}, {node.claim(inner.step, scope)}, {new})"


def _node(node: Node, scope: Scope, lines: Lines, prefix: str, indent: str = "    ") -> None:
    for part in node.in_order():
        if isinstance(part, Node):
            _inner(part, node, scope, lines, prefix, indent)
        elif not part.fixed:
            lines += [indent + line for line in _leaf(part, node, scope, prefix)]


def _inner(inner: Node, node: Node, scope: Scope, lines: Lines, prefix: str, indent: str) -> None:
    """An object within, fetched or made only when something in it changes."""
    assert inner.step
    names = inner.fields()
    test = f"{names[0]!r} in changed" if len(names) == 1 else f"not changed.isdisjoint({tuple(names)!r})"
    lines.append(f"{indent}if {test}:")
    indent += "    "
    lines.append(f"{indent}{inner.variable} = {_fetched(inner, node, scope)}")
    if inner.step.one_meaning:
        lines.append(f"{indent}{_said_anew(inner, scope)}")
    _node(inner, scope, lines, prefix, indent)
    key = inner.step.key
    for name in _indispensable(inner):
        lines += [
            f"{indent}if {name!r} in changed and get({name!r}) is None:",
            f"{indent}    drop({node.variable}, {key!r}, {inner.variable})",
        ]
    if inner.step.kind == "list":
        new = scope.bind(f"new_{inner.variable}", dict(inner.new))
        lines.append(f"{indent}trim({node.variable}, {key!r}, {inner.variable}, {new})")


def _said_anew(inner: Node, scope: Scope) -> str:
    """Clear what no row owns of an element that says one thing."""
    tests = {key: tuple(slice.test() for slice in inner.claims(key)) for key in inner.lists()}
    known = scope.bind(f"known_in_{inner.variable}", inner.known())
    return f"say_anew({inner.variable}, {known}, {scope.bind(f'claims_in_{inner.variable}', tests)})"


def _indispensable(inner: Node) -> list[str]:
    """The fields without which the object is invalid in R4, or is no longer a member of its slice."""
    assert inner.step
    slice = inner.step.slice
    telling = {*slice.at[:1], *(path.partition(".")[0] for path in slice.match)}
    rows = [leaf for leaf in inner.leaves if leaf.row and not leaf.joint and leaf.step.key != "extension"]
    return [leaf.row.name for leaf in rows if leaf.row and (leaf.step.required or leaf.step.key in telling)]


def _leaf(leaf: Leaf, node: Node, scope: Scope, prefix: str) -> Lines:
    """The guarded statement that writes one leaf."""
    if leaf.each:
        return [
            f"if {leaf.each.name!r} in changed:",
            f"    {prefix}{leaf.each.name}_list.put({node.variable}, get({leaf.each.name!r}) or [], POLICIES)",
        ]
    assert leaf.row
    guard = f"if {leaf.row.name!r} in changed:"
    codec = scope.bind(f"{leaf.row.codec.name}_{leaf.row.name}", leaf.row.codec)
    value = f"get({leaf.row.name!r})"
    if not leaf.path.steps:
        return [guard, f"    replace({node.variable}, {codec}.write({value}))"]
    return [guard, f"    {_put(leaf, node, scope, codec, value)}"]


def _put(leaf: Leaf, node: Node, scope: Scope, codec: str, value: str) -> str:
    assert leaf.row
    key, element = leaf.step.key, f"written({codec}, {value})"
    if leaf.joint:
        element = f"{leaf.row.name}_{leaf.column}"
    if leaf.step.kind == "choice":
        branches = scope.bind(f"{key}_branches", leaf.step.branches)
        kinds = tuple(kind for _, kind in leaf.step.branches)
        chosen = element if leaf.joint else f"chosen_as({codec}, {kinds!r}, {value})"
        return f"put_choice({node.variable}, {branches}, {chosen})"
    if leaf.step.kind == "one":
        if not leaf.step.siblings:
            return f"put({node.variable}, {key!r}, {element})"
        siblings = scope.bind(f"{key}_siblings", leaf.step.siblings)
        strangers = scope.bind(f"{key}_strangers", tuple(n for n in leaf.step.siblings if n not in node.known()))
        return f"put({node.variable}, {key!r}, {element}, {siblings}, {strangers})"
    wrap = scope.bind(f"new_{key}_{leaf.step.slice.name}", dict(leaf.wrap)) if leaf.wrap else "None"
    where = f"{node.variable}, {key!r}, {node.claim(leaf.step, scope)}, {wrap}, {leaf.path.wrap!r}"
    if leaf.joint:
        return f"put_sole({where}, {element})"
    if leaf.row.many:
        return f"put_several({where}, {codec}, {value} or [])"
    return f"put_lone({where}, {codec}, {element})"
