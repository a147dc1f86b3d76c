"""What is wrong with the files of an import, each fault with file and line, collected before anything is written."""

from __future__ import annotations

from adapter.problems import Issue, Kind, Problem

# A file saved in the wrong encoding is wrong in every line; the first few say it all.
MOST = 25


class Faults:
    """Collects; stops the reading at once when there are more than anybody reads."""

    def __init__(self) -> None:
        self._issues: list[Issue] = []

    def add(self, place: str, message: str) -> None:
        """One fault at `place` ("visits.csv:17")."""
        self._issues.append(Issue("invalid", message, place))
        if len(self._issues) == MOST:
            self._issues.append(Issue("invalid", "the files have more faults than these; reading stopped here", place))
            self.settle()

    def settle(self) -> None:
        """Raises one Problem with every fault found, if there is any."""
        if self._issues:
            first = self._issues[0]
            raise Problem(Kind.INVALID, first.message, first.expression, issues=self._issues)
