"""The R4 invariants that the strict schema checks, with a sentence of ours for each.

https://hl7.org/fhir/R4/conformance-rules.html#constraints. `profiles/r4/invariants.json` lists every constraint of
R4 and where it is checked, so that none is left out unseen.
"""

from __future__ import annotations

from typing import NamedTuple

from .terms import (
    Keys,
    Schema,
    Term,
    all_of,
    any_of,
    child,
    coded,
    first,
    has,
    items,
    none,
    not_,
    one,
    raw,
    rule,
    some,
    value,
)

UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"


class Invariant(NamedTuple):
    """One constraint: its key and home, the element that triggers it (None: always), its term, and a message."""

    key: str
    path: str
    trigger: str | None
    term: Term
    message: str

    def schema(self, keys: Keys) -> Schema:
        """The JSON Schema of the term, given the JSON keys of the home's elements."""
        return self.term(keys)


UNIT_UCUM = child("system", {"enum": [UCUM]})


def _sized(path: str, key: str) -> tuple[Invariant, ...]:
    return (
        Invariant(key, path, "value", has("code"), "a value needs the code of its unit"),
        Invariant(key, path, "system", UNIT_UCUM, "units are UCUM"),
        Invariant("qty-3", path, "code", has("system"), "the code of a unit needs its system"),
    )


DATATYPES = (
    Invariant(
        "ext-1",
        "Extension",
        None,
        any_of(
            raw(
                {
                    "required": ["extension"],
                    "properties": {"id": {}, "url": {}, "extension": {}},
                    "additionalProperties": False,
                }
            ),
            raw(
                {
                    "minProperties": 2,
                    "maxProperties": 2,
                    "not": {"anyOf": [{"required": ["id"]}, {"required": ["extension"]}]},
                }
            ),
            rule("ext-1"),
        ),
        "an extension has either one value or extensions",
    ),
    *_sized("Age", "age-1"),
    *_sized("Count", "cnt-3"),
    *_sized("Distance", "dis-1"),
    Invariant("age-1", "Age", None, child("value", {"minimum": 0, "exclusiveMinimum": True}), "an age is above 0"),
    Invariant("cnt-3", "Count", "code", value("code", "1"), "a count has the unit 1"),
    Invariant("cnt-3", "Count", None, child("value", {"type": "integer"}), "a count is a whole number"),
    Invariant(
        "drt-1",
        "Duration",
        "code",
        all_of(value("system", UCUM), has("value")),
        "the unit of a duration is UCUM and has a value",
    ),
    Invariant("qty-3", "Duration", "code", has("system"), "the code of a unit needs its system"),
    Invariant("qty-3", "Quantity", "code", has("system"), "the code of a unit needs its system"),
    Invariant("qty-3", "SimpleQuantity", "code", has("system"), "the code of a unit needs its system"),
    Invariant("att-1", "Attachment", "data", has("contentType"), "data needs its contentType"),
    Invariant("att-hash", "Attachment", "hash", rule("att-hash"), "the hash is that of the data"),
    Invariant("cpt-2", "ContactPoint", "value", has("system"), "a value needs its system"),
    Invariant("drq-1", "DataRequirement.codeFilter", None, one("path", "searchParam"), "either path or searchParam"),
    Invariant("drq-2", "DataRequirement.dateFilter", None, one("path", "searchParam"), "either path or searchParam"),
    Invariant("exp-1", "Expression", None, some("expression", "reference"), "an expression or a reference to one"),
    Invariant("per-1", "Period", "end", rule("per-1"), "a period ends after it starts"),
    Invariant("rng-2", "Range", "high", rule("rng-2"), "low is not above high"),
    Invariant(
        "rat-1",
        "Ratio",
        None,
        any_of(has("numerator", "denominator"), all_of(none("numerator", "denominator"), has("extension"))),
        "a ratio has a numerator and a denominator",
    ),
    Invariant("tim-1", "Timing.repeat", "duration", has("durationUnit"), "a duration needs its unit"),
    Invariant("tim-2", "Timing.repeat", "period", has("periodUnit"), "a period needs its unit"),
    Invariant("tim-4", "Timing.repeat", None, child("duration", {"minimum": 0}), "a duration is not negative"),
    Invariant("tim-5", "Timing.repeat", None, child("period", {"minimum": 0}), "a period is not negative"),
    Invariant("tim-6", "Timing.repeat", "periodMax", has("period"), "periodMax needs period"),
    Invariant("tim-7", "Timing.repeat", "durationMax", has("duration"), "durationMax needs duration"),
    Invariant("tim-8", "Timing.repeat", "countMax", has("count"), "countMax needs count"),
    Invariant(
        "tim-9",
        "Timing.repeat",
        "offset",
        all_of(has("when"), items("when", {"not": {"enum": ["C", "CM", "CD", "CV"]}})),
        "an offset needs a when that is no meal itself",
    ),
    Invariant("tim-10", "Timing.repeat", "timeOfDay", none("when"), "either timeOfDay or when"),
    Invariant("trd-1", "TriggerDefinition", "data", none("timing[x]"), "either data or timing"),
    Invariant("trd-2", "TriggerDefinition", "condition", has("data"), "a condition needs data"),
    Invariant(
        "trd-3",
        "TriggerDefinition",
        None,
        all_of(
            any_of(not_(value("type", "named-event")), has("name")),
            any_of(not_(value("type", "periodic")), has("timing[x]")),
            any_of(child("type", {"not": {"pattern": "^data-"}}), has("data")),
        ),
        "each type of trigger has its own content",
    ),
)

