"""Every cell of the authorization matrix at the guarded door: kind x type x interaction x whose record it is.

What is expected is the word of the cell; whatever it is, a record that the client may not see is answered like one that
is not there, byte for byte. Writes say an ETag that no record has, so that nothing changes: who may write what he sees
gets 412. Words that no server hears yet are 403; those that this file does not know are held to the second rule alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from adapter.callers import ClientKind
from adapter.consent.matrix import Verdict
from adapter.consent.policy import DIRECTORY, OF_MANY
from adapter.consent.scopes import OWNERS
from adapter.fhir.elements import Definitions
from adapter.interactions.types import served, writable
from adapter.store.clients import Token
from adapter.web.asked import Route
from adapter.web.entitlements import AMENDING, DONE, SENDING, SIGNED, SIGNING
from adapter.web.entitlements import APART as KEPT_APART
from adapter.web.fhir import ROUTES
from adapter.web.smart.bearer import digest_of, new_token
from tests.conftest import PROOF
from tests.consent.release import matrix
from tests.doors.clients import register
from tests.doors.minimal import minimal
from tests.doors.serving import Got, parts
from tests.doors.test_guarded import AGREED, OTHERS, OURS, THEIRS, Place, Sender, placed
from tests.doors.test_non_interference import Still

Json = dict[str, Any]
CELLS: dict[str, int | None] = {"quick": 150, "ci": 400, "full": None}
"""Of each kind of client."""
KINDS = tuple(ClientKind)
AIMS = ("own", "others", "consentless", "absent")
"""Of a patient whom the client treats and who consents; whom another treats; who does not consent; of nobody."""
ABSENT = "00000000-0000-7000-8000-fffffffffffe"
STALE = {"if-match": 'W/"999"'}
PERSONAL = ("subject", "patient", "beneficiary", "for", "individual")
"""The elements that say whom a resource is about."""
LISTED: dict[str, Callable[[Json], Json]] = {
    "Appointment": lambda who: {"participant": [{"status": "accepted", "actor": who}]},
    "AppointmentResponse": lambda who: {"actor": who},
    "Group": lambda who: {"actual": True, "member": [{"entity": who}]},
    "Person": lambda who: {"link": [{"target": who}]},
    "Provenance": lambda who: {"target": [who]},
    "Schedule": lambda who: {"actor": [who]},
}
"""What says it of types where it stands elsewhere."""
JUDGED = frozenset({Verdict.ALL, Verdict.CONSENT, Verdict.DIRECTORY, Verdict.NAMING})
"""The words of which this file says what they show."""
APART = frozenset(
    {
        *(("AuditEvent", "search-type"), ("Provenance", "search-type"), ("Patient", "$consent-scope")),
        *(("Group", "$export"), ("Patient", "$export")),
    }
)
"""What is asked otherwise than by an id, or answers alike whoever is there: of other tests."""
OPENED = frozenset({Verdict.OPEN, Verdict.TOKEN, Verdict.READ_ONLY})
"""Those that show nothing of anybody."""
FORM = "application/x-www-form-urlencoded"
SEEN = {"update": 412, "patch": 412, "delete": 412}
"""What answers a write of a record that is seen; all else is 200."""


class Cell(NamedTuple):
    """A route of a type, as the matrix names it."""

    type: str
    route: Route

    @property
    def name(self) -> str:
        """What it is called in the matrix."""
        return self.route.name


class World(NamedTuple):
    """A program with a record of each type for each aim; clients by kind; which records are of whom."""

    place: Place
    ids: dict[tuple[str, str], str]
    about: dict[str, str]
    senders: dict[ClientKind, Sender]


def resource_of(definitions: Definitions, type: str, patient: str) -> Json:
    """The least that a type takes, about a patient where it is about one."""
    made, who = minimal(definitions, type), {"reference": f"Patient/{patient}"}
    if type in LISTED:
        return made | LISTED[type](who)
    found = (definitions.element(f"{type}.{name}") or definitions.element(f"{type}.{name}[x]") for name in PERSONAL)
    for element in (one for one in found if one is not None and "Reference" in one.types):
        name = element.name.removesuffix("[x]") + ("Reference" if element.choice else "")
        return made | {name: [who] if element.many else who}
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all cells: nothing that is asked here changes anything."""
    with placed(tmp_path_factory.mktemp("cells"), Still(), references="pending") as place:
        people = {aim: place.participant() for aim in AIMS[:3]}
        for aim, by in zip(AIMS, (THEIRS, OTHERS, THEIRS), strict=False):
            place.treated(people[aim], by)
            if aim != "consentless":
                place.consent(people[aim])
        ids = {(aim, "Patient"): id for aim, id in people.items()}
        for type in filter(writable, sorted(served(place.program) - {"Patient"})):
            for aim, patient in people.items():
                ids[aim, type] = _made(place, type, patient)
        yield World(place, ids, _about(place), {kind: client_of_kind(place, kind) for kind in KINDS})


