"""What one Consent says, as rows that a query can compare: the permissions, refusals and exceptions it gives.

42 CFR 2.31(a) (consents), 2.26 (restrictions). R4: https://hl7.org/fhir/R4/consent.html. A permission never reads
wider than the form, a refusal never narrower: where a part is not understood, the first is dropped, the second widened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from adapter.consent.labels import LABELLED, NOTES, OTHER, PART2, with_narrower
from adapter.consent.validity import NOTHING_KNOWN, Standing, faults, signature_ends
from adapter.fhir.dates import Calendar
from adapter.mapping.tables import AnyTable, Table
from adapter.problems import Issue
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Effect, Grant

Record = Mapping[str, Any]
Rows = tuple[tuple[Grant, ...], tuple[Issue, ...]]
_AUTHOR = "by_author"
_PERSONS = ("Practitioner/", "PractitionerRole/", "RelatedPerson/")
# Element of a provision that is not understood -> what a refusal then no longer narrows.
_WIDENED: Mapping[str, Mapping[str, Any]] = {
    "actor": {"recipients": (ANY,)},
    "purpose": {"purposes": (ANY,)},
    "class": {"types": (ANY,)},
    "data": {"records": (ANY,)},
    "securityLabel": {"labels": EVERY_LABEL},
    "dataPeriod": {"data_from": BEGINNING, "data_until": END},
    "period": {"valid_from": BEGINNING, "valid_until": END},
}


@dataclass(frozen=True, slots=True)
class _Said:
    """One provision: a grant for each combination."""

    recipients: tuple[str, ...] = (ANY,)
    purposes: tuple[str, ...] = (ANY,)
    types: tuple[str, ...] = (ANY,)
    records: tuple[str, ...] = (ANY,)
    labels: int = EVERY_LABEL
    data_from: int = BEGINNING
    data_until: int = END
    valid_from: int = BEGINNING
    valid_until: int = END


@dataclass(frozen=True, slots=True)
class Program:
    """Who reads a consent: the maps' tables, the program's calendar, and the ids of the Organizations that it is.

    A consent that lets only others disclose, and none of `custodians`, lets this program disclose nothing.
    """

    tables: Mapping[str, AnyTable]
    calendar: Calendar
    custodians: frozenset[str]


def grants_of(record: Record, program: Program, standing: Standing = NOTHING_KNOWN) -> Rows:
    """The rows of a native consent, and why it gives fewer than it seems to; the places are native fields.

    `record` is the whole native view, with `incomplete`. The rows depend on nothing else: whoever changes what
    `standing` says reads the patient's consents anew.
    """
    return _Reader(program).rows(record, standing)


def unread_refusal(resource: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The refusal of everything to everybody, of an active Consent that denies something and that no map reads.

    A consent to research or an advance directive denies something else; so does an exception to what is permitted.
    """
    root = resource.get("provision") or {}
    patient = (resource.get("patient") or {}).get("reference", "")
    scope = {coding.get("code") for coding in (resource.get("scope") or {}).get("coding", ())}
    if resource.get("status") != "active" or scope & {"research", "adr"} or not patient.startswith("Patient/"):
        return ()
    if root.get("type") == "permit" or not _denies(root):
        return ()
    return (Grant(str(resource.get("id", "")), patient.removeprefix("Patient/"), Effect.DENY, ANY, ANY),)


def _denies(provision: Mapping[str, Any]) -> bool:
    return provision.get("type") == "deny" or any(map(_denies, provision.get("provision", ())))


