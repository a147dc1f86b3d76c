"""Every rule that a concept file may name in `checks = [...]`, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.mapping import (
    billing_checks,
    checks,
    conflicts,
    document_checks,
    people_checks,
    referral_checks,
    screening_checks,
)
from adapter.mapping.checks import MINUTES_TOLERANCE
from adapter.mapping.facts import Check

_MODULES = (checks, conflicts, people_checks, referral_checks, billing_checks, document_checks, screening_checks)


def named(minutes_tolerance: int = MINUTES_TOLERANCE) -> Mapping[str, Check]:
    """The rules by the name concept files call them; of typed minutes with this tolerance, in minutes."""
    plain = {check.__name__: check for module in _MODULES for check in module.CHECKS}
    return {**plain, "minutes_attended": checks.minutes_attended(minutes_tolerance)}
