"""One call of intake that takes a referral where it ends: each state on the way is a version of its Task.

The table of moves says which way there is: `mappings/moves.toml`. https://hl7.org/fhir/R4/task.html#statemachine
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import parse
from adapter.interactions.changes import Change
from adapter.interactions.native import TransactionView, write
from adapter.interactions.native_record import RecordForm
from adapter.problems import Kind, Problem
from adapter.referral.course import TASK, turned
from adapter.referral.moves import load_moves

WITH_A_MOVE = frozenset({"state_reason", "started_at"})
"""What is said with a move, in the words of the referral_task: why, and when an admission begins."""


def move(view: TransactionView, task: str, said: Mapping[str, Any]) -> None:
    """Take a Task to the state `move`, in this transaction.

    Problem(UNPROCESSABLE) for a state that is none, what its record lacks (a reason, if it is declined), or when an
    admission begins that is none; Problem(CONFLICT) where no way leads there.
    """
    program = view.program
    moves, concept = load_moves(program.settings.mappings, program.maps), program.maps.concepts[TASK]
    target = said["move"]
    if target not in moves.legal:
        why = f"no state of a referral; known are {', '.join(sorted(moves.legal))}"
        raise Problem(Kind.UNPROCESSABLE, why, "move", code="value")
    if "started_at" in said and target not in moves.opens:
        raise Problem(Kind.UNPROCESSABLE, "goes with an admission alone", "started_at", code="value")
    version = view.transaction.current("Task", task)
    assert version is not None
    stood = concept.to_native(parse(version.text))[0].get("state")
    way = moves.way(str(stood), target) if stood in moves.legal else None
    if stood == target:
        way = (target,) if WITH_A_MOVE & said.keys() else ()  # what is said of where it stands is written there
    if way is None:
        why = f"a referral that is {stood} is not taken there by one call"
        raise Problem(Kind.CONFLICT, why, "move", code="business-rule")
    for state in way:
        _step(view, task, state, said if state == target else {}, opens=state in moves.opens)


def _step(view: TransactionView, task: str, state: str, said: Mapping[str, Any], *, opens: bool) -> None:
    concept, version = view.program.maps.concepts[TASK], view.transaction.current("Task", task)
    assert version is not None
    resource, now = parse(version.text), instant_of(milliseconds(view.program.clock()))
    record, _ = concept.to_native(resource)
    more = {"started_at": now} if opens and "started_at" not in record else {}
    more |= {name: said[name] for name in sorted(WITH_A_MOVE) if name in said}
    changed = {name: value for name, value in turned(record, state, now).items() if name != "incomplete"} | more
    change = Change("update", "Task", task, concept.to_fhir(changed, resource))
    write(RecordForm(view.program, concept), view, [change])
