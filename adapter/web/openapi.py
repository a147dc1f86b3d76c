"""What `/iop` looks like, for OpenAPI: every concept with its fields, tables and an example, from the compiled maps.

`/fhir` is described there too, in short: its own statement is the CapabilityStatement at /fhir/metadata.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from adapter.interactions.forms import AnyForm
from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.native_aggregate_list import THROUGH
from adapter.interactions.native_list import READ_FROM, filters
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.interactions.work_lists import KNOWN
from adapter.mapping.rows import Field, object_schema
from adapter.problems import Problem
from adapter.web.fhir import ROUTES
from adapter.web.native_verbs import Verb

Json = dict[str, Any]
ID = "0192f0c1-5a3e-7cc2-9d5b-2f8a6f0e4c11"
# One likely value for each codec whose schema does not show one; invented, as every example here.
VALUES: Mapping[str, Any] = {
    "text": "as said",
    "markdown": "as said",
    "uri": "https://clinic.example/ids",
    "url": "https://clinic.example/room",
    "time": "09:00:00",
    "moment": "2026-03-02T09:00:00-05:00",
    "instant": "2026-03-02T14:00:00Z",
    "date": "2026-03-02",
    "boolean": True,
    "integer": 9,
    "decimal": 1.5,
    "minutes": 180,
    "score": 12,
    "rating": 2,
    "boolean_or_moment": False,
    "codes_or_reference": {"text": "as said"},
    "dose": {"value": 8, "unit": "mg"},
    "attachment": {"content_type": "application/pdf", "url": "https://clinic.example/documents/1", "title": "as said"},
    "note": "called, no answer",
    "period": {"start": "2026-03-02", "end": "2026-05-29"},
    "human_name": {"use": "official", "family": "Invented", "given": ["Ada"]},
    "telecom": {"system": "phone", "value": "555-0100", "use": "mobile"},
    "address": {"use": "work", "lines": ["1 Invented Way"], "city": "Springfield", "postal_code": "00000"},
    "identifier": {"system": "https://clinic.example/ids", "value": "0042"},
    "sole_identifier": [{"system": "https://clinic.example/ids", "value": "0042"}],
    "open_coding": {"system": "https://clinic.example/codes", "code": "x", "display": "as said"},
    "codes": {"codes": [{"system": "https://clinic.example/codes", "code": "x"}], "text": "as said"},
    "schedule": {"times": 3, "per": "week", "minutes": 180},
}
# Ends come after the beginnings that VALUES gives.
ENDS: Mapping[str, Any] = {"planned_end": "2026-03-02T17:00:00Z", "ended_at": "2026-03-02T12:00:00-05:00"}
QUANTITY = {"value": 50, "unit": "ng/mL"}
# An example is of something that goes on: how it ended would need other words in other fields.
ENDED = frozenset({"ended_on"})
FORMATS: Mapping[str, Any] = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T09:00:00-05:00",
    "uri": "https://clinic.example/ids",
}

STATUSES: Mapping[str, tuple[str, ...]] = {"create": ("201",), "put": ("200", "201"), "delete": ("204",)}
REFUSED: Json = {"default": {"description": "an OperationOutcome that names every field that is wrong"}}


def described(program: Program, kind: AnyForm, verb: Verb) -> Json:
    """What one verb takes and gives for one kind of document; a create shows an example."""
    extra: Json = {"parameters": _parameters(program, kind, verb)}
    if verb.takes:
        schema = {"type": "object"} if verb.name == "patch" else _named(kind)
        media = {"schema": schema, "example": example(kind)} if verb.name == "create" else {"schema": schema}
        extra["requestBody"] = {"required": True, "content": dict.fromkeys(sorted(verb.takes), media)}
    extra["responses"] = _responses(kind, verb)
    return extra


def success(verb: Verb) -> int:
    """The first status of a success."""
    return int(_statuses(verb)[0])


def _statuses(verb: Verb) -> tuple[str, ...]:
    return STATUSES.get(verb.name, ("200",))


def _responses(kind: AnyForm, verb: Verb) -> Json:
    schema = _page(kind) if verb.name == "list" else _read(kind)
    given = _given("the document, its version in the ETag header", "application/json", schema)
    if verb.name == "delete":
        given = {"description": "gone"}
    told: Json = dict.fromkeys(_statuses(verb), given)
    if verb.method == "GET":
        told["304"] = {"description": "the reader has it: its ETag is in If-None-Match"}
    return told | REFUSED


def importing(taken: Collection[str]) -> Json:
    """What an import takes, in these media types, and gives."""
    media = {"schema": {"type": "string"}}
    atomic = _query("atomic", {"type": "boolean", "default": False}, "all lines or none, as one commit")
    told = "one JSON object for each record: line, outcome, and its id or its issues"
    return {
        "parameters": [atomic],
        "requestBody": {
            "required": True,
            "content": dict.fromkeys(sorted(taken), media),
            "description": "a document a line, with its `concept`; one with an `id` or practice key can be repeated",
        },
        "responses": {"200": _given(told, "application/x-ndjson", {"type": "string"})} | REFUSED,
    }


def listing(name: str) -> Json:
    """What a work list can be narrowed by, and what it gives."""
    # Who a reference that waits concerns is known only when its record has come.
    known = [word for word in KNOWN if (name, word) != ("pending", "participant")]
    items = {"type": "array", "items": {"type": "object"}}
    page = {"type": "object", "properties": {"items": items, "next": {"type": "string", "format": "uri"}}}
    return {
        "parameters": [_query(word, {"type": "string"}) for word in known],
        "responses": {"200": _given("one page of the list", "application/json", page)} | REFUSED,
    }


def _given(description: str, media: str, schema: Json) -> Json:
    return {"description": description, "content": {media: {"schema": schema}}}


def _query(name: str, schema: Json, description: str = "") -> Json:
    said = {"description": description} if description else {}
    return {"name": name, "in": "query", "schema": schema} | said


def _read(kind: AnyForm) -> Json:
    """The document as it is read: with what is told about it, which nobody writes."""
    told = [{"type": "object", "required": [name]} for name in ("incomplete", "residue")]
    return {"anyOf": [_named(kind), *told]}


def _page(kind: AnyForm) -> Json:
    records = {"type": "array", "items": _read(kind)}
    uri = {"type": "string", "format": "uri"}
    return {"type": "object", "properties": {"records": records, "next": uri, "also": {"type": "array", "items": uri}}}


def description(kind: AnyForm) -> str:
    """The fields as a Markdown table: native name, FHIR element, codec, table of words, whether it may be absent."""
    rows = ["| field | FHIR element | form | words | optional |", "|---|---|---|---|---|"]
    return "\n".join((*rows, *_rows(kind.fields, "")))


def _rows(fields: Iterable[Field], prefix: str) -> Iterable[str]:
    for field in fields:
        words = ", ".join(field.words) or (field.table or "")
        yield f"| {prefix}{field.name} | {field.path} | {field.codec} | {words} | {'yes' if field.optional else ''} |"
        yield from _rows(field.fields, f"{prefix}{field.name}.")


def components(kinds: Iterable[AnyForm]) -> Json:
    """The JSON Schemas of all documents as written: with their id or without."""
    schemas = {}
    for kind in kinds:
        schema = object_schema(tuple(kind.fields))
        # What records share may be named by whoever wrote the first of them.
        shared = isinstance(kind, AggregateForm) and not kind.aggregate.root
        id = {"type": "string", "minLength": 1} if shared else {"type": "string", "format": "uuid"}
        properties = {"id": id} | schema["properties"]
        schemas[kind.name] = schema | {"properties": properties, "description": description(kind)}
    return {"schemas": schemas}


def _named(kind: AnyForm) -> Json:
    return {"$ref": f"#/components/schemas/{kind.name}"}


def example(kind: AnyForm) -> Json:
    """A document with a likely value in every field that a person writes, without those that do not go together."""
    document = _example(kind.fields)
    while True:
        try:
            kind.check({"id": ID} | document)
            return document
        except Problem as problem:
            # When nothing is left to drop, a description with a doubtful example is better than no door; a test
            # posts every example of the shipped maps.
            dropped = [_drop(document, issue.expression or "") for issue in problem.issues]
            if not any(dropped):
                return document


def _drop(document: Json, expression: str) -> bool:
    """Take out what `checks[0].finding` or `checks[0]` names; whether it was there."""
    *way, last = re.findall(r"\w+", expression) or [""]
    held: Any = document
    for step in way:
        if isinstance(held, list) and step.isdigit() and int(step) < len(held):
            held = held[int(step)]
        else:
            held = held.get(step) if isinstance(held, dict) else None
    if isinstance(held, list) and last.isdigit() and int(last) < len(held):
        del held[int(last)]
        return True
    return isinstance(held, dict) and held.pop(last, None) is not None


def _example(fields: Iterable[Field]) -> Json:
    return {field.name: _value(field) for field in fields if not field.computed and field.name not in ENDED}


def _value(field: Field) -> Any:
    if field.name in ENDS:
        return ENDS[field.name]
    if field.fields:
        return [_example(field.fields)]
    if field.words:
        one: Any = field.words[0]
    elif field.codec == "finding":
        one = {"finding": _of(field.schema["properties"]["finding"])}
    elif field.codec == "quantity" and field.unit is None:
        one = QUANTITY
    elif field.codec in ("reference", "named_reference"):
        one = ID if len(field.to) == 1 else f"{field.to[0]}/{ID}" if field.to else ID
    else:
        schema = field.schema.get("items", field.schema) if field.many else field.schema
        one = VALUES.get(field.codec, _of(schema))
    return [one] if field.many else one


def _of(schema: Mapping[str, Any]) -> Any:
    """A value that fits a schema of ours."""
    for listed in ("enum", "examples"):
        if listed in schema:
            return schema[listed][0]
    if "anyOf" in schema:
        return _of(schema["anyOf"][0])
    kind = schema.get("type")
    if kind == "object":
        return {name: _of(part) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_of(schema["items"])]
    plain: Mapping[Any, Any] = {"integer": 1, "number": 1.5, "boolean": True}
    return plain.get(kind, FORMATS.get(schema.get("format", ""), "as said"))


def _parameters(program: Program, kind: AnyForm, verb: Verb) -> list[Json]:
    found: list[Json] = []
    if verb.one:
        found.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    if verb.name in ("put", "patch", "delete"):
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": verb.name != "put",
                "schema": {"type": "string"},
                "description": "the ETag that you saw; a record that is there is not changed without (428)",
            }
        )
    if verb.method == "GET":
        found.append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"}})
    if verb.name == "get":
        found.append(_query("with", {"enum": ["residue"]}, "what the map does not cover"))
    return found + (_listing_parameters(program, kind) if verb.name == "list" else [])


def _listing_parameters(program: Program, kind: AnyForm) -> list[Json]:
    names = (*filters(program, kind.listed_type), "limit", "page")
    found = [_query(name, {"type": "string"}) for name in names]
    if isinstance(kind, RecordForm) and kind.concept.resource_types[1:]:
        found.append(_query(READ_FROM, {"enum": list(kind.concept.resource_types)}, "the type it is of; see `also`"))
    if isinstance(kind, AggregateForm) and not kind.aggregate.root:
        found.append(_query(THROUGH, {"enum": list(kind.aggregate.members)}, "its records walked; `next` says it"))
    return found


def fhir_paths(program: Program, prefix: str) -> Json:
    """The routes of the FHIR door."""
    paths: Json = {}
    for route in ROUTES:
        names = iter(("{type}", "{id}", "{version}"))
        parts = [next(names) if part == "*" else part for part in route.shape]
        paths.setdefault("/".join((f"{prefix}/fhir", *parts)), {})[route.method.lower()] = {
            "summary": f"FHIR R4 {route.interaction}",
            "tags": ["fhir"],
            "description": f"types, parameters and profiles: {program.base_url}/metadata",
            "parameters": [
                {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
                for part in parts
                if part.startswith("{")
            ],
            "responses": {"default": {"description": "application/fhir+json"}},
        }
    return paths
