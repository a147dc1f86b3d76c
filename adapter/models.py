"""Typed FHIR models for Python users: a stored resource as a `fhir.resources` object, and back to its exact form.

https://hl7.org/fhir/R4/resourcelist.html. Needs the extra `models` (`pip install iop-fhir-adapter[models]`). Nothing
else here uses it: that library has no R4 4.0.1 (R4B is the nearest, and lacks 18 of its types), costs many times the
parse, and prints some of what it holds otherwise than it was sent:

* elements come in the order of the definitions;
* decimals are doubles: 1.10 becomes 1.1, 1e2 becomes 100, digits beyond the seventeenth are lost;
* times are kept to the microsecond: a fraction of zeros goes, another gets six digits, what is beyond is cut; the
  offset +00:00 becomes Z.

So a resource goes back by comparison (`untyped`): what was not changed keeps the form in which it was sent.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fhir_core.fhirabstractmodel import FHIRAbstractModel

Resource = dict[str, Any]


def typed(resource: bytes | str | Resource) -> FHIRAbstractModel:
    """The resource, as text or parsed, as an R4B model.

    ValueError when the model refuses it or R4B has no such type; ImportError without the extra `models`. A model is no
    proof that a resource is sound R4: the library lets known faults through.
    """
    from fhir.resources.R4B import get_fhir_model_class

    content = _decimals(resource) if isinstance(resource, dict) else json.loads(resource, parse_float=Decimal)
    kind = content.get("resourceType")
    try:
        model = get_fhir_model_class(str(kind))
    except (LookupError, ValueError) as unknown:
        raise ValueError(f"{kind} is not a resource type of R4B") from unknown
    return model.model_validate(content)


def untyped(model: FHIRAbstractModel, sent: bytes | str | Resource) -> Resource:
    """The resource of a model that was made of `sent`: what was not changed is as it was sent, down to the digits.

    Elements keep their order; new ones follow. A list that grew or shrank keeps the form of the members that are the
    same. A change that a model does not print, as from 1.10 to 1.1, is none. Numbers are Decimals where `sent` is text,
    and else its own.
    """
    given = sent if isinstance(sent, dict) else json.loads(sent, parse_float=Decimal)
    restored: Resource = _restored(given, _printed(typed(sent)), _printed(model))
    return restored


def _printed(model: FHIRAbstractModel) -> Any:
    return json.loads(model.model_dump_json(), parse_float=Decimal)


def _restored(sent: Any, was: Any, now: Any) -> Any:
    """`now`, with the form of `sent` wherever `now` is what `sent` was printed as."""
    if was == now:
        return sent
    if isinstance(sent, dict) and isinstance(was, dict) and isinstance(now, dict):
        kept = {name: _restored(sent[name], was.get(name), now[name]) for name in sent if name in now}
        return kept | {name: value for name, value in now.items() if name not in sent}
    if isinstance(sent, list) and isinstance(was, list) and isinstance(now, list):
        return _members(sent, was, now)
    return now


def _members(sent: list[Any], was: list[Any], now: list[Any]) -> list[Any]:
    """Members are matched by place while there are as many as before, else by what they are."""
    if len(sent) == len(was) == len(now):
        return [_restored(*three) for three in zip(sent, was, now, strict=True)]
    return [next((s for s, w in zip(sent, was, strict=False) if w == member), member) for member in now]


def _decimals(value: Any) -> Any:
    """A parsed value with its floats as Decimals; a number that keeps its text (`adapter.fhir.json`) goes by that."""
    if isinstance(value, dict):
        return {name: _decimals(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_decimals(inner) for inner in value]
    return Decimal(getattr(value, "text", None) or repr(value)) if isinstance(value, float) else value
