"""What each caller may ask, and what there is for it to see: what the matrix, its scopes and its roles say of it.

Nothing here depends on what is stored, so it is worked out once for a token and looked up with each of its requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent import scopes
from adapter.consent.arguments import Bounds, bounds, term_of
from adapter.consent.duties import Duties, Rights
from adapter.consent.duties import Shown as Visible
from adapter.consent.labels import consent_free
from adapter.consent.matrix import OTHER, Assignment, Matrix, Verdict
from adapter.consent.policy import CONSENT, DIAGNOSIS, NAMED, RENDERING
from adapter.consent.predicate import at, nobody, of_caller, of_named, of_person, of_sender
from adapter.fhir.index import Index
from adapter.fhir.query import Term
from adapter.interactions.program import Program
from adapter.interactions.search import limits
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.rules import BEGINNING, SCOPE, SENT

DONE = scopes.SEEN | {Verdict.OPEN, Verdict.TOKEN, Verdict.READ_ONLY, Verdict.DRAFT, Verdict.NAMED, Verdict.NAMING}
"""What is worked out; what has another word in the matrix is refused until it is."""
SIGNED = frozenset({("Provenance", "read"), ("Provenance", "search-type")})
SIGNING = frozenset({ClientKind.PROGRAM_EHR, ClientKind.PROVIDER_EHR})
"""Where what a client sent itself, or what goes with what it sees, is worked out too; and for whom."""
AMENDING = frozenset({Verdict.OWN_OPEN, Verdict.OWN_CANCEL, Verdict.OWN_DRAFT})
"""What somebody may make of what it sent itself, as far as it sees it: `referral.amending`."""
SENDING = frozenset({("$submit-referral", Verdict.REFERRAL), ("transaction", Verdict.REFERRAL)})
"""Where a part of a referral may be sent."""
APART = "Subscription"
"""What is kept apart from the records, by whoever asked for it: nothing that a client sees is looked up for it."""
WRITES = frozenset({"create", "update", "patch", "delete"})
_MADE = frozenset({"AuditEvent", "Provenance", APART})
_ROSTERS = frozenset({("Group", "read"), ("Group", "search-type"), ("Group", "$export"), ("Group", "$utilization")})
"""Where what is shown to those who see records by a rendering is made of what they see of other types."""
VERBS: Mapping[str, str] = {
    **dict.fromkeys(("read", "vread", "history-instance", "$validate"), "get"),
    **dict.fromkeys(("search-type", "search-compartment", "$everything", "$match"), "list"),
    "create": "create",
    "update": "put",
    "patch": "patch",
    "delete": "delete",
}
"""By which verbs of the staff's matrix an interaction is judged."""


