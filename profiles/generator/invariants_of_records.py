"""The R4 invariants of clinical and administrative resources that the strict schema checks.

https://hl7.org/fhir/R4/conformance-rules.html#constraints
"""

from __future__ import annotations

from .terms import (
    TERMS,
    UCUM,
    Invariant,
    all_of,
    any_of,
    child,
    coded,
    has,
    items,
    needs_one,
    none,
    not_,
    one,
    rule,
    some,
    value,
)

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
    needs_one("con-1", "Condition.stage", "summary", "assessment"),
    needs_one("con-2", "Condition.evidence", "code", "detail"),
    Invariant("fhs-1", "FamilyMemberHistory", "age[x]", none("born[x]"), "either age or born"),
    Invariant("fhs-2", "FamilyMemberHistory", "estimatedAge", has("age[x]"), "estimatedAge needs age"),
    Invariant("gol-1", "Goal.target", "detail[x]", has("measure"), "a target's detail needs its measure"),
    needs_one("imm-1", "Immunization.education", "documentType", "reference"),
    needs_one("imr-1", "ImmunizationRecommendation.recommendation", "vaccineCode", "targetDisease"),
    needs_one("mad-1", "MedicationAdministration.dosage", "dose", "rate[x]"),
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
    needs_one("vsd-6", "ValueSet.expansion.contains", "code", "display"),
    Invariant(
        "vsd-9",
        "ValueSet.expansion.contains",
        None,
        any_of(has("code"), value("abstract", True)),
        "a code, unless abstract",
    ),
    Invariant("vsd-10", "ValueSet.expansion.contains", "code", has("system"), "a code needs its system"),
)


# The expression of R4's app-4 says `no-show`, which is no code of the status that its words mean: that is `noshow`.
CANCELLED = ("noshow", "cancelled")

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
        "cancelationReason only with noshow or cancelled",
    ),
    needs_one("apr-1", "AppointmentResponse", "participantType", "actor"),
    Invariant("sev-1", "AuditEvent.entity", "name", none("query"), "either name or query"),
    needs_one("ppc-1", "Consent", "policy", "policyRule"),
    Invariant(
        "ces-1",
        "CoverageEligibilityResponse.insurance.item",
        None,
        one("category", "productOrService"),
        "either category or productOrService",
    ),
    Invariant("grp-1", "Group", "member", value("actual", True), "only an actual group has members"),
    needs_one("ipn-1", "InsurancePlan", "identifier", "name"),
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
    needs_one("org-1", "Organization", "identifier", "name"),
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
    needs_one("pat-1", "Patient.contact", "name", "telecom", "address", "organization"),
    Invariant("rqg-1", "RequestGroup.action", None, one("resource", "action"), "either resource or action"),
)
