"""Pages of what is made of rows when it is asked for: how many, from where on, and the link to what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapter.consent.gate import release
from adapter.consent.security import high_water
from adapter.fhir.bundle import searchset
from adapter.fhir.json import dump
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Shown

Resource = dict[str, Any]
_PURPOSE = "trail"


def bounds(program: Program, predicate: Predicate, type: str, pairs: Pairs, places: int) -> tuple[int, list[int]]:
    """How many on a page, and the positions, so many, after which it begins; a link is of its reader and its search."""
    settings, said = program.settings, dict(pairs)
    count = said.get("_count", str(settings.page_size))
    if not count.isdecimal() or not 0 < len(count) < 10 or int(count) == 0:
        raise Problem(Kind.INVALID, "_count is 1 or more", "_count", code="value")
    after = unseal(said[PAGE], program.link_key(predicate), _purpose(type, pairs)) if PAGE in said else [0] * places
    return min(int(count), settings.page_limit), after


def links(
    program: Program, predicate: Predicate, type: str, pairs: Pairs, after: list[int] | None
) -> list[tuple[str, str]]:
    """The links of a page; there is a next one where there is a position to go on from."""
    made = [("self", address(program, type, pairs))]
    if after is not None:
        said = [pair for pair in pairs if pair[0] != PAGE]
        token = seal(after, program.link_key(predicate), _purpose(type, pairs))
        made.append(("next", program.page_link(f"{program.base_url}/{type}", [*said, (PAGE, token)])))
    return made


def answered(
    program: Program, predicate: Predicate, made: list[Resource], links: list[tuple[str, str]], shown: Sequence[Shown]
) -> Answer:
    """200 with a page."""
    entries = [(program.link(one["resourceType"], one["id"]), dump(one)) for one in made]
    body = searchset(entries, links, None, security=high_water(predicate, program.settings.posture))
    return Answer(200, release(predicate, body, shown))


def _purpose(type: str, pairs: Pairs) -> str:
    return " ".join((_PURPOSE, type, *(f"{name}={value}" for name, value in sorted(pairs) if name != PAGE)))