ELSEWHERE = {
    "ele-1": "schema",
    "txt-1": "code",
    "txt-2": "code",
    "ref-1": "code",
    "dom-2": "code",
    "dom-3": "code",
    "dom-4": "code",
    "dom-5": "code",
    "sqty-1": "schema",
}
"""Constraints that no single invariant below says: they are in the shape of every object, or in the door itself."""


def _needs_one(key: str, path: str, *names: str) -> Invariant:
    return Invariant(key, path, None, some(*names), f"at least one of {', '.join(names)} is there")


RETRACTED = "entered-in-error"
ALLERGY_RETRACTED = coded("verificationStatus", TERMS + "allergyintolerance-verification", RETRACTED)
CONDITION_RETRACTED = coded("verificationStatus", TERMS + "condition-ver-status", RETRACTED)
ABATED = coded("clinicalStatus", TERMS + "condition-clinical", "resolved", "remission", "inactive")

CLINICAL = (
    Invariant(
        "ait-1",
        "AllergyIntolerance",
        None,
        any_of(ALLERGY_RETRACTED, has("clinicalStatus")),
        "clinicalStatus is there unless the record was entered in error",
    ),
    Invariant(
        "ait-2",
        "AllergyIntolerance",
        "clinicalStatus",
        not_(ALLERGY_RETRACTED),
        "a record entered in error has no clinicalStatus",
    ),
    Invariant("cpl-3", "CarePlan.activity", "detail", none("reference"), "either detail or reference"),
    Invariant(
        "cmp-1",
        "Composition.section",
        None,
        some("text", "entry", "section"),
        "a section has text, entries or sections",
    ),
    Invariant("cmp-2", "Composition.section", "emptyReason", none("entry"), "emptyReason only without entries"),
    Invariant(
        "con-4", "Condition", "abatement[x]", ABATED, "an abated condition is inactive, resolved or in remission"
    ),
    Invariant(
        "con-5",
        "Condition",
        "clinicalStatus",
        not_(CONDITION_RETRACTED),
        "a condition entered in error has no clinicalStatus",
    ),
    _needs_one("con-1", "Condition.stage", "summary", "assessment"),
    _needs_one("con-2", "Condition.evidence", "code", "detail"),
    Invariant("fhs-1", "FamilyMemberHistory", "age[x]", none("born[x]"), "either age or born"),
    Invariant("fhs-2", "FamilyMemberHistory", "estimatedAge", has("age[x]"), "estimatedAge needs age"),
    Invariant("gol-1", "Goal.target", "detail[x]", has("measure"), "a target's detail needs its measure"),
    _needs_one("imm-1", "Immunization.education", "documentType", "reference"),
    _needs_one("imr-1", "ImmunizationRecommendation.recommendation", "vaccineCode", "targetDisease"),
    _needs_one("mad-1", "MedicationAdministration.dosage", "dose", "rate[x]"),
    Invariant("mdd-1", "MedicationDispense", "whenHandedOver", rule("mdd-1"), "handed over after it was prepared"),
    Invariant("msq-3", "MolecularSequence", None, child("coordinateSystem", {"enum": [0, 1]}), "0 or 1"),
    Invariant(
        "msq-5",
        "MolecularSequence.referenceSeq",
        None,
        any_of(has("chromosome", "genomeBuild"), none("chromosome", "genomeBuild")),
        "chromosome and genomeBuild go together",
    ),
    Invariant(
        "msq-6",
        "MolecularSequence.referenceSeq",
        None,
        one("genomeBuild", "referenceSeqId", "referenceSeqPointer", "referenceSeqString"),
        "one way to say it",
    ),
    Invariant("obs-6", "Observation", "dataAbsentReason", none("value[x]"), "either a value or why there is none"),
    Invariant("obs-7", "Observation", "component", rule("obs-7"), "a component with the same code takes the value"),
    Invariant("obs-3", "Observation.referenceRange", None, some("low", "high", "text"), "low, high or text"),
    Invariant(
        "ras-1",
        "RiskAssessment.prediction",
        "probability[x]",
        child(
            "probabilityRange",
            {
                "properties": {
                    end: {
                        "required": ["code", "system"],
                        "properties": {"code": {"enum": ["%"]}, "system": {"enum": [UCUM]}},
                    }
                    for end in ("low", "high")
                }
            },
        ),
        "a probability is a percentage",
    ),
    Invariant("ras-2", "RiskAssessment.prediction", None, child("probabilityDecimal", {"maximum": 100}), "at most 100"),
    Invariant("prr-1", "ServiceRequest", "orderDetail", has("code"), "orderDetail needs code"),
    Invariant("inv-1", "Task", "lastModified", rule("tsk-1"), "lastModified is not before authoredOn"),
    Invariant("vsd-1", "ValueSet.compose.include", None, some("valueSet", "system"), "a valueSet or a system"),
    Invariant(
        "vsd-2",
        "ValueSet.compose.include",
        None,
        any_of(none("concept", "filter"), has("system")),
        "concepts and filters need a system",
    ),
    Invariant("vsd-3", "ValueSet.compose.include", "concept", none("filter"), "either concept or filter"),
    _needs_one("vsd-6", "ValueSet.expansion.contains", "code", "display"),
    Invariant(
        "vsd-9",
        "ValueSet.expansion.contains",
        None,
        any_of(has("code"), value("abstract", True)),
        "a code, unless abstract",
    ),
    Invariant("vsd-10", "ValueSet.expansion.contains", "code", has("system"), "a code needs its system"),
)