class _Reader:
    def __init__(self, program: Program) -> None:
        self._tables, self._calendar, self._custodians = program.tables, program.calendar, program.custodians

    def rows(self, record: Record, standing: Standing) -> Rows:
        """See `grants_of`."""
        if record.get("kind") == "restriction" or record.get("decision") == "deny":
            return self._refusal(record)
        if record.get("decision") != "permit":
            return self._refusal(record) if record.get("policy_rule") == "opt_out" else ((), ())
        if record.get("status") != "active":
            return (), ()
        found = faults(record, self._custodians, standing)
        return ((), found) if found else self._permission(record, standing)

    def _permission(self, record: Record, standing: Standing) -> Rows:
        """PERMIT rows, and an EXCEPTION for each exception, which only takes out of them."""
        recipients, issues = _named(record)
        said = replace(
            self._provision(record),
            recipients=recipients,
            labels=self._permitted(record),
            valid_from=max(self._since(record.get("signed_at")), self._since(record.get("starts_on"))),
            valid_until=min(self._until(record.get("expires_on")), signature_ends(record, standing)),
        )
        rows = tuple(_rows(record, Effect.PERMIT, said)) if said.labels and said.valid_from < said.valid_until else ()
        if not rows:
            return (), issues or (
                Issue("business-rule", "This consent permits nothing: it names no record, or no time"),
            )
        taken = [self._provision(exception) for exception in record.get("exceptions", ())]
        return (*rows, *(row for one in taken for row in _rows(record, Effect.EXCEPTION, one))), issues

    def _refusal(self, record: Record) -> Rows:
        """DENY rows, whoever signed it or not. It ends with its own date or its own revocation, 2.26.

        An exception to it would widen what others may see by what it says of a record's labels and dates, which a
        record may lack: the refusal stays whole.
        """
        status = record.get("status")
        if status not in ("active", "inactive"):
            return (), ()
        said = replace(
            self._provision(record),
            recipients=_refused(record),
            valid_from=self._low(record.get("starts_on")),
            valid_until=min(self._until(record.get("expires_on")), self._until(record.get("revoked_at"))),
        )
        if said.records != (ANY,):
            said = replace(said, types=(ANY,))  # a record that is named is refused, of whatever type it is
        issues = [Issue("business-rule", "This refusal has no exceptions: it holds for all it names", "exceptions")]
        issues = issues if record.get("exceptions") else []
        if status == "inactive" and said.valid_until == END:
            issues.append(
                Issue("business-rule", "This refusal goes on: neither expires_on nor revoked_at ends it", "status")
            )
        return tuple(_rows(record, Effect.DENY, _widened(record, said))), tuple(issues)

    def _provision(self, told: Record) -> _Said:
        """What narrows a refusal or an exception; `_permission` says recipients, labels and times its own way."""
        records = [item for item in told.get("records", ()) if item.get("meaning") != _AUTHOR]
        return _Said(
            purposes=self._codes("purpose_of_use", told.get("purposes")),
            types=self._codes("record_type", told.get("record_types")),
            records=self._records(told, tuple(item["record"] for item in records)),
            labels=self._refused_labels(told),
            data_from=self._low(told.get("data_from")),
            data_until=self._until(told.get("data_until")),
        )

    def _records(self, told: Record, named: tuple[str, ...]) -> tuple[str, ...]:
        """The records it names: to permit, each alone; to refuse, all, if what goes with one is meant as well."""
        given = told.get("records", ())
        if told.get("decision") == "permit" and told.get("kind") != "restriction":
            return named if given else (ANY,)
        return named if given and all(item.get("meaning") == "this_record" for item in given) else (ANY,)

    def _permitted(self, record: Record) -> int:
        """The labels that all of a record's must be among. R takes in N, N takes in no R."""
        given = self._codes("sensitivity", record.get("sensitivities"))
        labels = EVERY_LABEL if given == (ANY,) else PART2 | with_narrower(given)
        if set(record.get("confidentiality", ())) == {"normal"}:
            labels &= LABELLED
        return labels & ~NOTES

    def _refused_labels(self, told: Record) -> int:
        """The labels of which one is enough; a sensitivity of another kind may be the one that is meant."""
        given = self._codes("sensitivity", told.get("sensitivities"))
        return EVERY_LABEL if given == (ANY,) else OTHER | with_narrower(given)

    def _codes(self, table: str, words: Any) -> tuple[str, ...]:
        """The codes of words; any, where there are none."""
        found = self._tables[table]
        assert isinstance(found, Table)
        return tuple(dict.fromkeys(found.codings[word]["code"] for word in words)) if words else (ANY,)

    def _low(self, text: str | None) -> int:
        return self._calendar.interval(text)[0] if text else BEGINNING

    def _until(self, text: str | None) -> int:
        """The end of what a date says: of a bare day, the end of that day in the program's zone."""
        return self._calendar.interval(text)[1] if text else END

    def _since(self, text: str | None) -> int:
        """When something said to begin then has begun for certain: a month that has a day begins with its end."""
        return self._calendar.interval(text)[1 if len(text) < 10 else 0] if text else BEGINNING


