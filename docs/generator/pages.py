"""All pages that are made from the maps alone, and the list of them."""

from __future__ import annotations

from docs.generator.aggregate_page import aggregate_page
from docs.generator.code_page import shared_codes
from docs.generator.concept_page import concept_page
from docs.generator.context import Context
from docs.generator.markdown import page, table

INDEX = "README.md"


def concept_pages(context: Context) -> dict[str, str]:
    """File name below `docs/concepts` to text, the same for the same maps and fixtures."""
    return {
        INDEX: _index(context),
        "shared-codes.md": shared_codes(context),
        **{f"{name}.md": concept_page(context, name) for name in context.concepts},
        **{f"{name}.md": aggregate_page(context, name) for name in context.aggregates},
    }


def _index(context: Context) -> str:
    concepts = (
        (f"[{name}]({name}.md)", _types(file.content), context.profile(file)["description"])
        for name, file in context.concepts.items()
    )
    forms = (
        (f"[{name}]({name}.md)", ", ".join(context.maps.aggregates[name].members), _said(file.head))
        for name, file in context.aggregates.items()
    )
    return page(
        "mappings, fixtures and profiles",
        "# Concepts",
        "One page for each record that the program keeps: its fields, their place in FHIR R4, the codes, what "
        "becomes of what is not mapped, and an example.",
        "How to change one: [changing-maps.md](../changing-maps.md). What of other people's resources is "
        "understood: [inbound.md](../inbound.md).",
        table(("native record", "FHIR", "what it is"), concepts),
        "## Forms over several records",
        table(("form", "its records", "what it is"), forms),
        "Codes that many concepts use are on [a page of their own](shared-codes.md).",
    )


def _types(content: dict[str, object]) -> str:
    reads = content.get("reads", {})
    also = f" (reads {', '.join(reads)})" if isinstance(reads, dict) and reads else ""
    return f"{content['resource']}{also}"


def _said(head: list[str]) -> str:
    """The first line of a file, behind its name."""
    return head[0].partition("<->")[2].strip() or head[0]