CANCELLED = ("no-show", "cancelled")

ADMINISTRATIVE = (
    Invariant("app-1", "Appointment.participant", None, some("type", "actor"), "a type or an actor"),
    Invariant(
        "app-2", "Appointment", None, any_of(has("start", "end"), none("start", "end")), "start and end go together"
    ),
    Invariant(
        "app-3",
        "Appointment",
        None,
        any_of(has("start", "end"), value("status", "proposed", "cancelled", "waitlist")),
        "only a proposed, cancelled or waitlisted appointment has no start and end",
    ),
    Invariant(
        "app-4",
        "Appointment",
        "cancelationReason",
        value("status", *CANCELLED),
        "cancelationReason only with no-show or cancelled",
    ),
    _needs_one("apr-1", "AppointmentResponse", "participantType", "actor"),
    Invariant("sev-1", "AuditEvent.entity", "name", none("query"), "either name or query"),
    _needs_one("ppc-1", "Consent", "policy", "policyRule"),
    Invariant(
        "ces-1",
        "CoverageEligibilityResponse.insurance.item",
        None,
        one("category", "productOrService"),
        "either category or productOrService",
    ),
    Invariant("grp-1", "Group", "member", value("actual", True), "only an actual group has members"),
    _needs_one("ipn-1", "InsurancePlan", "identifier", "name"),
    Invariant("lnk-1", "Linkage", None, child("item", {"minItems": 2}), "at least two items"),
    Invariant("lst-1", "List", "emptyReason", none("entry"), "emptyReason only without entries"),
    Invariant(
        "lst-2",
        "List",
        None,
        any_of(value("mode", "changes"), items("entry", {"not": {"required": ["deleted"]}})),
        "deleted only in a list of changes",
    ),
    Invariant(
        "lst-3",
        "List",
        None,
        any_of(value("mode", "working"), items("entry", {"not": {"required": ["date"]}})),
        "dates only in a working list",
    ),
    Invariant(
        "mea-1",
        "Measure.group.stratifier",
        None,
        any_of(
            all_of(some("code", "description", "criteria"), none("component")),
            all_of(none("code", "description", "criteria"), has("component")),
        ),
        "either a criterion or components",
    ),
    Invariant(
        "mrp-2", "MeasureReport.group.stratifier.stratum", None, one("value", "component"), "either value or component"
    ),
    Invariant(
        "mrp-1", "MeasureReport", "group", not_(value("type", "data-collection")), "data collections have no groups"
    ),
    _needs_one("org-1", "Organization", "identifier", "name"),
    Invariant(
        "org-2",
        "Organization",
        "address",
        items("address", {"properties": {"use": {"not": {"enum": ["home"]}}}}),
        "an organization has no home address",
    ),
    Invariant(
        "org-3",
        "Organization",
        "telecom",
        items("telecom", {"properties": {"use": {"not": {"enum": ["home"]}}}}),
        "an organization has no home contact",
    ),
    _needs_one("pat-1", "Patient.contact", "name", "telecom", "address", "organization"),
    Invariant("rqg-1", "RequestGroup.action", None, one("resource", "action"), "either resource or action"),
)

