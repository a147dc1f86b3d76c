"""What the roles of one person allow together, by the shipped matrix."""

from __future__ import annotations

from itertools import combinations

import pytest

from adapter.consent.duties import Duties, Rights
from adapter.consent.matrix import OTHER, Assignment, Role
from tests.consent.release import matrix, offered

WIDTH = [Assignment.NO, Assignment.ASSIGNED, Assignment.ALL]
CONCEPTS = [concept for concept in offered()[1] if concept]
WRITES = ("create", "put", "patch", "delete")


@pytest.mark.parametrize("roles", [(), *combinations(Role, 1), *combinations(Role, 2)])
def test_the_widest_word_of_all_roles_counts(roles: tuple[Role, ...]) -> None:
    duties = Duties(matrix(), roles)
    for concept, verb in matrix().roles.cells:
        words = [Assignment.NO, *(matrix().staff(role, concept, verb) for role in roles)]
        assert duties.word(concept, verb) is max(words, key=WIDTH.index)


@pytest.mark.parametrize("role", Role)
def test_nobody_may_write_more_than_he_may_read(role: Role) -> None:
    """What is written is answered with."""
    duties = Duties(matrix(), [role])
    for concept in CONCEPTS:
        for verb in WRITES:
            assert WIDTH.index(duties.word(concept, verb)) <= WIDTH.index(duties.word(concept, "get")), (concept, verb)


def test_what_is_shown_is_what_may_be_got_and_no_more_than_the_verb_says() -> None:
    counselor, lead = Duties(matrix(), [Role.COUNSELOR]), Duties(matrix(), [Role.PROGRAM_LEAD])
    shown = counselor.shown()
    assert "clinician" in shown.all
    assert "session" in shown.assigned
    assert OTHER not in shown.all | shown.assigned
    assert not shown.whole
    # The list of what is parked is the counselor's of his own participants alone, whatever he may see of others.
    assert counselor.shown("parked", "").all == frozenset()
    assert "safety_flag" in counselor.shown("parked", "").assigned
    assert counselor.shown("pending", "") == counselor.shown("import", "")
    assert not counselor.shown("pending", "").assigned
    assert lead.shown().whole


def test_what_is_not_known_is_not_allowed() -> None:
    lead = Duties(matrix(), [Role.PROGRAM_LEAD])
    assert lead.word("nothing", "get") is Assignment.NO
    assert lead.word("session", "nothing") is Assignment.NO
    assert lead.word(None, "get") is lead.word(OTHER, "get")
    with pytest.raises(ValueError, match="friend"):
        Duties(matrix(), ["friend"])


def test_a_change_by_several_verbs_needs_all_of_them_and_a_move_what_it_was_and_will_be() -> None:
    rights = Rights(Duties(matrix(), [Role.BILLING]), "Practitioner/p", ("put", "patch"))
    assert rights.word("update", ["participant"]) == "no"
    assert Rights(rights.duties, "Practitioner/p", ("patch",)).word("update", ["participant"]) == "all"
    assert rights.word("create", ["coverage", "session"]) == "no"
    assert not rights.gains
    assert Rights(Duties(matrix(), [Role.COUNSELOR]), "Practitioner/p").gains
