"""`POST /iop/participant/{id}/$merge` and `$unmerge`: staff say that two records are of one person, or are not.

Operations of ours, in the program's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.json import dump, parse
from adapter.identity.joining import INTO, Asked, join
from adapter.identity.parting import part
from adapter.interactions.answer import Answer
from adapter.interactions.doors import native_terms
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.transaction import Transaction
from adapter.store.version import Version

_KNOWN: Mapping[str, str] = {
    INTO: "the id of the participant whose record goes on",
    "consents": '"both": the consents of each are for the records of both',
    "unlike": "true: they are one person although nothing says so",
}


def merge(program: Program, predicate: Predicate, id: str, body: bytes) -> Future[Answer]:
    """200 with the records that are about the other participant now, as far as the asker sees them."""
    said = _read(program, body, _KNOWN)
    if INTO not in said:
        raise Problem(Kind.UNPROCESSABLE, f"say {_KNOWN[INTO]}", INTO, code="required")
    asked = Asked(id, said[INTO], said.get("unlike", False), said.get("consents") == "both")

    def work(transaction: Transaction) -> Answer:
        outcomes = join(program, transaction, asked, native_terms(predicate))
        seen = _seen(Sight(program, transaction, predicate), (one.version for one in outcomes if one.changed))
        return _told(predicate, {"id": id, INTO: asked.survivor, "records": _others(seen)}, seen)

    return program.store.write(work)


def unmerge(program: Program, predicate: Predicate, id: str, body: bytes) -> Future[Answer]:
    """200 with the records that are about the participant again, and those that stay with the other because they were
    written since; as far as the asker sees them."""
    _read(program, body or b"{}", {})

    def work(transaction: Transaction) -> Answer:
        done, sight = part(program, transaction, id, native_terms(predicate)), Sight(program, transaction, predicate)
        seen = _seen(sight, (one.version for one in done.outcomes if one.changed))
        stays = _seen(sight, (version for key in done.stays if (version := transaction.current(*key))))
        said = {"id": id, "from": done.survivor, "records": _others(seen), "stay": _others(stays)}
        return _told(predicate, said, [*seen, *stays])

    return program.store.write(work)


def _read(program: Program, body: bytes, known: Mapping[str, str]) -> dict[str, Any]:
    """What the body says; one Problem for all that is unknown or of another form."""
    said = parse(body, program.settings.depth_limit) if body else {}
    if not isinstance(said, dict):
        raise Problem(Kind.INVALID, "the body must be one JSON object", code="structure")
    issues = [
        Issue("not-supported", f"unknown field; known: {', '.join(known) or 'none'}", named(name))
        for name in said
        if name not in known
    ]
    forms = {
        INTO: isinstance(said.get(INTO, ""), str),
        "consents": said.get("consents", "both") == "both",
        "unlike": isinstance(said.get("unlike", True), bool),
    }
    issues += [Issue("value", f"say {known[name]}", name) for name, fits in forms.items() if name in known and not fits]
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return said


def _seen(sight: Sight, versions: Iterable[Version]) -> list[Version]:
    return [version for version in versions if sight.sees(version.type, version.id)]


def _others(versions: Iterable[Version]) -> list[str]:
    """The records beside the two themselves."""
    return sorted(f"{version.type}/{version.id}" for version in versions if version.type != "Patient")


def _told(predicate: Predicate, said: dict[str, Any], seen: list[Version]) -> Answer:
    return Answer(200, release(predicate, dump(said), seen))
