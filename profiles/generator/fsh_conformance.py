"""What else the program publishes: its SearchParameters, from search.toml, as FSH.

R4: https://hl7.org/fhir/R4/searchparameter.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.fhir.canonical import BASE

from .fsh_text import definition, pascal, quoted, words


def search_parameters(own: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Our own search parameters, each over all the types it is for; one with a `url` is defined elsewhere."""
    for name, given in own.items():
        if "url" in given:
            continue
        expressions = given["expressions"]
        rules = [
            f'url = "{BASE}/SearchParameter/{name}"',
            f'name = "Iop{pascal(name)}"',
            "status = #active",
            "experimental = false",
            f"description = {quoted(given['description'])}",
            f"code = #{name}",
            *(f"base[{number}] = #{kind}" for number, kind in enumerate(expressions)),
            f"type = #{given['type']}",
            f"expression = {quoted(' | '.join(expressions.values()))}",
            "xpathUsage = #normal",
            *(f"target[{number}] = #{kind}" for number, kind in enumerate(given.get("targets", ()))),
        ]
        yield _instance(name, "SearchParameter", f"Search by {words(name).lower()}", rules)


def _instance(id: str, kind: str, title: str, rules: list[str]) -> str:
    fields = [("InstanceOf", kind), ("Title", quoted(title)), ("Usage", "#definition")]
    return definition("Instance", id, fields, rules)
