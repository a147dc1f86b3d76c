"""Markdown as it is written here: tables whose cells cannot break them, blocks of code, pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Generated from {source}. Change that and run `make docs`. -->"


def cell(text: str) -> str:
    """Text that stays within its cell."""
    return text.replace("|", "\\|").replace("\n", " ").strip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, without the columns in which no row says anything; "" without rows."""
    listed = [[cell(text) for text in row] for row in rows]
    if not listed:
        return ""
    used = [n for n in range(len(head)) if any(row[n] for row in listed)]
    lines = [[head[n] for n in used], ["---"] * len(used), *([row[n] for n in used] for row in listed)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    """Text as code, within a line."""
    return f"`{text}`" if text else ""


def article(name: str) -> str:
    """The article before a name of a type: "an Observation", "a uri"."""
    return "an" if name[0] in "AEIOaeio" else "a"


def codes(texts: Iterable[str]) -> str:
    """Several words as code, with commas."""
    return ", ".join(map(code, texts))


def block(language: str, text: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def bullets(lines: Iterable[str]) -> str:
    """A list, one line each."""
    return "\n".join(f"* {line}" for line in lines)


def page(source: str, *parts: str) -> str:
    """A page of the parts that say something, which tells where it comes from."""
    return "\n\n".join(part for part in (NOTICE.format(source=source), *parts) if part) + "\n"