def _made(place: Place, type: str, patient: str) -> str:
    got = place.staff("POST", f"/fhir/{type}", resource_of(parts()[0], type, patient))
    assert got.status == 201, (type, got.body)
    return got.id


def _about(place: Place) -> dict[str, str]:
    """Whom each record is about, by its id, as the store has it."""
    with place.program.store._asked() as database:
        return dict(database.execute("SELECT id, patients FROM version WHERE rendering = 0").fetchall())


def client_of_kind(place: Place, kind: ClientKind) -> Sender:
    """A client whose token has every scope: what it may not, its kind may not."""
    if kind in (ClientKind.STAFF, ClientKind.PRIVACY_OFFICER):
        return place.client(kind.value, scopes="user/*.cruds")
    scopes, purpose = "system/*.cruds", "HPAYMT" if kind is ClientKind.PAYER else "TREAT"
    organization = THEIRS if kind in AGREED or kind is ClientKind.PROVIDER_EHR else OURS
    register(place.program, kind, kind, scopes, purpose, agreement=AGREED.get(kind), organization=organization)
    said, now = new_token(), int(Still.now.timestamp() * 1000)
    token = Token(digest_of(said), kind, scopes, purpose, None, None, now, now + 300_000)
    place.program.store.change_clients(lambda clients: clients.issue(token, said[:16], now + 1)).result(30)
    return Sender(place.guarded, said)


def cells(world: World, kind: ClientKind) -> list[Cell]:
    """Those that have to do with a record, or a sample of them that is the same each time."""
    types = sorted(filter(writable, served(world.place.program)))
    found = [Cell(type, route) for type in types for route in ROUTES if route.serves(type, True) and _aims(route)]
    size = CELLS[PROOF]
    return found if size is None else random.Random(kind).sample(found, size)


def _aims(route: Route) -> bool:
    """Whether it is about one record: all of a type, and what a Bundle asks for, are of other tests."""
    return route.address.count("*") > 1 or route.interaction == "search-type" or route.method in ("PATCH", "DELETE")


def asked(world: World, kind: ClientKind, cell: Cell, aim: str) -> Got:
    """The answer, without the id that was asked for."""
    id = world.ids.get((aim, cell.type), ABSENT)
    places = [cell.type, id, "1"]
    if cell.name == "search-compartment":
        id = world.ids.get((aim, "Patient"), ABSENT)
        places = ["Patient", id, cell.type]
    address = cell.route.address
    for place in places[: address.count("*")]:
        address = address.replace("*", place, 1)
    if address in (f"/{cell.type}", f"/{cell.type}/_search") and cell.route.method != "POST":
        address += f"?_id={id}"
    body, headers = sent(cell, id)
    got = world.senders[kind](cell.route.method, f"/fhir{address}", body, **headers)
    told = {name: value.replace(id, "ID") for name, value in got.headers.items() if name != "date"}
    return Got(got.status, told, got.body.replace(id.encode(), b"ID"))


def sent(cell: Cell, id: str) -> tuple[Any, dict[str, str]]:
    """The body and the headers of a request that may go well."""
    if cell.name == "delete":
        return None, STALE
    if cell.name == "update":
        return minimal(parts()[0], cell.type) | {"id": id}, STALE
    if cell.name == "patch":
        test = [{"op": "test", "path": "/resourceType", "value": cell.type}]
        return json.dumps(test).encode(), {"content-type": "application/json-patch+json", **STALE}
    if cell.route.method != "POST":
        return None, {}
    if cell.name == "$validate":
        return minimal(parts()[0], cell.type), {}
    if cell.name.startswith("$"):
        return {"resourceType": "Parameters"}, {}
    return f"_id={id}".encode(), {"content-type": FORM}


def is_seen(world: World, verdict: Verdict, cell: Cell, aim: str) -> bool:
    """Whether the record is there for the client, as far as the word says."""
    if aim == "absent":
        return False
    if verdict is Verdict.ALL:
        return True
    about = world.about[world.ids[aim, cell.type]]
    if verdict is Verdict.CONSENT and about:
        return cell.type not in OF_MANY and about == world.ids["own", "Patient"]
    return not about and cell.type in DIRECTORY


