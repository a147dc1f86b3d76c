"""Writes the source of `build`: the fast way from a complete record to a fresh resource.

The source is close to a dict literal by hand. Whatever it cannot write raises, and the careful way finds out why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.mapping.codecs import Codec
from adapter.mapping.rows import Each, Row, Shape
from adapter.mapping.tree import Leaf, Node, Scope

Lines = list[str]
Entry = tuple[str, str]


def build_source(
    shape: Shape,
    root: Node,
    scope: Scope,
    prefix: str,
    order: Mapping[str, int],
    profile: str = "",
) -> Lines:
    """The lines of `def {prefix}build(record)`.

    `order` is the place of each JSON name in the definition, `profile` the canonical of a resource's profile.
    """
    return _Builder(shape, scope, prefix, order).source(root, profile)


class _Builder:
    """Writes one function; `lines` grows as objects are written, inner ones first."""

    def __init__(self, shape: Shape, scope: Scope, prefix: str, order: Mapping[str, int]) -> None:
        self.shape, self.scope, self.prefix, self.order = shape, scope, prefix, order
        self.lines: Lines = []

    def source(self, root: Node, profile: str) -> Lines:
        names = frozenset(self.shape.names)
        known = self.scope.bind(f"{self.prefix}fields", names | {"id"} if profile else names)
        head = [
            f"def {self.prefix}build(record):",
            f'    """A fresh {self.shape.base} of a complete {self.shape.name}; raises what it cannot write."""',
            f"    if not {known}.issuperset(record):",
            "        unfit()",
            "    get = record.get",
        ]
        start: list[Entry] = [(name, _literal(value)) for name, value in self.shape.new.items()]
        if profile:
            kind = self.shape.base
            start = [("resourceType", repr(kind)), ("id", 'record["id"]'), ("meta", f'{{"profile": ["{profile}"]}}')]
        for row in self.shape.rows:
            if len(row.paths) > 1:
                self._joint(row)
        if root.itself:
            self.lines.append(f"    out = {self._value(root.itself, f'record[{root.itself.name!r}]')}")
        else:
            self._object(root, "out", start)
        return [*head, *self.lines, "    return out", ""]

    def _joint(self, row: Row) -> None:
        """The elements of a joint row, before the objects that hold them."""
        columns = ", ".join(f"{row.name}_{number}" for number in range(len(row.paths)))
        codec = self.scope.bind(f"{row.codec.name}_{row.name}", row.codec)
        if row.optional:
            absent = ", ".join("None" for _ in row.paths)
            self.lines.append(
                f"    {columns} = ({absent},) if (v := get({row.name!r}, ABSENT)) is ABSENT else {codec}.write_all(v)"
            )
        else:
            self.lines.append(f"    {columns} = {codec}.write_all(record[{row.name!r}])")

    def _object(self, node: Node, name: str, start: list[Entry]) -> None:
        """Assign the object to `name`: what is certain as one literal, then what may be absent."""
        certain, rest = list(start), Lines()
        keys = dict.fromkeys([*(leaf.step.key for leaf in node.leaves), *(n.step.key for n in node.nodes if n.step)])
        for key in sorted(keys, key=lambda key: self.order.get(key, 0)) if name == "out" else keys:
            leaves = [leaf for leaf in node.leaves if leaf.step.key == key]
            nodes = [inner for inner in node.nodes if inner.step and inner.step.key == key]
            is_list = any(leaf.step.kind == "list" for leaf in leaves) or any(
                n.step.kind == "list" for n in nodes if n.step
            )
            write = self._list if is_list else self._single
            write(node, key, leaves, nodes, name, certain, rest)
        literal = ", ".join(f'"{key}": {value}' for key, value in certain)
        self.lines += _wrapped(f"    {name} = ", certain) if len(literal) > 80 else [f"    {name} = {{{literal}}}"]
        self.lines += rest

    def _single(
        self,
        node: Node,
        key: str,
        leaves: list[Leaf],
        nodes: list[Node],
        name: str,
        certain: list[Entry],
        rest: Lines,
    ) -> None:
        """One element: certain in the literal, or guarded after it; an inner object is written before."""
        for inner in nodes:
            self._inner(inner, key, name, certain, rest)
        for leaf in leaves:
            if leaf.fixed:
                certain.append((key, _literal(leaf.fixed.element)))
            elif leaf.row and leaf.joint:
                rest += self._column(leaf, name)
            elif leaf.row and leaf.step.kind == "choice":
                self._choice(leaf, leaf.row, name, certain, rest)
            elif leaf.row and leaf.certain and not leaf.step.siblings:
                certain.append((key, self._value(leaf.row, f"record[{leaf.row.name!r}]")))
            elif leaf.row:
                rest += self._guarded(leaf, leaf.row, name, key)

    def _inner(self, inner: Node, key: str, name: str, certain: list[Entry], rest: Lines) -> None:
        """An object within: a literal where one field fills it, else a variable of its own."""
        if chain := _only_row(inner):
            wrap, row = chain
            value = wrap.replace(
                "@", self._value(row, f"record[{row.name!r}]" if not row.optional else "v", row.optional)
            )
            if not row.optional:
                certain.append((key, value))
            else:
                rest += [
                    f"    if (v := get({row.name!r}, ABSENT)) is not ABSENT:",
                    f'        {name}["{key}"] = {value}',
                ]
            return
        self._object(inner, inner.variable, [])
        if inner.certain():
            certain.append((key, inner.variable))
        else:
            rest += [f"    if {inner.variable}:", f'        {name}["{key}"] = {inner.variable}']

    def _column(self, leaf: Leaf, name: str) -> Lines:
        """One element of a joint row, already written."""
        assert leaf.row
        value = f"{leaf.row.name}_{leaf.column}"
        target = f'{name}["{leaf.step.key}"]'
        if leaf.step.kind == "choice":
            keys = self.scope.bind(f"{leaf.step.key}_keys", {kind: key for key, kind in leaf.step.branches})
            target, chosen = f"{name}[{keys}[{value}[0]]]", f"{value}[1]"
        elif leaf.step.kind == "list":
            chosen = f"[{self._wrapped(leaf, value)}]"
        else:
            chosen = value
        return [f"    if {value} is not None:", f"        {target} = {chosen}"]

    def _choice(self, leaf: Leaf, row: Row, name: str, certain: list[Entry], rest: Lines) -> None:
        """A choice: the branch is known beforehand unless the codec decides by value."""
        kinds = tuple(kind for _, kind in leaf.step.branches)
        if type(row.codec).write_choice is not Codec.write_choice:
            codec = self.scope.bind(f"{row.codec.name}_{row.name}", row.codec)
            keys = self.scope.bind(f"{leaf.step.key}_keys", {kind: key for key, kind in leaf.step.branches})
            guard = (
                [f"    if (v := get({row.name!r}, ABSENT)) is not ABSENT:"]
                if row.optional
                else [f"    v = record[{row.name!r}]"]
            )
            indent = "        " if row.optional else "    "
            rest += [
                *guard,
                f"{indent}kind, e = {codec}.write_choice(v, {kinds!r})",
                f"{indent}{name}[{keys}[kind]] = e",
            ]
            return
        kind = next(kind for kind in row.codec.types if kind in kinds)
        key = next(key for key, branch in leaf.step.branches if branch == kind)
        if leaf.certain:
            certain.append((key, self._value(row, f"record[{row.name!r}]")))
        else:
            rest += self._guarded(leaf, row, name, key)

    def _guarded(self, leaf: Leaf, row: Row, name: str, key: str) -> Lines:
        """An optional field; two branches of one choice cannot both be written."""
        value = self._value(row, "v", True)
        lines = (
            [f"    if (v := get({row.name!r}, ABSENT)) is not ABSENT:"]
            if row.optional
            else [f"    v = record[{row.name!r}]"]
        )
        indent = "        " if row.optional else "    "
        if leaf.step.kind == "one" and leaf.step.siblings:
            siblings = self.scope.bind(f"{leaf.step.key}_siblings", frozenset(leaf.step.siblings))
            lines += [f"{indent}if not {siblings}.isdisjoint({name}):", f"{indent}    unfit()"]
        return [*lines, f'{indent}{name}["{key}"] = {value}']

    def _list(
        self,
        node: Node,
        key: str,
        leaves: list[Leaf],
        nodes: list[Node],
        name: str,
        certain: list[Entry],
        rest: Lines,
    ) -> None:
        """A list of members from several owners, in the order of the file."""
        sure: list[str] = []
        more: list[tuple[str, str]] = []
        mine = {id(part) for part in (*leaves, *nodes)}
        for part in node.in_order():
            if id(part) in mine and isinstance(part, Node):
                self._member(part, sure, more)
            elif id(part) in mine and isinstance(part, Leaf):
                self._contribution(part, sure, more)
        if not more:
            certain.append((key, f"[{', '.join(sure)}]"))
        elif len(more) == 1 and not sure:
            [(guard, value)] = more
            rest += [f"    if {guard}:", f'        {name}["{key}"] = {value}']
        else:
            variable = f"{name}_{key}"
            rest.append(f"    {variable} = [{', '.join(sure)}]")
            for guard, value in more:
                rest += [f"    if {guard}:", f"        {_added(variable, value)}"]
            rest += (
                [f'    {name}["{key}"] = {variable}']
                if sure
                else [f"    if {variable}:", f'        {name}["{key}"] = {variable}']
            )

    def _member(self, inner: Node, sure: list[str], more: list[tuple[str, str]]) -> None:
        """The one member of a slice, or one extension with parts."""
        new = [(name, _literal(value)) for name, value in inner.new.items()]
        chain = _only_row(inner)
        if chain and not chain[1].optional:
            entries = [*new, *_entries(chain[0].replace("@", self._value(chain[1], f"record[{chain[1].name!r}]")))]
            sure.append(_dict(entries))
        elif chain:
            entries = [*new, *_entries(chain[0].replace("@", self._value(chain[1], "v", True)))]
            more.append((f"(v := get({chain[1].name!r}, ABSENT)) is not ABSENT", f"[{_dict(entries)}]"))
        elif inner.certain():
            self._object(inner, inner.variable, new)
            sure.append(inner.variable)
        else:
            self._object(inner, inner.variable, [])
            more.append(
                (inner.variable, f"[{{{''.join(f'{chr(34)}{n}{chr(34)}: {v}, ' for n, v in new)}**{inner.variable}}}]")
            )

    def _contribution(self, leaf: Leaf, sure: list[str], more: list[tuple[str, str]]) -> None:
        """What one leaf adds to a list."""
        if leaf.fixed:
            sure.append(_literal(leaf.fixed.element))
        elif leaf.each:
            more.append((f"(v := get({leaf.each.name!r}, ABSENT)) is not ABSENT", self._each(leaf.each)))
        elif leaf.row and leaf.joint:
            value = f"{leaf.row.name}_{leaf.column}"
            more.append((f"{value} is not None", f"[{self._wrapped(leaf, value)}]"))
        elif leaf.row and leaf.row.many:
            item = self._wrapped(leaf, self._value(leaf.row, "i", True, "i"))
            fetch = f"get({leaf.row.name!r}, ABSENT)" if leaf.row.optional else f"record[{leaf.row.name!r}]"
            more.append((f"(v := {fetch}) is not ABSENT", f"[{item} for i in some(v)]"))
        elif leaf.row and leaf.certain:
            sure.append(self._wrapped(leaf, self._value(leaf.row, f"record[{leaf.row.name!r}]")))
        elif leaf.row:
            item = self._wrapped(leaf, self._value(leaf.row, "v", True))
            more.append((f"(v := get({leaf.row.name!r}, ABSENT)) is not ABSENT", f"[{item}]"))

    def _each(self, each: Each) -> str:
        keys = ", ".join(f"i.get({key!r})" for key in each.keys)
        return f"[{self.prefix}{each.name}_build(i) for i in unlike(v, lambda i: ({keys},))]"

    def _wrapped(self, leaf: Leaf, value: str) -> str:
        if leaf.path.wrap is None:
            return value
        return _dict([*((n, _literal(v)) for n, v in (leaf.wrap or {}).items()), (leaf.path.wrap, value)])

    def _value(self, row: Row, source: str, fetched: bool = False, name: str = "v") -> str:
        """The element of a native value as an expression; `fetched`: it is in the variable already."""
        codec = row.codec
        bound = f"{codec.name}_{row.name}"
        if codec.inline is None:
            return f"{self.scope.bind(bound, codec)}.write({name if fetched else source})"
        text = codec.inline
        for constant, value in codec.constants().items():
            text = text.replace(f"{{at}}_{constant}", self.scope.bind(f"{bound}_{constant}", value))
        first = name if fetched else f"({name} := {source})" if "{v}" in text else source
        text = text.replace("{first}", first).replace("{v}", name)
        return f"({text})" if " if " in text else text


def _added(variable: str, value: str) -> str:
    """The statement that adds a list source to a list; one member is appended."""
    single = value.startswith("[") and " for i in " not in value
    return f"{variable}.append({value[1:-1]})" if single else f"{variable} += {value}"


def _only_row(node: Node) -> tuple[str, Row] | None:
    """(the object with @ for the value, the row) where one plain field is all that fills an object."""
    if node.nodes or len(node.leaves) != 1:
        if len(node.nodes) == 1 and not node.leaves and node.nodes[0].step and node.nodes[0].step.kind == "one":
            inner = _only_row(node.nodes[0])
            return (f'{{"{node.nodes[0].step.key}": {inner[0]}}}', inner[1]) if inner else None
        return None
    leaf = node.leaves[0]
    if leaf.row is None or leaf.joint or leaf.step.kind != "one" or leaf.step.siblings:
        return None
    return f'{{"{leaf.step.key}": @}}', leaf.row


def _entries(source: str) -> list[Entry]:
    """The entries of a one-entry dict source."""
    key, _, value = source[1:-1].partition(": ")
    return [(key.strip('"'), value)]


def _dict(entries: list[Entry]) -> str:
    return "{" + ", ".join(f'"{key}": {value}' for key, value in entries) + "}"


def _literal(value: Any) -> str:
    """Python source of a JSON literal."""
    return repr(value)


def _wrapped(start: str, entries: list[Entry]) -> Lines:
    return [f"{start}{{", *(f'        "{key}": {value},' for key, value in entries), "    }"]
