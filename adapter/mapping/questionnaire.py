"""The form whose answers a map reads, as a Questionnaire: its groups and questions are the slices of the map's rows.

R4: https://hl7.org/fhir/R4/questionnaire.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapter.fhir.canonical import VERSION, value_set
from adapter.mapping.concept import Concept, MappedConcept
from adapter.mapping.paths import Step
from adapter.mapping.rows import Each, Row, Shape

Resource = dict[str, Any]
# The kind of question for the type of its answer; a text may have several lines.
_KINDS = {"string": "text", "Coding": "choice"}
_RATING = (("minValue", 0), ("maxValue", 4))


def questionnaires(concepts: Iterable[Concept]) -> Iterator[Resource]:
    """The form of every concept that is answers to one of ours."""
    for concept in concepts:
        if isinstance(concept, MappedConcept) and concept.resource_type == "QuestionnaireResponse":
            yield _form(concept)


def _form(concept: MappedConcept) -> Resource:
    [url] = [fixed.element for fixed in concept.shape.fixed if fixed.path.text == "questionnaire"]
    items: list[Resource] = []
    _add(concept.shape, (), items, repeats=())
    return {
        "resourceType": "Questionnaire",
        "id": url.rpartition("/")[2],
        "url": url,
        "version": VERSION,
        "name": "".join(word.capitalize() for word in concept.name.split("_")),
        "title": concept.name.replace("_", " ").capitalize(),
        "status": "active",
        "experimental": False,
        "subjectType": ["Patient"],
        "item": items,
    }


def _add(shape: Shape, above: Sequence[Step], items: list[Resource], repeats: Sequence[Step]) -> None:
    """Put every question of a shape in its place among the items; `repeats` are the groups that come several times."""
    for row in shape.rows:
        steps = (*above, *_links(row.paths[0].steps))
        if _links(row.paths[0].steps):
            _place(items, steps, repeats).update(_question(row))
    for each in shape.eaches:
        _each(each, above, items, repeats)


def _each(each: Each, above: Sequence[Step], items: list[Resource], repeats: Sequence[Step]) -> None:
    if links := _links(each.path.steps):
        _add(each.shape, (*above, *links), items, (*repeats, links[-1]))


def _links(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if "linkId" in step.slice.match)


def _place(items: list[Resource], steps: Sequence[Step], repeats: Sequence[Step]) -> Resource:
    """The item at the end of the steps, made with its groups where it is not there yet."""
    step, *below = steps
    link = step.slice.match["linkId"]
    found = next((item for item in items if item["linkId"] == link), None)
    if found is None:
        found = {"linkId": link, "text": step.slice.new["text"]} | ({"repeats": True} if step in repeats else {})
        items.append(found)
    if not below:
        return found
    found["type"] = "group"
    return _place(found.setdefault("item", []), below, repeats)


def _question(row: Row) -> Resource:
    kind = row.codec.types[0]
    rated = [{"url": f"http://hl7.org/fhir/StructureDefinition/{name}", "valueInteger": to} for name, to in _RATING]
    return {
        "type": _KINDS.get(kind, kind),
        **({"required": True} if not row.optional else {}),
        **({"answerValueSet": value_set(row.table)} if row.table else {}),
        **({"extension": rated} if row.codec.name == "rating" else {}),
    }
