"""What a validator calls an error and we explain: each rule of defended.toml with its reason."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.conformance.filters import Finding


@dataclass(frozen=True)
class Rule:
    """One defence: whose message, what it says, of which subjects (a pattern of names); whether few runs need it."""

    validator: str
    message: re.Pattern[str]
    why: str
    of: str = "*"
    rare: bool = False

    def covers(self, finding: Finding) -> bool:
        return (
            finding.validator == self.validator
            and fnmatch(finding.subject, self.of)
            and self.message.search(finding.message) is not None
        )


def rules() -> list[Rule]:
    """Every rule, in the order of the file."""
    given = tomllib.loads(Path(__file__).with_name("defended.toml").read_text("utf-8"))["defended"]
    return [Rule(**{**said, "message": re.compile(said["message"])}) for said in given]


class Defence:
    """The rules, and which of them were needed."""

    def __init__(self) -> None:
        self.rules = rules()
        self.used: set[Rule] = set()

    def left(self, findings: list[Finding]) -> list[Finding]:
        """The errors that no rule covers."""
        return [finding for finding in findings if finding.is_error and not self._covered(finding)]

    def _covered(self, finding: Finding) -> bool:
        covering = [rule for rule in self.rules if rule.covers(finding)]
        self.used.update(covering)
        return bool(covering)
