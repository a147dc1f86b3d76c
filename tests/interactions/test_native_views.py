"""Where native documents read their records: what is more than a document can hold is refused, never cut off."""

from __future__ import annotations

import pytest

from adapter.consent.predicate import everything
from adapter.interactions import native
from adapter.interactions.native import StoreView, TransactionView
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from tests.doors.people import created, patient
from tests.doors.serving import Client
from tests.interactions.test_changes import session

SEE_ALL = everything("a test")


@pytest.mark.parametrize("limit", [2, 3])
def test_a_meeting_of_too_many_is_refused_on_both_sides(
    limit: int, client: Client, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "MEMBERS", limit)
    for _ in range(3):
        created(client, session(created(client, patient()).id))

    def counted(view: native.View) -> int:
        return len(view.holders("Encounter", "meeting", "m1"))

    def in_transaction() -> int:
        return program.store.write(lambda tx: counted(TransactionView(program, SEE_ALL, tx))).result()

    for asked in (in_transaction, lambda: counted(StoreView(program, SEE_ALL))):
        if limit == 3:
            assert asked() == 3
        else:
            with pytest.raises(Problem) as refused:
                asked()
            assert refused.value.kind is Kind.TOO_COSTLY