def _rows(record: Record, effect: Effect, said: _Said) -> Iterator[Grant]:
    """A grant for each combination; a record that is named is of a type that is."""
    consent, patient = str(record.get("id", "")), str(record.get("participant", ""))
    for recipient, purpose, type, named in product(said.recipients, said.purposes, said.types, said.records):
        if ANY in (type, named) or named.startswith(f"{type}/"):
            data, valid = (said.data_from, said.data_until), (said.valid_from, said.valid_until)
            yield Grant(consent, patient, effect, recipient, purpose, type, named, said.labels, *data, *valid)


def _named(record: Record) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """Recipients of a permission, 2.31(a)(4): organizations by name, or classes. A name with a class is the name.

    None for an intermediary (2.24, 2.31(a)(4)(ii)), which is no kind of client here; none for persons, whose
    organization the consent does not name.
    """
    found: list[str] = []
    issues = []
    for index, item in enumerate(record.get("recipients", ())):
        who, classes = item.get("recipient"), item.get("classes", ())
        if item.get("intermediary") or "intermediary_participants" in classes:
            issues.append(_left_out(index, "an intermediary, 2.31(a)(4)(ii)"))
        elif isinstance(who, str) and who.startswith("Organization/"):
            found.append(who)
        elif isinstance(who, str) and who.startswith(_PERSONS):
            issues.append(_left_out(index, "a person, and clients act for organizations: name the organization"))
        elif isinstance(who, str) or not classes:
            issues.append(_left_out(index, "neither an organization nor a class"))
        else:
            found += (_class(word) for word in classes)
    return tuple(dict.fromkeys(found)), tuple(issues)


def _left_out(index: int, why: str) -> Issue:
    return Issue(
        "business-rule", f"This consent permits nothing to this recipient: it is {why}", f"recipients[{index}]"
    )


def _refused(record: Record) -> tuple[str, ...]:
    """Recipients of a refusal: everybody, unless each is an organization or a class."""
    found: list[str] = []
    for item in record.get("recipients", ()):
        who, classes = item.get("recipient"), item.get("classes", ())
        if isinstance(who, str) and who.startswith("Organization/") and not item.get("intermediary"):
            found.append(who)
        elif classes and not isinstance(who, str):
            found += (_class(word) for word in classes)
        else:
            return (ANY,)
    return tuple(dict.fromkeys(found)) or (ANY,)


def _class(word: str) -> str:
    """A class as a recipient: the codes of our own table recipient_class are its words with hyphens."""
    return f"class/{word.replace('_', '-')}"


def _widened(record: Record, said: _Said) -> _Said:
    """The refusal without what narrows it by an element that is not understood."""
    for item in record.get("incomplete", ()):
        _, provision, rest = item["path"].partition("Consent.provision")
        if not provision:
            continue
        element = rest.lstrip(".").partition(".")[0].partition("[")[0]
        if element not in ("provision", "extension"):
            everything = {name: value for wide in _WIDENED.values() for name, value in wide.items()}
            said = replace(said, **_WIDENED.get(element, everything))
    return said
