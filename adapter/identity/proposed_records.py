"""Records that somebody else told of and staff have not said are so: those read from documents, and Consents.

What a document of a referral tells, who a packet says is on a care team or pays, and every form that nobody of the
program has seen (42 CFR 2.31): `docs/intake.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir import tokens
from adapter.identity.proposals import ACCEPT, REJECT, Hunt, Item, Portion, origin, told
from adapter.store.proposals import Asked
from adapter.store.version import Version

_SAY = [ACCEPT, REJECT]


def records(hunt: Hunt, after: Sequence[str]) -> Portion:
    """Those that were read from documents, or came with a referral and are in force only once staff say so."""
    last = (after[0], after[1]) if after else ("", "")
    with hunt.program.store.asking() as database:
        found = Asked(database, hunt.predicate, hunt.patient, hunt.room + 1).proposed(last)
    items = [_item(hunt, "record", version, document) for version, document in found[: hunt.room]]
    more = len(found) > hunt.room and found[hunt.room - 1].version
    return Portion(items, (more.type, more.id) if more else None)


def consents(hunt: Hunt, after: Sequence[str]) -> Portion:
    """Consents that are proposed, whoever wrote them."""
    field = hunt.program.store.index.parameters("Consent")["status"]
    with hunt.program.store.asking() as database:
        asked = Asked(database, hunt.predicate, hunt.patient, hunt.room + 1)
        found = asked.unsaid("Consent", field.number, tokens.token("proposed", None), after[0] if after else "")
    items = [_item(hunt, "consent", version, "") for version in found[: hunt.room]]
    return Portion(items, (found[hunt.room - 1].id,) if len(found) > hunt.room else None)


def _item(hunt: Hunt, kind: str, version: Version, document: str) -> Item:
    source = origin(hunt.program, hunt.predicate, version).told() | ({"document": document} if document else {})
    said = {"proposal": f"{kind}:{version.type}:{version.id}", "kind": kind, "participant": version.patients}
    unread = version.type == "Consent" and version.concept is None
    say = [REJECT] if unread else _SAY
    return Item(said | {"record": told(hunt.program, version), "from": source, "say": say}, (version,))
