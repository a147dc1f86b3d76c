"""What bounds and surrounds a search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """The server's own base URL (no slash at the end), page sizes, the secret of page links, the time it is, and how
    many alternatives a parameter, how many parameters a search and how many includes it may have.

    `lenient`: an unknown parameter is passed over and named in the answer, instead of refused.
    """

    base_url: str
    default_count: int
    max_count: int
    secret: bytes
    now: datetime
    or_limit: int = 100
    and_limit: int = 15
    lenient: bool = False
