"""`$validate`: whether a resource is sound, and whether a write of it would be accepted; nothing is stored.

https://hl7.org/fhir/R4/resource-operation-validate.html. The answer is 200 whatever is found: 4xx says that it could
not be looked at. What is not checked is told too, so that silence means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Literal, cast

from adapter.consent.gate import release
from adapter.fhir.json import dump, parse
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.admission import not_kept, unfit
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, Outcome, apply, ready
from adapter.interactions.counseling import counseling_notes
from adapter.interactions.create import housed
from adapter.interactions.doors import fhir_terms, of_type
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.interactions.types import writable
from adapter.problems import Issue, Kind, Problem, Severity
from adapter.released import Predicate
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
Mode = Literal["create", "update", "delete"]
MODES = ("create", "update", "delete", "profile")
R4 = "http://hl7.org/fhir/StructureDefinition/"
VALIDATE = Operation(
    "validate",
    "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    "Whether a resource is sound",
    takes=(
        Parameter("resource", "Resource", "The resource; else, of an instance, the one that is stored."),
        Parameter("mode", "code", "create | update | delete: whether that would be accepted; or profile."),
        Parameter("profile", "uri", "The profile to check it against, besides those it claims."),
    ),
    gives=(Parameter("return", "OperationOutcome", "Everything found.", required=True),),
    body="resource",
)
Rehearsal = Callable[[Transaction, Change], Outcome]
"""How an update or a deletion is done that is not done as others are."""
_ORDER: tuple[Severity, ...] = ("fatal", "error", "warning", "information")


def validate(
    program: Program,
    predicate: Predicate,
    type: str,
    id: str | None,
    given: Inputs,
    rehearsal: Rehearsal | None = None,
) -> Future[Answer]:
    """200 with every finding, the worst first; `id` is that of an instance in the address.

    400 for a mode that cannot be, 404 or 410 for an instance that is to be looked at and is not there.
    """
    mode = _mode(given, id)
    found: list[Issue] = []
    change, stored = None, _stored(program, predicate, type, id, given, mode)
    if mode == "delete":
        found.append(_note("The content of a resource is not looked at to say whether it may be deleted."))
        change = Change("delete", type, id)
    else:
        resource = cast(Resource, parse(stored.text)) if stored else of_type(given.one("resource"), type)
        found += findings(program, resource, given.one("profile"))
        if id is not None and resource.get("id") != id:
            found.append(Issue("value", "The id is not the id in the address.", f"{type}.id"))
        if mode in ("create", "update"):
            change = Change(cast(Mode, mode), type, id or resource.get("id"), resource)
    if change is not None and not writable(type):
        found.append(Issue("not-supported", "Clients may not write this type.", "resourceType"))
    if change is None or any(issue.severity == "error" for issue in found):
        return _now(_answer(predicate, found, stored))
    return _rehearsed(program, predicate, change, found, rehearsal)


def _mode(given: Inputs, id: str | None) -> str | None:
    mode: str | None = given.one("mode")
    if mode is not None and mode not in MODES:
        raise Problem(Kind.INVALID, f"mode is one of {', '.join(MODES)}", "mode", code="value")
    if mode == "create" and id is not None:
        raise Problem(Kind.INVALID, "mode create is asked of a type, not of what is there", "mode")
    if mode == "delete" and id is None:
        raise Problem(Kind.INVALID, "mode delete is asked of what is there: /Type/id/$validate", "mode")
    if mode == "profile" and "profile" not in given:
        raise Problem(Kind.INVALID, "mode profile needs a profile", "profile", code="required")
    return mode


def _stored(
    program: Program, predicate: Predicate, type: str, id: str | None, given: Inputs, mode: str | None
) -> Version | None:
    """The stored version to look at, where the request brings none of its own and is no update."""
    if "resource" in given or mode == "delete":
        return None
    if id is None or mode == "update":
        raise Problem(Kind.INVALID, "there is no resource to validate", "resource", code="required")
    version = program.store.read(predicate, type, id)
    if version is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    if version.deleted:
        raise Problem(Kind.GONE, "the resource has been deleted", shown=(version,))
    return version


def findings(program: Program, resource: Resource, profile: str | None = None) -> list[Issue]:
    """What is wrong with a resource by itself, what the maps would park of it, and what is not checked."""
    issues = program.door.check(resource)
    sound = not issues
    if sound:
        issues += [*unfit(program, resource), *_mapped(program, resource)]
    else:
        issues += counseling_notes(resource, dump(resource))
    issues += _profiled(program, resource, profile, sound)
    return [*issues, *_unchecked(program, resource)]


def _mapped(program: Program, resource: Resource) -> Iterator[Issue]:
    """What the maps say of a sound resource."""
    concept = program.maps.concept_of(resource)
    if concept is None:
        yield _note("No concept claims it: it would be kept whole and listed as unmapped.")
        return
    yield _note(f"It would be read natively as {concept.name}.")
    for path, policy, reason in concept.to_native(resource)[1]:
        if policy == "refuse":
            yield Issue("business-rule", not_kept(reason), path)
        elif policy == "park":
            yield Issue(
                "business-rule", f"It would be parked, the record being incomplete: {path}: {reason}", path, "warning"
            )


def _profiled(program: Program, resource: Resource, named: str | None, sound: bool) -> Iterator[Issue]:
    """What the named profile and those in meta.profile say; a named one that is not known is an error.

    The rules of our profiles go beyond R4 and take its own for granted, so they are asked of a sound resource only.
    """
    for profile in dict.fromkeys([*([named] if named else ()), *_claimed(resource)]):
        if profile.startswith(R4):
            yield from _base(program, resource, profile)
            continue
        known = program.profiles.known(profile)
        if known and sound:
            yield from program.profiles.check(resource, known)
        elif known:
            yield _note(f"The profile {_shown(profile)} is checked when the resource is sound R4.")
        elif profile == named:
            yield Issue("not-supported", f"The profile {_shown(profile)} is not known here, so not checked.")
        else:
            said = f"It claims the profile {_shown(profile)}, which is not known here and not checked."
            yield Issue("not-supported", said, f"{resource['resourceType']}.meta.profile", "information")
            # What claims another version of ours is held to today's when it is written, so that is told here too.
            if sound and profile.partition("|")[0] in program.profiles.profiles:
                yield from program.profiles.check(resource, profile.partition("|")[0])


def _claimed(resource: Resource) -> list[str]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return [one for one in profiles if isinstance(one, str)] if isinstance(profiles, list) else []


def _base(program: Program, resource: Resource, profile: str) -> Iterator[Issue]:
    """R4's own definitions are checked always; here it is only asked whether it is that of the resource."""
    name, _, version = profile.removeprefix(R4).partition("|")
    type = resource["resourceType"]
    is_domain = program.definitions.element(f"{type}.contained") is not None
    if version not in ("", "4.0", "4.0.1"):
        yield Issue("not-supported", f"The profile {_shown(profile)} is of another version than R4, so not checked.")
    elif name not in program.definitions.types and name not in ("Resource", "DomainResource"):
        yield Issue("not-supported", f"The profile {_shown(profile)} is not known here, so not checked.")
    elif name not in (type, "Resource", *(["DomainResource"] if is_domain else ())):
        yield Issue("value", f"The resource is not a {name}, as the profile says.", "resourceType")


