"""What else the program publishes: its SearchParameters and OperationDefinitions, from their data files, as FSH.

R4: https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/operationdefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.fhir.canonical import BASE

from .fsh_text import definition, pascal, quoted, words


def search_parameters(own: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Our own search parameters, each over all the types it is for."""
    for name, given in own.items():
        expressions = given["expressions"]
        text = given.get("description") or f"The {words(name).lower()} that a record belongs to."
        rules = [
            f'url = "{BASE}/SearchParameter/{name}"',
            f'name = "Iop{pascal(name)}"',
            "status = #active",
            "experimental = false",
            f"description = {quoted(text)}",
            f"code = #{name}",
            *(f"base[{number}] = #{kind}" for number, kind in enumerate(expressions)),
            f"type = #{given['type']}",
            f"expression = {quoted(' | '.join(expressions.values()))}",
            "xpathUsage = #normal",
            *(f"target[{number}] = #{kind}" for number, kind in enumerate(given.get("targets", ()))),
        ]
        yield _instance(name, "SearchParameter", f"Search by {words(name).lower()}", rules)


def operations(given: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Our own operations by id, as `profiles/operations.toml` describes them."""
    for id, about in given.items():
        rules = [
            f'url = "{BASE}/OperationDefinition/{id}"',
            f'name = "Iop{pascal(id)}"',
            f"title = {quoted(about['title'])}",
            "status = #active",
            "experimental = false",
            "kind = #operation",
            f"description = {quoted(about['description'])}",
            f"affectsState = {str(about.get('changes', False)).lower()}",
            f"code = #{about['code']}",
            *(f"resource[{number}] = #{kind}" for number, kind in enumerate(about.get("resources", ()))),
            *(f"{level} = {str(level in about['levels']).lower()}" for level in ("system", "type", "instance")),
        ]
        for number, parameter in enumerate(about["parameters"]):
            at = f"parameter[{number}]"
            rules += [
                f"{at}.name = #{parameter['name']}",
                f"{at}.use = #{parameter['use']}",
                f"{at}.min = {parameter['min']}",
                f'{at}.max = "{parameter["max"]}"',
                f"{at}.documentation = {quoted(parameter['documentation'])}",
                f"{at}.type = #{parameter['type']}",
            ]
        yield _instance(id, "OperationDefinition", about["title"], rules)


def _instance(id: str, kind: str, title: str, rules: list[str]) -> str:
    fields = [("InstanceOf", kind), ("Title", quoted(title)), ("Usage", "#definition")]
    return definition("Instance", id, fields, rules)