class Entitlements:
    """Those of one program; the public ones remember what they answered."""

    def __init__(self, program: Program, matrix: Matrix, types: Iterable[str]) -> None:
        self.matrix = matrix
        self._program, self._all = program, frozenset(types)
        sides = {rendering.number: frozenset(rendering.parameters) for rendering in program.store.index.renderings}
        self.rendered = {kind: sides[number] for kind, number in RENDERING.items()}
        """The types of which there is anything to see for those who see records by a rendering."""
        self._drafts = {kind: self._made_as_drafts(kind) for kind in ClientKind}
        self._free = consent_free(program.settings.posture, program.settings.consent_free)
        self._standing = lru_cache(1_024)(self._stands)
        self._named = lru_cache(1_024)(self._naming)
        self._may = lru_cache(4_096)(self._may_some)
        self.reach = lru_cache(1_024)(self._reach)
        self.seen = lru_cache(256)(self._seen)
        self.check = lru_cache(16_384)(self._check)
        self.duties = lru_cache(256)(partial(Duties, matrix))
        self.apart = lru_cache(256)(self._apart)

    def _may_some(self, roles: tuple[str, ...], verb: str, type: str) -> bool:
        """Whether people with these roles may do something with some record of a type, whatever it may be."""
        concepts = (name for name, of in self._program.maps.concepts.items() if type in of.resource_types)
        return any(self.duties(roles).word(one, verb) is not Assignment.NO for one in (OTHER, *concepts))

    def _apart(self, shown: Visible) -> frozenset[str]:
        """The types of which, whatever a record is, none is shown but of those in one's care."""
        of = {name: concept.resource_types for name, concept in self._program.maps.concepts.items()}
        return self._all.difference(*(self._all if name == OTHER else of.get(name, ()) for name in shown.all))

    def _made_as_drafts(self, kind: ClientKind) -> frozenset[str]:
        return frozenset(type for type in self._all if self.matrix.verdict(kind, "create", type) is Verdict.DRAFT)

    def _stands(self, caller: Caller, verbs: tuple[str, ...], part: str = "") -> Predicate:
        """What a client may see, at the beginning of time; a `part` is diagnoses, or all but these."""
        types, within = self.reach(caller.kind, caller.scopes)
        if part:
            types = types & {DIAGNOSIS} if part == DIAGNOSIS else types - {DIAGNOSIS}
        if caller.kind is ClientKind.STAFF:
            duties = self.duties(caller.roles)
            rights, shown = Rights(duties, f"Practitioner/{caller.user}", verbs), duties.shown()
            policy, apart = self.matrix.version, self.apart(shown)
            return of_person(*(caller, shown, BEGINNING, rights, types), bounds=within, policy=policy, apart=apart)
        # A payer's registration has operations among its purposes where its contract has: 42 CFR 2.33(b), K17.
        made = of_sender if caller.kind in scopes.OWNERS else partial(of_caller, operations_allowed=True)
        return made(
            caller,
            types,
            BEGINNING,
            consent_free=self._free,
            bounds=within,
            policy=self.matrix.version,
            drafts=self._drafts[caller.kind],
        )

    def _naming(self, caller: Caller) -> Predicate:
        """What a client may see of the Consents that name it, at the beginning of time."""
        index = self._program.store.index.of(SCOPE)
        within = self._bounds(caller.kind, caller.scopes, [CONSENT], index)
        return of_named(caller, BEGINNING, operations_allowed=True, bounds=within, policy=self.matrix.version)

    def names(self, caller: Caller, type: str) -> bool:
        """Whether a client sees of this type what names it, and that by itself alone."""
        if type != CONSENT or caller.kind not in NAMED:
            return False
        return scopes.goes_along(self.matrix, caller, type) is Verdict.NAMING

    def _seen(self, caller: Caller, verbs: tuple[str, ...], now_ms: int, type: str) -> Predicate:
        """What a client may see at a moment, mostly of one type; of many requests in a millisecond the same."""
        if self.names(caller, type):
            return at(self._named(caller), now_ms, type)
        # Of a payer's records diagnoses cost more: they do not go along with others.
        part = ("rest", DIAGNOSIS)[type == DIAGNOSIS] if type and caller.kind is ClientKind.PAYER else ""
        return at(self._standing(caller, verbs, part), now_ms, type)

    def _check(self, caller: Caller, interaction: str, type: str, conditional: bool) -> Verdict:
        """The word of the matrix; a Problem for what it, the scopes and, of the staff, the roles of a caller do not let
        be asked."""
        verdict = scopes.check(self.matrix, caller, interaction, type, conditional=conditional)
        if type == APART:
            return verdict
        if not self._is_open(caller, interaction, type, verdict):
            raise Problem(Kind.FORBIDDEN, "this is not open yet to this kind of client")
        if interaction == "search-compartment":
            check_kept(type)
        if verdict is Verdict.ROLE and interaction in VERBS and not self._may(caller.roles, VERBS[interaction], type):
            raise Problem(Kind.FORBIDDEN, "your role may not do this with records of this type")
        if interaction in WRITES and type not in self.reach(caller.kind, caller.scopes)[0]:
            # Who cannot see what is there would make it again under its key.
            why = f"what is written is looked up first: {scopes.level(caller)}/{type}.r is needed too"
            raise Problem(Kind.FORBIDDEN, why)
        return verdict

    def _is_open(self, caller: Caller, interaction: str, type: str, verdict: Verdict) -> bool:
        """Whether what the matrix says is worked out for this kind of client."""
        if type not in self.rendered.get(caller.kind, (type,)) and verdict in scopes.SEEN:
            return (type, interaction) in _ROSTERS
        signed = (type, interaction) in SIGNED and caller.kind in SIGNING
        done = verdict in DONE or scopes.shows(verdict, caller.kind) or (interaction, verdict) in SENDING
        return done or signed or (verdict in AMENDING and caller.kind in scopes.OWNERS)

    def _reach(self, kind: ClientKind, granted: tuple[Scope, ...]) -> tuple[frozenset[str], Bounds]:
        """The types of which a client may see anything, and what the arguments of its scopes leave of them."""
        asking = Caller("", kind, "", Purpose.TREATMENT, granted, "")
        along = {type: scopes.goes_along(self.matrix, asking, type) for type in self._all}
        types = frozenset(type for type, verdict in along.items() if scopes.shows(verdict, kind))
        types &= self.rendered.get(kind, types)
        side = SENT if kind in scopes.OWNERS else RENDERING.get(kind, 0)
        index = self._program.store.index.of(side)
        return types, self._bounds(kind, granted, sorted(types), index)

    def _bounds(self, kind: ClientKind, granted: tuple[Scope, ...], types: Iterable[str], index: Index) -> Bounds:
        """What the arguments of scopes leave of these types."""
        within = limits(self._program, nobody())
        level = scopes.level(Caller("", kind, "", Purpose.TREATMENT, granted, ""))

        def read(type: str, name: str, value: str) -> Term | None:
            return term_of(type, name, value, index, within)

        return bounds(granted, level, types, read, index)


def check_kept(*types: str) -> None:
    """Problem(INVALID) for what is made of rows when it is asked for: a search of what is stored would find none."""
    if not _MADE.isdisjoint(types):
        why = f"{' and '.join(sorted(_MADE))} are searched at their own address, and alone"
        raise Problem(Kind.INVALID, why, code="not-supported")
