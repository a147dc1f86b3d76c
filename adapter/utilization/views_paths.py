"""FHIRPath as views use it: read strictly, every element name looked up in R4, then evaluated by fhirpathpy.

What SQL on FHIR requires of a runner, less lowBoundary() and highBoundary(), which fhirpathpy has not.
http://hl7.org/fhir/uv/sql-on-fhir/, https://hl7.org/fhirpath/N1/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

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

Tree = dict[str, Any]
Evaluate = Callable[[Any, Mapping[str, Any]], list[Any]]
"""The items that a path names, of one item; with the constants and `resource`. Each may be evaluated further."""

KEYS = ("getResourceKey", "getReferenceKey")
FUNCTIONS = frozenset(
    ("where", "exists", "empty", "extension", "join", "ofType", "first", "not", "count", "startsWith", *KEYS)
)
NUMBERS = frozenset(("decimal", "integer", "integer64", "positiveInt", "unsignedInt"))
TEXTS = frozenset(
    (
        *("base64Binary", "canonical", "code", "date", "dateTime", "id", "instant", "markdown", "oid", "string"),
        *("time", "uri", "url", "uuid", "xhtml"),
    )
)
PRIMITIVES = NUMBERS | TEXTS | {"boolean"}
"""The primitive types of R4, and integer64, which SQL on FHIR lets a column have."""
_OPERATORS = {
    "EqualityExpression": ("=", "!="),
    "InequalityExpression": ("<", "<=", ">", ">="),
    "AdditiveExpression": ("+", "-"),
    "MultiplicativeExpression": ("*", "/"),
    "AndExpression": ("and",),
    "OrExpression": ("or",),
}
_LITERALS = ("StringLiteral", "NumberLiteral", "BooleanLiteral")
_WRAPPERS = ("TermExpression", "InvocationTerm", "ParenthesizedTerm")
_REFERENCE = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")


_QUOTED = re.compile(r"getReferenceKey\(\s*'([A-Za-z]+)'\s*\)")
"""As some write the type of a reference; fhirpathpy knows it as a name."""


class Paths:
    """Reads the paths of one view: of a resource type, with the names of its constants."""

    def __init__(self, definitions: Definitions, constants: Collection[str]) -> None:
        self._definitions = definitions
        self._constants = {*constants, "context", "resource"}

    def read(self, text: str, at: str | None) -> tuple[Evaluate, str | None]:
        """How a path is evaluated, and the definition of what it names; `at` is that of the items it begins at.

        None is what is not known, and not looked up. Unreadable says what of the path is not FHIRPath, not of R4 or
        not supported.
        """
        text = _QUOTED.sub(r"getReferenceKey(\1)", text)
        tree = _tree(text)
        found = self._place(tree, at)
        # fhirpathpy knows no $this outside of a function, where it is the item that the path begins at.
        tree = _tree(f"select({text})") if "$this" in text else tree
        return partial(_evaluate, {"children": [tree]}), found

    def _place(self, node: Tree, at: str | None) -> str | None:
        kind, children = node["type"], node.get("children", [])
        if kind in _WRAPPERS:
            return self._place(children[0], at)
        if kind == "InvocationExpression":
            return self._place(children[1], self._place(children[0], at))
        if kind == "MemberInvocation":
            return self._member(children[0]["text"].strip("`"), at)
        if kind == "FunctionInvocation":
            return self._function(*children[0]["children"], at=at)
        if kind == "ThisInvocation":
            return at
        if kind == "IndexerExpression":
            self._place(children[1], at)
            return self._place(children[0], at)
        if kind == "ExternalConstantTerm":
            self._constant(children[0]["children"][0]["text"].strip("`'"))
        else:
            self._plain(node, at)
        return None

    def _plain(self, node: Tree, at: str | None) -> None:
        """A literal, or an operator and what it joins."""
        children, said = node.get("children", []), node["terminalNodeText"]
        if node["type"] == "LiteralTerm":
            if children[0]["type"] not in _LITERALS:
                raise Unreadable(f"only texts, numbers, true and false are supported as literals: {node['text']}")
            return
        if not set(said) <= set(_OPERATORS.get(node["type"], ())):
            raise Unreadable(f"{' '.join(said) or node['type']} is not supported")
        for child in children:
            self._place(child, at)

    def _member(self, name: str, at: str | None) -> str | None:
        if at is None or at == "Resource":
            return None
        if name == at:
            return at
        for child in self._definitions.children(at):
            if child.name.removesuffix("[x]") == name:
                return child.content
        raise Unreadable(f"{at} has no element {name}")

    def _function(self, name: Tree, params: Tree | None = None, *, at: str | None) -> str | None:
        called, given = name["text"], params["children"] if params else []
        if called not in FUNCTIONS:
            raise Unreadable(f"{called}() is not supported")
        if called in ("ofType", "getReferenceKey"):
            return self._typed(called, [one["text"] for one in given])
        for one in given:
            self._place(one, at)
        return "Extension" if called == "extension" else at if called in ("where", "first") else None

    def _typed(self, called: str, types: list[str]) -> str | None:
        for type in types:
            if type not in self._definitions.types and not (called == "ofType" and self._is_type(type)):
                raise Unreadable(f"{called}({type}): R4 has no such type")
        return types[0] if called == "ofType" and self._definitions.defines(types[0]) else None

    def _is_type(self, name: str) -> bool:
        return self._definitions.defines(name) or name in PRIMITIVES

    def _constant(self, name: str) -> None:
        if name not in self._constants:
            raise Unreadable(f"no constant is named {name}")


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


def _evaluate(parsed: Tree, item: Any, constants: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = apply_parsed_path(  # type: ignore[no-untyped-call]
        item, parsed, constants, models["r4"], _OPTIONS
    )
    return [one for one in found if not _is_only_extended(one)]


def _is_only_extended(found: Any) -> bool:
    """Whether a primitive has no value, only extensions: fhirpathpy then answers these as if they were one."""
    data = found.data if isinstance(found, ResourceNode) else found
    return data is None or (isinstance(data, dict) and data.keys() <= {"id", "extension"})


def value_of(found: Any) -> Any:
    """What was found, as JSON has it."""
    data = found.data if isinstance(found, ResourceNode) else found
    return str(data) if isinstance(data, FP_Type) else data


def _data(items: list[Any]) -> Iterator[Any]:
    return (item.data if isinstance(item, ResourceNode) else item for item in items)


def _resource_keys(items: list[Any]) -> list[str]:
    return [item["id"] for item in _data(items) if isinstance(item, dict) and "resourceType" in item and "id" in item]


def _reference_keys(items: list[Any], type: Any = None) -> list[str]:
    """The ids of relative references, which alone are to records of the same folder; of a type where one is named."""
    wanted = getattr(type, "name", type)
    said = [str(item.get("reference", "")) for item in _data(items) if isinstance(item, dict)]
    found = [match for one in said if (match := _REFERENCE.fullmatch(one))]
    return [match["id"] for match in found if wanted in (None, match["type"])]


_KEYS = {
    "getResourceKey": {"fn": _resource_keys, "arity": {0: []}},
    "getReferenceKey": {"fn": _reference_keys, "arity": {0: [], 1: ["TypeSpecifier"]}},
}
_OPTIONS = {"userInvocationTable": _KEYS, "returnRawData": True}
