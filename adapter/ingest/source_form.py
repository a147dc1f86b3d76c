"""The form of a source file, as a JSON Schema: what may stand where. What its names mean is checked afterwards."""

from __future__ import annotations

from typing import Any

from jsonschema_rs import Draft202012Validator

from adapter.mapping.declarations import Declaration

Schema = dict[str, Any]


def _table(**named: Schema) -> Schema:
    """A TOML table in which these names are of these forms; other names are told by the reader of the table."""
    return {"type": "object", "properties": named}


def _of(each: Schema) -> Schema:
    """A TOML table whose names are free."""
    return {"type": "object", "additionalProperties": each}


_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"type": "array", "items": _TEXT, "minItems": 1}
_VALUE: Schema = {"type": ["string", "boolean", "integer"]}
_FIELD = _table(
    **dict.fromkeys(("column", "as", "words", "unless", "record", "key", "kind", "lookup", "table"), _TEXT),
    **dict.fromkeys(("at", "start", "end"), _TEXT),
    columns=_TEXTS,
    match=_TEXTS,
    value=_VALUE,
)
_FIELDS = _of({"$ref": "#/$defs/field"})
_RULE = _table(
    when=_of({"anyOf": [_TEXT, _TEXTS]}),
    also=_TEXTS,
    fields=_FIELDS,
    lists=_of(_table(table=_TEXT, by=_TEXT, order=_TEXT, fields=_FIELDS)),
)
_ROWS = _table(
    key=_TEXT,
    columns=_of({"anyOf": [_TEXT, _table(key=_TEXT, ignored=_TEXT)]}),
    joins=_of(_table(table=_TEXT, by=_TEXT, on=_TEXT, optional={"type": "boolean"})),
    makes=_of(_RULE),
)
FORM: Schema = {
    **_table(
        source=_TEXT,
        zone=_TEXT,
        keys=_of(_table(system=_TEXT, digits={"type": "integer", "minimum": 1, "maximum": 64})),
        words=_of(_of(_VALUE)),
        once=_of(_table(key=_TEXT, value=_TEXT, fields=_FIELDS)),
        tables=_of(_ROWS),
    ),
    "$defs": {"field": {"anyOf": [_TEXT, _FIELD, {"type": "array", "items": _FIELDS, "minItems": 1}]}},
}


def well_formed(declared: Declaration) -> bool:
    """Whether everything is of its form; what is not is refused at its line."""
    errors = list(Draft202012Validator(FORM).iter_errors(_plain(declared.content)))
    for error in errors:
        declared.refuse(f"{error.message}", *(str(step) for step in error.instance_path))
    return not errors


def _plain(value: Any) -> Any:
    """JSON values only: TOML's dates and times become text, which is what they should have been."""
    if isinstance(value, dict):
        return {name: _plain(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value if isinstance(value, str | int | float) else str(value)
