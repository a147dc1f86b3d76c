"""`Claim/$submit`, as it is published: the program's EHR asks a payer for authorization. Ours narrows Da Vinci PAS's;
the journey is `adapter.exchange.authorization_submitted`.

http://hl7.org/fhir/us/davinci-pas/STU2.2/OperationDefinition-Claim-submit.html
"""

from __future__ import annotations

from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.operations import Operation, Parameter

SUBMIT_CLAIM = Operation(
    "submit",
    canonical_operation("claim-submit"),
    "Ask a payer for authorization",
    (
        Parameter(
            "resource",
            "Resource",
            "A Bundle of type collection: the Claim (preauthorization, active, with an identifier) first, then its"
            " Patient, who is known here, and what else it points to. Sent twice, it is one.",
            required=True,
        ),
    ),
    (
        Parameter(
            "return",
            "Resource",
            "A Bundle of type collection: the ClaimResponse of the payer, or one that says queued until there is, and"
            " an OperationOutcome where something is to be said of the parts.",
            required=True,
        ),
    ),
    body="resource",
    base="http://hl7.org/fhir/us/davinci-pas/OperationDefinition/Claim-submit",
    changes=True,
    comment="A part is a record that is here by its address at this server (fullUrl), else by an identifier, and stays"
    " as it is; what is not here is made with the Claim, save a Patient. Nothing is sent to the payer but by a consent,"
    " as far as the payer may see it, and to a payer whose server is a partner.",
)
