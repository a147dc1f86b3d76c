"""How a long body is packed for whoever takes it so: gzip (RFC 1952) or zstd (RFC 8878), each at its first level.

RFC 9110, 12.5.3. At the first levels both are many times as fast as zlib, and the text is no longer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from isal import isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from adapter.web.negotiation import weight

GZIP_WINDOW = 31
"""What zlib calls the greatest window, with gzip's head and end around it."""


class Press(Protocol):
    """Packs what it is given, piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """What is ready of what was given."""

    def flush(self) -> bytes:
        """The rest."""


def _gzip() -> Press:
    return isal_zlib.compressobj(1, isal_zlib.DEFLATED, GZIP_WINDOW)


def _zstd() -> Press:
    return zstd.ZstdCompressor(level=1)


PRESSES: dict[str, Callable[[], Press]] = {"gzip": _gzip, "zstd": _zstd}
"""By what each is called in Content-Encoding; of those that are taken alike the first."""
_ALIASES = {"x-gzip": "gzip"}


@lru_cache(maxsize=256)
def coding(accepted: str) -> str | None:
    """The coding that an Accept-Encoding takes best of those there are; None where it takes none of them."""
    weights: dict[str, float] = {}
    for offer in accepted.lower().split(","):
        name, _, rest = (part.strip() for part in offer.partition(";"))
        quality = rest.removeprefix("q=").strip() if rest.startswith("q=") else "1"
        weights[_ALIASES.get(name, name)] = weight(quality)
    best = max(PRESSES, key=lambda name: weights.get(name, 0.0))
    return best if weights.get(best) else None