def _unchecked(program: Program, resource: Resource) -> Iterator[Issue]:
    yield _note(
        "Not checked: whether codes are in value sets that R4 does not close; and, unless a mode is asked for, what "
        "references point to and whose identifiers these are."
    )
    for type in sorted(set(_types(resource)) & program.definitions.types):
        for constraint in program.definitions.unchecked(type):
            kind = "a warning in R4" if constraint.warning else "an error in R4"
            yield _note(f"Not checked: {constraint.key} ({kind}): {constraint.expression}", constraint.path)


def _types(value: Any) -> Iterator[str]:
    """The types of a resource and of those in it."""
    if isinstance(value, list):
        for inner in value:
            yield from _types(inner)
    elif isinstance(value, dict):
        if isinstance(value.get("resourceType"), str):
            yield value["resourceType"]
        for inner in value.values():
            yield from _types(inner)


def _rehearsed(
    program: Program, predicate: Predicate, change: Change, found: list[Issue], rehearsal: Rehearsal | None
) -> Future[Answer]:
    """The findings, and those of the write itself, which is done and undone."""
    stored = program.store.read(predicate, change.type, change.id) if change.id and change.kind != "create" else None
    if stored is None and change.kind != "create":
        return _now(_answer(predicate, [*found, _missing(change)]))
    made = change if rehearsal else ready(program, change if change.kind != "create" else replace(change, id=None))
    # Which version the sender saw is a matter of the write itself.
    terms = replace(fhir_terms(program, predicate), versions=False)

    def work(transaction: Transaction) -> Answer:
        placed = housed(program, Sight(program, transaction, predicate), made) if made.kind == "create" else made
        try:
            outcome = rehearsal(transaction, placed) if rehearsal else apply(program, transaction, [placed], terms)[0]
        except Problem as problem:
            return _answer(predicate, [*found, *problem.issues], stored)
        said = [_note(f"The {change.kind} would be accepted now."), *_moved(outcome), *found]
        return _answer(predicate, said, stored)

    return program.store.rehearse(work)


def _moved(outcome: Outcome) -> Iterator[Issue]:
    if outcome.moved:
        was, will = (name or "no concept" for name in outcome.moved)
        yield Issue("informational", f"The record would be read as {will}, before as {was}.", None, "warning")


def _missing(change: Change) -> Issue:
    """Why there is nothing to update or delete for this client."""
    if change.id is None:
        return Issue("required", "An update needs the id of what it updates.", f"{change.type}.id")
    return Issue("not-found", f"There is no such resource to {change.kind}.")


def _shown(profile: str) -> str:
    """A sender's URL, cut to what a message may hold."""
    return profile if len(profile) <= 200 else f"{profile[:200]}..."


def _note(message: str, expression: str | None = None) -> Issue:
    return Issue("informational", message, expression, "information")


def _answer(predicate: Predicate, issues: Sequence[Issue], stored: Version | None = None) -> Answer:
    ordered = sorted(issues, key=lambda issue: _ORDER.index(issue.severity))
    return Answer(200, release(predicate, dump(operation_outcome(ordered)), (stored,) if stored else ()), told=True)


def _now(answer: Answer) -> Future[Answer]:
    done: Future[Answer] = Future()
    done.set_result(answer)
    return done
