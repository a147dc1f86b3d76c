"""Addresses of the native door that are no verb of a concept: work lists, and what staff say and have done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from adapter.interactions.answer import Answer
from adapter.web.call import Call
from adapter.web.native_verbs import Native


@dataclass(frozen=True, slots=True)
class NativeRoute:
    """One address below `/iop`; `name` and `concept` are its cell of the staff's matrix, `describe` is for OpenAPI.

    `operation` is its own name in OpenAPI where another address has the same cell; `status` is what a success is
    described as. `outside`: the answer is for somebody outside, with the notice of 42 CFR 2.32.
    """

    method: str
    path: str
    name: str
    summary: str
    work: Callable[[Native, Call], Awaitable[Answer]]
    describe: Callable[[], dict[str, Any]]
    concept: str = ""
    tag: str = "work lists"
    status: int = 200
    operation: str = ""
    outside: bool = False

    @property
    def called(self) -> str:
        """Its name in OpenAPI."""
        return self.operation or "_".join(filter(None, (self.name, self.concept)))
