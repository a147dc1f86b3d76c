"""The statements that go with records that leave under a consent, 42 CFR 2.32(a), in the words of the regulation.

https://www.ecfr.gov/current/title-42/section-2.32 (as amended by 89 FR 12472, effective 16 April 2024)
"""

from __future__ import annotations

VERSION = "2.32-2024"
"""Which texts went with a disclosure; a new text gets a new one."""

SHORT = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""2.32(a)(2)."""

LONG = (
    "This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). "
    "These rules prohibit you from using or disclosing this record, or testimony that describes the information "
    "contained in this record, in any civil, criminal, administrative, or legislative proceedings by any Federal, "
    "State, or local authority, against the patient, unless authorized by the consent of the patient, except as "
    "provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, "
    "the Federal rules prohibit you from making any other use or disclosure of this record unless at least one of the "
    "following applies: (i) Further use or disclosure is expressly permitted by the written consent of the individual "
    "whose information is being disclosed in this record or as otherwise permitted by 42 CFR part 2. (ii) You are a "
    "covered entity or business associate and have received the record for treatment, payment, or health care "
    "operations, or (iii) You have received the record from a covered entity or business associate as permitted by 45 "
    "CFR part 164, subparts A and E. A general authorization for the release of medical or other information is NOT "
    "sufficient to meet the required elements of written consent to further use or redisclose the record (see 42 CFR "
    "2.31)."
)
"""2.32(a)(1)."""

EXCEPTED = "Save what the patient has excepted or refused to be disclosed."
"""Goes with every explanation of a scope: what is excepted, and whether anything is, is not told."""

PLACE = f"/notice/{VERSION}"
"""Where the long statement stands, beside `/fhir`."""

Headers = tuple[tuple[bytes, bytes], ...]


def statement_url(base_url: str) -> str:
    """The address of the long statement, for a FHIR API at this address."""
    return base_url.removesuffix("/fhir") + PLACE


def headers(base_url: str) -> Headers:
    """With every answer alike, whatever is in it: otherwise the notice itself would tell."""
    link = f'<{statement_url(base_url)}>; rel="terms-of-service", '
    link += f'<{base_url}/OperationDefinition/consent-scope>; rel="help"'
    return (b"x-confidentiality-notice", SHORT.encode()), (b"link", link.encode())


def page(base_url: str) -> str:
    """The long statement as it is published, and where the scope of a consent is told, 2.32(b)."""
    return (
        f"42 CFR 2.32(a)(1) ({VERSION})\n\n{LONG}\n\n"
        "42 CFR 2.32(b): a client that was sent records of a patient is told the scope of the consents at\n"
        f"{base_url}/Patient/ID/$consent-scope\n"
    )