ENTRY = {"not": {"required": ["search"]}}


def _entries(key: str, name: str, *types: str) -> Invariant:
    with_it, without = {"required": [name]}, {"not": {"required": [name]}}
    term = any_of(
        all_of(value("type", *types), items("entry", with_it)),
        all_of(not_(value("type", *types)), items("entry", without)),
    )
    return Invariant(
        key, "Bundle", "entry", term, f"every entry has a {name} in {', '.join(types)}, and in no other type"
    )


def _resource(name: str) -> dict[str, object]:
    return {"required": ["resource"], "properties": {"resource": {"properties": {"resourceType": {"enum": [name]}}}}}


BUNDLES = (
    Invariant("bdl-1", "Bundle", "total", value("type", "searchset", "history"), "total only in searchset and history"),
    Invariant(
        "bdl-2",
        "Bundle",
        "entry",
        any_of(value("type", "searchset"), items("entry", ENTRY)),
        "search only in a searchset",
    ),
    _entries("bdl-3", "request", "batch", "transaction", "history"),
    _entries("bdl-4", "response", "batch-response", "transaction-response", "history"),
    Invariant("bdl-7", "Bundle", "entry", rule("bdl-7"), "a fullUrl is there once"),
    Invariant(
        "bdl-9",
        "Bundle",
        None,
        any_of(
            not_(value("type", "document")),
            all_of(has("identifier"), child("identifier", {"required": ["system", "value"]})),
        ),
        "a document has an identifier",
    ),
    Invariant(
        "bdl-10",
        "Bundle",
        None,
        any_of(not_(value("type", "document")), has("timestamp")),
        "a document has a timestamp",
    ),
    Invariant(
        "bdl-11",
        "Bundle",
        None,
        any_of(not_(value("type", "document")), first("entry", _resource("Composition"))),
        "a document begins with a Composition",
    ),
    Invariant(
        "bdl-12",
        "Bundle",
        None,
        any_of(not_(value("type", "message")), first("entry", _resource("MessageHeader"))),
        "a message begins with a MessageHeader",
    ),
    Invariant(
        "bdl-5", "Bundle.entry", None, some("resource", "request", "response"), "a resource, request or response"
    ),
    Invariant(
        "bdl-8",
        "Bundle.entry",
        "fullUrl",
        child("fullUrl", {"not": {"pattern": "/_history/"}}),
        "a fullUrl names no version",
    ),
    Invariant(
        "inv-1", "Parameters.parameter", None, one("value[x]", "resource", "part"), "one of value, resource, part"
    ),
)

