"""What a payer answers to a request for authorization, as a record of ours. Pure.

http://hl7.org/fhir/us/davinci-pas/STU2.2/StructureDefinition-profile-claimresponse.html: whom and what it is about is
known from what was asked; what it points to beside that is the payer's, and is named without a reference.
"""

from __future__ import annotations

from typing import Any

from adapter.fhir.references import references

Resource = dict[str, Any]
_OURS = frozenset(("id", "meta", "text", "contained", "implicitRules", "patient", "insurer", "request", "insurance"))
"""Said by us, or none of a record of ours."""


def response_in(said: Resource) -> Resource | None:
    """The ClaimResponse in an answer, which is a Bundle that has one, or that itself; None for anything else."""
    entries = said.get("entry") if said.get("resourceType") == "Bundle" else [{"resource": said}]
    held = [one.get("resource") for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    found = [one for one in held if isinstance(one, dict) and one.get("resourceType") == "ClaimResponse"]
    return found[0] if len(found) == 1 and found[0].get("use") == "preauthorization" else None


def as_ours(answer: Resource, claim: Resource, payer: str) -> Resource:
    """The answer to a request of ours."""
    kept = {name: value for name, value in answer.items() if name not in _OURS}
    for _, element in references(kept):
        type = element.pop("reference").rpartition("/")[0].rpartition("/")[2]
        element.setdefault("display", f"{type or 'Record'} of the payer")
    asked = {name: claim[name] for name in ("insurance",) if name in claim}
    whose = {"patient": claim["patient"], "insurer": {"reference": f"Organization/{payer}"}}
    provider = {"requestor": claim["provider"]} if "provider" in claim else {}
    return kept | whose | {"request": {"reference": f"Claim/{claim['id']}"}} | provider | asked
