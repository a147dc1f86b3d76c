"""FHIRPath as views use it: read strictly, every element name looked up in R4, then taken step by step.

What is no step of ours is left to fhirpathpy. Supported is what SQL on FHIR requires of a runner, less lowBoundary()
and highBoundary(), which that library has not. http://hl7.org/fhir/uv/sql-on-fhir/, https://hl7.org/fhirpath/N1/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from antlr4.tree.Tree import ParseTreeWalker
from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.nodes import FP_Type, ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from adapter.fhir.elements import Definitions
from adapter.problems import Unreadable
from adapter.utilization import views_steps as steps
from adapter.utilization.views_steps import Step

Tree = dict[str, Any]
Evaluate = Callable[[Any, Mapping[str, Any]], list[Any]]
"""The items that a path names, of one item; with the constants and `resource`. All are plain JSON."""

_FUNCTIONS = {
    **dict.fromkeys(("where", "extension", "ofType", "startsWith"), (1, 1)),
    **dict.fromkeys(("empty", "first", "not", "count", "getResourceKey"), (0, 0)),
    **dict.fromkeys(("exists", "join", "getReferenceKey"), (0, 1)),
}
"""Each function, and how many parameters it takes."""
NUMBERS = frozenset(("decimal", "integer", "integer64", "positiveInt", "unsignedInt"))
TEXTS = frozenset(
    (
        *("base64Binary", "canonical", "code", "date", "dateTime", "id", "instant", "markdown", "oid", "string"),
        *("time", "uri", "url", "uuid", "xhtml"),
    )
)
PRIMITIVES = NUMBERS | TEXTS | {"boolean"}
"""The primitive types of R4, and integer64, which SQL on FHIR lets a column have."""
_TIMES = frozenset(("date", "dateTime", "instant", "time"))
_EQUAL = PRIMITIVES - _TIMES - {"decimal"}
"""Types whose values are the same if they look the same."""
_OPERATORS = {
    "EqualityExpression": ("=", "!="),
    "InequalityExpression": ("<", "<=", ">", ">="),
    "AdditiveExpression": ("+", "-"),
    "MultiplicativeExpression": ("*", "/"),
    "AndExpression": ("and",),
    "OrExpression": ("or",),
}
_WRAPPERS = ("TermExpression", "InvocationTerm", "ParenthesizedTerm")
_JOINS = {"=": steps.equal, "and": steps.both, "or": steps.either}
_PLAIN = {"first": steps.first, "exists": steps.exists, "empty": steps.empty, "count": steps.count}
_PLAIN |= {"getResourceKey": steps.resource_keys}
_TRUTHS = ("exists", "empty", "not", "startsWith")
_QUOTED = re.compile(r"getReferenceKey\(\s*'([A-Za-z]+)'\s*\)")
"""As some write the type of a reference; fhirpathpy knows it as a name."""


class Known(NamedTuple):
    """What is known of a part of a path: the definition of what it names, and its step if it is one of ours.

    `place` is None where it is not known, and then nothing is looked up; of a choice it ends in `[x]`.
    """

    place: str | None = None
    step: Step | None = None


class Paths:
    """Reads the paths of one view: of a resource type, with its constants and their types.

    With `by_library` fhirpathpy evaluates all of them.
    """

    def __init__(self, definitions: Definitions, constants: Mapping[str, str], *, by_library: bool = False) -> None:
        self._definitions, self._by_library, self._constants = definitions, by_library, constants

    def read(self, text: str, at: str | None) -> tuple[Evaluate, str | None]:
        """How a path is evaluated, and the definition of what it names; `at` is that of the items it begins at.

        None is what is not known, and not looked up. Unreadable says what of the path is not FHIRPath, not of R4 or
        not supported.
        """
        text = _QUOTED.sub(r"getReferenceKey(\1)", text)
        tree = _tree(text)
        self._asks_times = False
        place, step = self._known(tree, Known(at, steps.same))
        place = None if place and place.endswith("[x]") else place
        if step and (self._asks_times or not self._by_library):
            return partial(_taken, text, step), place
        if self._asks_times:
            raise Unreadable("a date or time is compared in a path that is left to fhirpathpy")
        # fhirpathpy knows no $this outside of a function, where it is the item that the path begins at.
        tree = _tree(f"select({text})") if "$this" in text else tree
        return partial(_evaluated, text, {"children": [tree]}, at), place

    def _known(self, node: Tree, at: Known) -> Known:
        kind, children = node["type"], node.get("children", [])
        if kind in _WRAPPERS:
            return self._known(children[0], at)
        if kind == "InvocationExpression":
            left = self._known(children[0], at)
            right = self._known(children[1], Known(left.place, steps.same))
            return Known(right.place, steps.then(left.step, right.step) if left.step and right.step else None)
        if kind == "MemberInvocation":
            return self._member(children[0]["text"].strip("`"), at.place)
        if kind == "FunctionInvocation":
            return self._function(*children[0]["children"], at=at.place)
        if kind == "ThisInvocation":
            return Known(at.place, steps.same)
        if kind == "IndexerExpression":
            self._known(children[1], at)
            return Known(self._known(children[0], at).place)
        if kind == "ExternalConstantTerm":
            return self._constant(children[0]["children"][0]["text"].strip("`'"))
        return _literal(node) if kind == "LiteralTerm" else self._joined(node, at)

    def _joined(self, node: Tree, at: Known) -> Known:
        """An operator and what it joins."""
        said = node["terminalNodeText"]
        if not set(said) <= set(_OPERATORS.get(node["type"], ())):
            raise Unreadable(f"{' '.join(said) or node['type']} is not supported")
        left, right = (self._known(child, at) for child in node["children"])
        if node["type"] in ("AdditiveExpression", "MultiplicativeExpression"):
            return Known()
        if not _TIMES.isdisjoint((left.place, right.place)):
            self._asks_times = True
            return _timed(said[0], left, right)
        joint, sound = _JOINS.get(said[0]), _EQUAL if said[0] == "=" else ("boolean",)
        if joint and left.step and right.step and left.place in sound and right.place in sound:
            return Known("boolean", joint(left.step, right.step))
        return Known("boolean")

    def _member(self, name: str, at: str | None) -> Known:
        if at is None or at == "Resource" or at.endswith("[x]"):
            return Known()
        if name == at:
            return Known(at, steps.same)
        for child in self._definitions.children(at):
            if child.name == name:
                return Known(child.content, steps.member(name) if self._complex(at) else None)
            if child.name == f"{name}[x]":
                return Known(f"{at}.{name}[x]", steps.same)
        raise Unreadable(f"{at} has no element {name}")

    def _function(self, name: Tree, params: Tree | None = None, *, at: str | None) -> Known:
        called, given = name["text"], params["children"] if params else []
        least, most = _FUNCTIONS.get(called, (0, -1))
        if most < 0:
            raise Unreadable(f"{called}() is not supported")
        if not least <= len(given) <= most:
            told = ("no parameters", "one parameter at most", "one parameter")[least + most]
            raise Unreadable(f"{called}() takes {told}")
        if called in ("ofType", "getReferenceKey"):
            return self._typed(called, "".join(one["text"] for one in given), at)
        return self._called(called, [self._known(one, Known(at, steps.same)) for one in given], at)

    def _called(self, called: str, given: list[Known], at: str | None) -> Known:
        step = given[0].step if given else None
        # Of a choice only ofType() is ours: which of its branches is there is not asked otherwise.
        ours = at is not None and not at.endswith("[x]")
        if called == "extension":
            return Known("Extension", steps.extension(step) if step and self._complex(at) else None)
        place = at if called in ("where", "first") else "boolean" if called in _TRUTHS else None
        if given:
            test = steps.where(step) if step and ours and given[0].place == "boolean" else None
            if test and called == "exists":
                test = steps.then(test, steps.exists)
            return Known(place, test if called in ("where", "exists") else None)
        if called == "not":
            return Known(place, steps.negated if at == "boolean" else None)
        return Known(place, _PLAIN.get(called) if ours else None)

    def _complex(self, at: str | None) -> bool:
        """Whether items are objects; what a primitive has besides its value stands beside it."""
        return at is not None and at not in PRIMITIVES and self._definitions.defines(at)

    def _typed(self, called: str, type: str, at: str | None) -> Known:
        known = type in self._definitions.types or not type
        if not known and not (called == "ofType" and (self._definitions.defines(type) or type in PRIMITIVES)):
            raise Unreadable(f"{called}({type}): R4 has no such type")
        if called == "getReferenceKey":
            return Known("id", steps.reference_keys(type or None) if at == "Reference" else None)
        if at is None or not at.endswith("[x]"):
            return Known(type)
        choice = self._definitions.element(at)
        branch = f"{at.rpartition('.')[2].removesuffix('[x]')}{type[0].upper()}{type[1:]}"
        return Known(type, steps.member(branch) if choice and type in choice.types else None)

    def _constant(self, name: str) -> Known:
        if name in ("context", "resource"):
            return Known()
        if name not in self._constants:
            raise Unreadable(f"no constant is named {name}")
        return Known(self._constants[name], steps.constant(name))


def _timed(operator: str, left: Known, right: Known) -> Known:
    """Dates and times of one type are compared, and by us: to fhirpathpy a text is no date, and it says so nowhere."""
    if operator != "=" or left.place != right.place or not (left.step and right.step):
        raise Unreadable("a date or time can be asked to be equal (=) to a constant of its type, and nothing else")
    return Known("boolean", steps.equal_times(left.step, right.step))


def _literal(node: Tree) -> Known:
    (said,) = node["children"]
    text = node["text"]
    if said["type"] == "StringLiteral":
        return Known("string", None if "\\" in text else steps.value(text[1:-1]))
    if said["type"] == "BooleanLiteral":
        return Known("boolean", steps.value(text == "true"))
    if said["type"] == "NumberLiteral":
        return Known("integer", steps.value(int(text))) if text.isdigit() else Known()
    raise Unreadable(f"only texts, numbers, true and false are supported as literals: {text}")


class _Strict(ErrorListener):  # type: ignore[misc]  # antlr4 has no types
    """Refuses what the grammar does not have; without it, the readable beginning of a path would be taken for all."""

    def syntaxError(self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any) -> None:
        raise Unreadable(f"not FHIRPath at character {column + 1}")


def _tree(text: str) -> Tree:
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for reader in (lexer, parser):
        reader.removeErrorListeners()
        reader.addErrorListener(_Strict())
    listener = ASTPathListener()  # type: ignore[no-untyped-call]
    ParseTreeWalker().walk(listener, parser.entireExpression())  # type: ignore[no-untyped-call]
    tree: Tree = listener.parentStack[0]["children"][0]["children"][0]
    return tree


def _taken(text: str, step: Step, item: Any, constants: Mapping[str, Any]) -> list[Any]:
    try:
        return step([item], constants)
    except (AttributeError, TypeError, KeyError, IndexError):  # a text where R4 has an object
        raise Unreadable(f"{text} cannot be evaluated") from None


def _evaluated(text: str, parsed: Tree, at: str | None, item: Any, constants: Mapping[str, Any]) -> list[Any]:
    """By fhirpathpy, which is told what the item is; Unreadable where it raises whatever it does."""
    node = item if isinstance(item, dict) and "resourceType" in item else _node(item, at)
    try:
        found: list[Any] = apply_parsed_path(  # type: ignore[no-untyped-call]
            node, parsed, constants, models["r4"], _OPTIONS
        )
    except Exception:  # it has no class of its own, and its words repeat values
        raise Unreadable(f"{text} cannot be evaluated") from None
    return [one for one in map(_plain, found) if not _is_only_extended(one)]


def _node(item: Any, at: str | None) -> Any:
    return ResourceNode.create_node(item, at)  # type: ignore[no-untyped-call]


def _is_only_extended(found: Any) -> bool:
    """Whether a primitive has no value, only extensions: fhirpathpy then answers these as if they were one."""
    return found is None or (isinstance(found, dict) and found.keys() <= {"id", "extension"})


def _plain(found: Any) -> Any:
    """What was found, as JSON has it."""
    data = found.data if isinstance(found, ResourceNode) else found
    return str(data) if isinstance(data, FP_Type) else data


def _reference_keys(items: list[Any], type: Any = None) -> list[str]:
    return steps.reference_keys(getattr(type, "name", type))([*map(_plain, items)], {})


_KEYS = {
    "getResourceKey": {"fn": lambda items: steps.resource_keys([*map(_plain, items)]), "arity": {0: []}},
    "getReferenceKey": {"fn": _reference_keys, "arity": {0: [], 1: ["TypeSpecifier"]}},
}
_OPTIONS = {"userInvocationTable": _KEYS, "returnRawData": True}
