"""`$submit-referral`, as it is published: somebody outside refers a person to the program. An operation of ours;
the journey is `adapter.referral`.
"""

from __future__ import annotations

from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.operations import Operation, Parameter

SUBMIT_REFERRAL = Operation(
    "submit-referral",
    canonical_operation("submit-referral"),
    "Refer a person to the program",
    (
        Parameter(
            "referral",
            "Resource",
            "A Bundle (transaction, collection, document or message) with one Patient and one ServiceRequest, or a"
            " ServiceRequest that contains its Patient. Sent twice, it is one.",
            required=True,
        ),
    ),
    (
        Parameter("task", "Resource", "The Task that follows the referral.", required=True),
        Parameter("referral", "Reference", "The ServiceRequest.", required=True),
        Parameter("outcome", "Resource", "What was made of its parts, and what is missing.", required=True),
    ),
    body="referral",
    changes=True,
    comment="Also takes multipart/form-data: a small form (family, given, birth_date, reason, ...) and files (document:"
    " C-CDA, PDF, images, text; consent: the signed form), of which the ServiceRequest, Patient and DocumentReferences"
    " are made. What the form does not say is taken from the header of a C-CDA document, else named in the outcome by"
    " its field. The answer is the same.",
    clients=True,
)
