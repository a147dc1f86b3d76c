"""What became of one record, of a type, or of all: https://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from dataclasses import replace

from adapter.consent.gate import release
from adapter.consent.security import high_water, shown
from adapter.fhir.bundle import Past, history_bundle
from adapter.fhir.history import History, history_token, parse_history
from adapter.fhir.parameters import PAGE
from adapter.interactions.answer import Answer, etag
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address, limits
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version


def history(program: Program, predicate: Predicate, type: str | None, id: str | None, pairs: Pairs) -> Answer:
    """200 with a page of versions, newest first, deletions included; a `next` link while there is more.

    404 for a record that never was, or is hidden: it has no version that the reader may see.
    """
    asked = parse_history(type, id, pairs, program.store.index.calendar, limits(program, predicate))
    page = program.store.history(predicate, asked)
    if id is not None and not page.total and not _was_ever(program, predicate, asked):
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    path = "/".join([*(part for part in (type, id) if part), "_history"])
    links = [("self", address(program, path, pairs if asked.cursor else asked.applied))]
    if page.next:
        token = history_token(asked, page.next, program.link_key(predicate))
        links.append(("next", program.page_link(f"{program.base_url}/{path}", [(PAGE, token)])))
    entries = (_entry(program, predicate, version) for version in page.versions)
    security = high_water(predicate, program.settings.posture)
    return Answer(200, release(predicate, history_bundle(entries, links, page.total, security), page.versions))


def _was_ever(program: Program, predicate: Predicate, asked: History) -> bool:
    """Whether the record has a version that the parameters left out."""
    return bool(program.store.history(predicate, replace(asked, since=None, at=None, cursor=None, count=1)).versions)


def _entry(program: Program, predicate: Predicate, version: Version) -> Past:
    """The first version was created; one that brought a deleted record back is shown as the update that it was."""
    record = f"{version.type}/{version.id}"
    if version.deleted:
        method, url, status = "DELETE", record, "204 No Content"
    elif version.version == 1:
        method, url, status = "POST", version.type, "201 Created"
    else:
        method, url, status = "PUT", record, "200 OK"
    response = {"status": status, "etag": etag(version.version), "lastModified": version.updated}
    text = None if version.deleted else shown(predicate, version)
    return Past(program.link(version.type, version.id), {"method": method, "url": url}, response, text)
