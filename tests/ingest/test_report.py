"""The report of an import counts everything, and is itself at fault when its sums do not match."""

from __future__ import annotations

import pytest

from adapter.ingest.report import KEPT, Report
from adapter.problems import Kind, Problem


def test_sums_that_do_not_match_are_a_fault_that_names_them() -> None:
    report = Report("acme")
    report.table_of("visits").read = 3
    report.table_of("visits").used = 2
    report.record_of("booking").expected = 2
    report.record_of("booking").made = 1
    with pytest.raises(Problem) as problem:
        report.settle()
    assert problem.value.kind is Kind.FAULT
    assert "visits: 3 rows read, 2 used + 0 refused + 0 ignored" in problem.value.message
    assert "booking: 2 records expected, 1 settled" in problem.value.message
    report.table_of("visits").ignored = 1
    report.record_of("booking").refused = 1
    report.settle()


def test_a_flood_of_refusals_and_remarks_is_counted_whole_and_kept_in_part() -> None:
    report = Report("acme")
    for number in range(KEPT + 50):
        report.refuse(f"visits.csv:{number}", "booking", "is wrong")
        report.note(f"remark {number}", f"visits.csv:{number}")
    assert (report.refused, len(report.refusals)) == (KEPT + 50, KEPT)
    assert sum(count for count, _ in report.notes.values()) == KEPT + 50
    assert len(report.notes) == KEPT + 1
