"""JSON Patch (RFC 6902) on a resource: https://hl7.org/fhir/R4/http.html#patch"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonpatch import JsonPatch, JsonPatchException, JsonPatchTestFailed
from jsonpointer import JsonPointer, JsonPointerException

from adapter.fhir.json import DEPTH, dump, parse
from adapter.fhir.patch_work import Work
from adapter.problems import Kind, Problem

Resource = dict[str, Any]
Patcher = Callable[[Resource, Work], Resource]
"""Changes a resource in place, or gives another; a Problem says which operation cannot be done."""

OPERATIONS = 500
"""More than anybody writes; each is applied while other writes wait."""
_EACH, _NAME = 20, 8
"""What an operation costs beside what it copies; about how long a name is in a path, or an element in its text."""
_KNOWN = ("add", "remove", "replace", "move", "copy", "test")
# What the library raises where a path leads into a text or a number, or nests what it moves without end.
_NOT_THERE = (JsonPatchException, JsonPointerException, KeyError, IndexError, TypeError, ValueError, RecursionError)


def json_patch(body: bytes, limit: int, depth: int = DEPTH) -> Patcher:
    """The patch in a body of at most so many levels; 400 for what is none.

    `limit`: bytes that copying may make of a resource.
    """
    operations = parse(body, depth)
    if not isinstance(operations, list) or not operations:
        raise Problem(Kind.INVALID, "a JSON Patch is a list of operations", code="structure")
    if len(operations) > OPERATIONS:
        raise Problem(Kind.TOO_LONG, f"a patch may have {OPERATIONS} operations")
    for number, operation in enumerate(operations):
        _check(number, operation)
    return lambda resource, work: _applied(operations, resource, limit, work)


def _check(number: int, operation: Any) -> None:
    said = operation if isinstance(operation, dict) else {}
    if said.get("op") not in _KNOWN:
        raise Problem(Kind.INVALID, f"op is one of {', '.join(_KNOWN)}", f"[{number}].op", code="value")
    needed = ["path", *(["from"] if said["op"] in ("move", "copy") else [])]
    for name in needed:
        if not isinstance(said.get(name), str):
            raise Problem(Kind.INVALID, f"{name} is missing, or no text", f"[{number}].{name}", code="required")
    if said["op"] in ("add", "replace", "test") and "value" not in said:
        raise Problem(Kind.INVALID, "value is missing", f"[{number}].value", code="required")


def _applied(operations: list[Resource], resource: Resource, limit: int, work: Work) -> Resource:
    size, made = len(dump(resource)), resource
    for number, operation in enumerate(operations):
        # What is compared or put in was sent along, so only its place and what is copied need be counted.
        work.spend(_EACH + len(operation["path"]) // _NAME)
        try:
            if operation["op"] == "copy":
                # A few copies of the whole into itself would fill the memory.
                copied = len(dump(JsonPointer(operation["from"]).resolve(made)))
                work.spend(copied // _NAME)
                size += copied
            if size > limit:
                raise Problem(Kind.TOO_LONG, f"what is copied is longer than {limit} bytes", f"[{number}]")
            made = JsonPatch([operation]).apply(made, in_place=True)
        except JsonPatchTestFailed:
            raise Problem(Kind.UNPROCESSABLE, "the test fails", f"[{number}]", code="conflict") from None
        except _NOT_THERE:
            why = f"{operation['op']} cannot be done here: what it names is not there, or no place for it"
            raise Problem(Kind.UNPROCESSABLE, why, f"[{number}].path") from None
    return made