def shows(cell: Cell, got: Got) -> bool:
    """Whether an answer shows that there is a record."""
    if cell.name in ("search-type", "search-compartment"):
        return "entry" in got.json
    return got.status == SEEN.get(cell.name, 200)


def deviations(world: World, kind: ClientKind, cell: Cell) -> Iterator[str]:
    """What of the answers is not as the matrix says."""
    verdict = matrix().verdict(kind, cell.name, cell.type)
    signed = ((cell.type, cell.name) in SIGNED and kind in SIGNING) or _is_own(cell, verdict)
    refused, judged = not is_open(kind, verdict, cell) and not signed, verdict in JUDGED or shows_own(verdict, kind)
    judged = judged and (cell.type, cell.name) not in APART and cell.type != KEPT_APART
    for aim in AIMS:
        got, absent = asked(world, kind, cell, aim), asked(world, kind, cell, "absent")
        what = f"{cell.route.method} {cell.route.address} {cell.type} ({verdict}), {aim}: {got.status}"
        seen = judged and is_seen(world, verdict, cell, aim)
        if refused and got.status != 403:
            yield f"{what} for 403"
        elif judged and _says(cell) and shows(cell, got) != seen:
            yield f"{what} although it is {'there' if seen else 'hidden'}: {got.body[:300]!r}"
        if (refused or judged) and not seen and got != absent:
            yield f"{what} is not as absent: {got} for {absent}"


def is_open(kind: ClientKind, verdict: Verdict, cell: Cell) -> bool:
    """Whether a word lets anything be asked that is worked out."""
    done = verdict in DONE or shows_own(verdict, kind) or (cell.name, verdict) in SENDING
    return done and verdict is not Verdict.NO


def shows_own(verdict: Verdict, kind: ClientKind) -> bool:
    """Whether it is a client that sees, or may change, what it sent itself; it has sent nothing here."""
    return (verdict is Verdict.OWN or verdict in AMENDING) and kind in OWNERS


def _is_own(cell: Cell, verdict: Verdict) -> bool:
    """Whether it is of a client's own Subscriptions, which are kept apart from the records: of other tests."""
    return cell.type == KEPT_APART and verdict is Verdict.OWN


def _says(cell: Cell) -> bool:
    """Whether the status alone tells a record that is seen; a condition finds what it may of what is sought."""
    if cell.name == "$validate":
        return cell.route.method == "GET"
    return cell.route.address.count("*") > 1 or cell.name == "search-type"


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_is_answered_as_the_matrix_says_and_what_is_hidden_as_if_it_were_not_there(
    world: World, kind: ClientKind
) -> None:
    t = world.place.program.store.t
    found = [line for cell in cells(world, kind) for line in deviations(world, kind, cell)]
    assert not found, "\n".join(found[:40])
    assert world.place.program.store.t == t


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_about_no_one_record_is_refused_or_let_in_as_the_matrix_says(world: World, kind: ClientKind) -> None:
    types = sorted(served(world.place.program))
    found = [Cell(type, route) for type in types for route in ROUTES if route.serves(type, writable(type))]
    at_base = [Cell("", route) for route in ROUTES if route.on == "system"]
    wrong = []
    for cell in (*at_base, *(cell for cell in found if not _aims(cell.route) or not writable(cell.type))):
        verdict = matrix().verdict(kind, cell.name, cell.type)
        refused = not is_open(kind, verdict, cell) and not _is_own(cell, verdict)
        status = status_of(world, kind, cell)
        if status >= 500 or ((status == 403) != refused and (refused or verdict in JUDGED | OPENED)):
            wrong.append(f"{cell.route.method} {cell.route.address} {cell.type} ({verdict}): {status}")
    assert not wrong, "\n".join(wrong)


def status_of(world: World, kind: ClientKind, cell: Cell) -> int:
    """What answers the least that can be sent."""
    url = cell.route.address.replace("*", cell.type, 1).replace("*", ABSENT, 1)
    body: Any = None
    headers: dict[str, str] = {}
    if cell.name in ("batch", "transaction"):
        entry = {"request": {"method": "GET", "url": "ValueSet?_id=none"}}
        body = {"resourceType": "Bundle", "type": cell.name, "entry": [entry]}
    elif cell.name in ("search-system", "search-type") and cell.route.method == "POST":
        body, headers = b"_type=Patient" if not cell.type else b"", {"content-type": FORM}
    elif cell.name == "search-system":
        url += "?_type=Patient"
    elif cell.route.method == "POST":
        body = {}
    return world.senders[kind](cell.route.method, f"/fhir{url.removesuffix('/')}", body, **headers).status