DISPLAY = value("type", "display")
CHOICES = ("choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity")
LENGTHS = ("boolean", "decimal", "integer", "string", "text", "url", "open-choice")

FORMS = (
    Invariant(
        "que-1",
        "Questionnaire.item",
        None,
        all_of(any_of(not_(value("type", "group")), has("item")), any_of(not_(DISPLAY), none("item"))),
        "a group has items and a display has none",
    ),
    Invariant("que-2", "Questionnaire", "item", rule("que-2"), "a linkId is there once"),
    Invariant("que-3", "Questionnaire.item", "code", not_(DISPLAY), "a display has no code"),
    Invariant(
        "que-4", "Questionnaire.item", "answerOption", none("answerValueSet"), "either answerOption or answerValueSet"
    ),
    Invariant(
        "que-5",
        "Questionnaire.item",
        None,
        any_of(value("type", *CHOICES), none("answerOption", "answerValueSet")),
        "this type has no options",
    ),
    Invariant(
        "que-6",
        "Questionnaire.item",
        None,
        any_of(not_(DISPLAY), none("required", "repeats")),
        "a display is neither required nor repeated",
    ),
    Invariant(
        "que-7",
        "Questionnaire.item.enableWhen",
        None,
        any_of(not_(value("operator", "exists")), raw({"required": ["answerBoolean"]})),
        "exists is answered by true or false",
    ),
    Invariant(
        "que-8", "Questionnaire.item", "initial", not_(value("type", "group", "display")), "this type has no initial"
    ),
    Invariant("que-9", "Questionnaire.item", "readOnly", not_(DISPLAY), "a display is not readOnly"),
    Invariant("que-10", "Questionnaire.item", "maxLength", value("type", *LENGTHS), "this type has no maxLength"),
    Invariant("que-11", "Questionnaire.item", "answerOption", none("initial"), "either answerOption or initial"),
    Invariant(
        "que-12",
        "Questionnaire.item",
        None,
        any_of(child("enableWhen", {"maxItems": 2}), has("enableBehavior")),
        "more than two enableWhen need enableBehavior",
    ),
    Invariant(
        "que-13",
        "Questionnaire.item",
        None,
        any_of(value("repeats", True), child("initial", {"maxItems": 1})),
        "more than one initial only where the item repeats",
    ),
    Invariant("qrs-1", "QuestionnaireResponse.item", "answer", none("item"), "either answers or items"),
    Invariant(
        "cmd-1",
        "ConceptMap.group.element.target",
        None,
        any_of(has("comment"), child("equivalence", {"not": {"enum": ["narrower", "inexact"]}})),
        "narrower and inexact need a comment",
    ),
    Invariant(
        "cmd-2",
        "ConceptMap.group.unmapped",
        None,
        any_of(not_(value("mode", "fixed")), has("code")),
        "fixed needs code",
    ),
    Invariant(
        "cmd-3",
        "ConceptMap.group.unmapped",
        None,
        any_of(not_(value("mode", "other-map")), has("url")),
        "other-map needs url",
    ),
    Invariant("opd-1", "OperationDefinition.parameter", None, some("type", "part"), "a type or parts"),
    Invariant(
        "opd-2", "OperationDefinition.parameter", "searchType", value("type", "string"), "searchType only with string"
    ),
    Invariant(
        "opd-3",
        "OperationDefinition.parameter",
        "targetProfile",
        value("type", "Reference", "canonical"),
        "targetProfile only with Reference or canonical",
    ),
    Invariant("spd-1", "SearchParameter", "xpath", has("xpathUsage"), "xpath needs xpathUsage"),
    Invariant("spd-2", "SearchParameter", "chain", value("type", "reference"), "chain only with reference"),
)

INVARIANTS: tuple[Invariant, ...] = DATATYPES + CLINICAL + ADMINISTRATIVE + BUNDLES + FORMS
