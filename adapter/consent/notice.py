"""The statement that goes with records that leave under a consent, 42 CFR 2.32(a), in the words of the regulation.

https://www.ecfr.gov/current/title-42/section-2.32 (as amended by 89 FR 12472, effective 16 April 2024)
"""

from __future__ import annotations

VERSION = "2.32-2024"
"""Which text went with a disclosure; a new text gets a new one."""

SHORT = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""2.32(a)(2)."""

HEADERS: tuple[tuple[bytes, bytes], ...] = ((b"x-confidentiality-notice", SHORT.encode()),)
"""With every answer alike, whatever is in it: otherwise the notice itself would tell."""
