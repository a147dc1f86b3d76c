"""The R4 invariants of data types and Bundles that the strict schema checks.

https://hl7.org/fhir/R4/conformance-rules.html#constraints
"""

from __future__ import annotations

from .terms import (
    UCUM,
    Invariant,
    all_of,
    any_of,
    child,
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
