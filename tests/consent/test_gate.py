"""Nothing leaves but by the gate: every writer of an answer and every maker of what may leave is found in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_type_hints

import pytest

from adapter.consent.gate import publish, release, reprint
from adapter.consent.predicate import everything
from adapter.released import Released
from adapter.web.writer import Reply

# Who may make what: the law of architecture section 4.
MAKERS = {"Released": "consent/gate.py", "Predicate": "consent/predicate.py"}
MESSAGES = (
    "http.response.start",
    "http.response.body",
    "http.response.push",
    "http.response.pathsend",
    "http.response.zerocopysend",
)
WRITER = "web/writer.py"
# A Starlette response that is handed back by an endpoint; it writes by the writer.
RESPONSES = {"ReleasedResponse"}


def offences(sources: Mapping[str, str]) -> list[str]:
    """Every place in these files (by their path in the package) that goes round the gate."""
    return [f"{name}:{line}: {what}" for name, text in sources.items() for line, what in _found(ast.parse(text), name)]


def _found(tree: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, name)
        elif isinstance(node, ast.Constant) and node.value in MESSAGES and name != WRITER:
            yield node.lineno, f"writes {node.value}"
        elif isinstance(node, ast.ImportFrom) and node.module == "adapter.released":
            yield from ((node.lineno, f"renames {a.name}") for a in node.names if a.asname)
        elif isinstance(node, ast.Import) and any(a.name == "adapter.released" for a in node.names):
            yield node.lineno, "imports the module of what may leave whole"
        elif isinstance(node, ast.ClassDef):
            yield from ((node.lineno, f"derives from {base}") for base in map(_name, node.bases) if base in MAKERS)


def _call(node: ast.Call, name: str) -> Iterator[tuple[int, str]]:
    called = _name(node.func)
    if called in MAKERS and name != MAKERS[called]:
        yield node.lineno, f"makes a {called}"
    if called.endswith("Response") and called not in RESPONSES:
        yield node.lineno, f"makes a {called}"
    # replace() copies a dataclass with other content: of what may leave, that is making one.
    if called in ("replace", "copy", "deepcopy") and node.args and "released" in ast.unparse(node.args[0]):
        yield node.lineno, "copies what may leave"
    if called == "__new__" and any(_name(argument) in MAKERS for argument in node.args):
        yield node.lineno, "makes one by the back door"


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def sources(package: Path) -> dict[str, str]:
    """All files of the package."""
    return {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in sorted(package.rglob("*.py"))}


def test_nothing_in_the_package_goes_round_the_gate(root: Path) -> None:
    found = sources(root / "adapter")
    assert {WRITER, *MAKERS.values()} <= found.keys()
    assert offences(found) == []


FAULTS = {
    "a second maker of what may leave": ("web/fhir.py", "x = Released(b'', '', '')"),
    "a predicate of one's own": ("store/sqlite.py", "x = Predicate('1', {})"),
    "a writer of one's own": ("web/fhir.py", "x = {'type': 'http.response.body', 'body': b''}"),
    "a framework's response": ("web/native.py", "x = JSONResponse({})"),
    "a plain response": ("web/native.py", "x = Response(b'')"),
    "another name for the maker": ("interactions/read.py", "from adapter.released import Released as R"),
    "the module as a whole": ("interactions/read.py", "import adapter.released"),
    "a changed copy": ("web/writer.py", "x = replace(reply.released, body=b'')"),
    "a class that is one": ("interactions/read.py", "class Mine(Released): ..."),
    "the back door": ("interactions/read.py", "x = object.__new__(Released)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, root: Path) -> None:
    name, line = FAULTS[fault]
    planted = (root / "adapter" / name).read_text("utf-8") + f"\n{line}\n"
    assert [offence.partition(":")[0] for offence in offences({name: planted})] == [name]


def test_a_reply_takes_only_what_was_released() -> None:
    assert get_type_hints(Reply)["released"] == (Released | None)


def test_what_is_released_says_for_whom_and_why() -> None:
    given = release(everything("a test"), b"{}", ())
    assert (given.body, given.recipient, given.grant) == (b"{}", "anyone on this machine", "open: a test")


def test_printing_otherwise_changes_neither_recipient_nor_grant() -> None:
    given = release(everything("a test"), b"{}", ())
    assert reprint(given, bytes.upper) == given
    assert publish(b"{}").grant == "published"


def test_a_predicate_that_shows_everything_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="must say why"):
        everything("  ")
