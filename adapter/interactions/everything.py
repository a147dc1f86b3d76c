"""`$everything`: one patient's records, or those of one episode of care, and what they are understood by.

https://hl7.org/fhir/R4/operation-patient-everything.html; of an episode it is an operation of ours, with the same
parameters.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.consent.security import high_water, shown
from adapter.fhir.bundle import searchset
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.everything import Everything, continued, everything_token, parse_everything
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.fhir.parameters import PAGE
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address, limits
from adapter.interactions.types import served, writable
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version

_TAKES = (
    Parameter("start", "date", "Without care that ended before this date."),
    Parameter("end", "date", "Without care that began after this date."),
    Parameter("_since", "instant", "Only what was written here since then."),
    Parameter("_type", "code", "Only records of these types.", many=True),
    Parameter("_count", "integer", "Records on a page."),
)
_GIVES = (
    Parameter("return", "Bundle", "A searchset; what is not asked for but pointed to goes along.", required=True),
)
EVERYTHING = Operation(
    "everything",
    "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    "All records of a patient",
    _TAKES,
    _GIVES,
)
EPISODE = Operation(
    "everything", canonical_operation("episode-everything"), "All records of an episode of care", _TAKES, _GIVES
)


def everything(program: Program, predicate: Predicate, type: str, id: str, given: Inputs, pairs: Pairs) -> Answer:
    """200 with a page of records in the order in which they were written, at the time of the first page.

    404 when the record itself is not there for the reader, 410 when it is deleted.
    """
    version = program.store.read(predicate, type, id)
    if version is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    if version.deleted:
        raise Problem(Kind.GONE, "the resource has been deleted", shown=(version,))
    asked = _asked(program, predicate, type, id, given, pairs)
    path = f"{type}/{id}/$everything"
    page = program.store.everything(on_later_pages(predicate) if asked.cursor else predicate, asked)
    links = [("self", address(program, path, pairs if asked.cursor else asked.applied))]
    if page.next:
        token = everything_token(asked, page.next, program.link_key(predicate))
        links.append(("next", program.page_link(f"{program.base_url}/{path}", [(PAGE, token)])))
    matches, along = (_entries(program, predicate, versions) for versions in (page.versions, page.included))
    body = searchset(matches, links, page.total, along, security=high_water(predicate, program.settings.posture))
    return Answer(200, release(predicate, body, (*page.versions, *page.included)))


def _asked(program: Program, predicate: Predicate, type: str, id: str, given: Inputs, pairs: Pairs) -> Everything:
    types = sorted(one for one in served(program) if writable(one))
    index, bounds = program.store.index, limits(program, predicate)
    if pairs and pairs[0][0] == "_page":
        return continued(type, id, pairs[0][1], types, index, bounds)
    return parse_everything(type, id, given.said, types, index, bounds)


def _entries(program: Program, predicate: Predicate, versions: Iterable[Version]) -> list[tuple[str, bytes]]:
    return [(program.link(version.type, version.id), shown(predicate, version)) for version in versions]
