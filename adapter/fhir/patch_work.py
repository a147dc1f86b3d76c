"""What one commit may look at while other writes wait, counted: patches are worked on by the store's only writer.

https://hl7.org/fhir/R4/http.html#patch
"""

from __future__ import annotations

from adapter.problems import Kind, Problem

MOST = 1_000_000
"""One is about what it takes to look at one element: all together stay under a second or so."""


class Work:
    """What one commit has left."""

    __slots__ = ("_left",)

    def __init__(self, most: int = MOST) -> None:
        self._left = most

    def spend(self, elements: int) -> None:
        """Count elements that are looked at; 400 (`too-costly`) when they are too many together."""
        self._left -= elements
        if self._left < 0:
            raise Problem(Kind.TOO_COSTLY, "this looks at too much at a time: name fewer elements, or send it in parts")
