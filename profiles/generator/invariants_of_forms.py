"""The R4 invariants of questionnaires and published definitions that the strict schema checks.

https://hl7.org/fhir/R4/conformance-rules.html#constraints
"""

from __future__ import annotations

from .terms import (
    Invariant,
    all_of,
    any_of,
    child,
    has,
    none,
    not_,
    raw,
    rule,
    some,
    value,
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
