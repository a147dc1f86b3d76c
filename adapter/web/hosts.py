"""Which hosts may be named in a request: a page elsewhere must not reach this server under a name of its own.

Without authorization, whoever can make a browser on this machine send requests could read everything; a rebound DNS
name is refused here because it is not one of ours.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from adapter.settings import Settings


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Host names, without port, under which the server answers."""
    base = urlsplit(settings.base_url).hostname or ""
    return frozenset({"localhost", "127.0.0.1", "[::1]", settings.host.lower(), base.lower()})


@lru_cache(maxsize=256)
def host_name(header: bytes) -> str:
    """The Host header without its port."""
    text = header.decode("latin-1").lower()
    return text[: text.find("]") + 1] if text.startswith("[") else text.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Whether listening on this address reaches only this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
