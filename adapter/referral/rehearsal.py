"""What can be known of a form and its files before they are sent, without the server: what the server would refuse of
them, what it would ask for, and what it alone can say.

Pure but for the maps, which are read; it knows no store, so that a facility's command can use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from adapter.fhir.elements import Definitions
from adapter.mapping.load import load
from adapter.problems import Issue
from adapter.referral.files import File
from adapter.referral.filled_form import House, filled
from adapter.referral.form import Pair, read_form
from adapter.settings import Settings

SERVER_SAYS = (
    "whether it knows the client and its key, and lets it send",
    "whether this was sent before, and about whom",
    "whether it takes no referral without a Consent",
    "what it reads of the sections of a document, and how the form stands to its own records",
)
"""What nobody but the server can say."""
_SENDER = "sender"


def rehearsed(settings: Settings, to: str, pairs: Sequence[Pair], files: Sequence[File], now: datetime) -> list[Issue]:
    """What would be said of it though it is taken, by field; a Problem with all that would be refused.

    By the rules and limits of this version of the adapter and these settings: those of the server may be others.
    """
    definitions = Definitions.load(settings.profiles / "r4")
    maps = load(settings.mappings, definitions, minutes_tolerance=settings.minutes_tolerance)
    form = read_form(pairs, files, maps.tables, now.astimezone(ZoneInfo(settings.zone)).date())
    house = House(maps.concepts, settings.mappings, _SENDER, f"{to.rstrip('/')}/Organization/{_SENDER}")
    return [*filled(form, house).remarks, *_too_large(settings, pairs, files)]


def _too_large(settings: Settings, pairs: Sequence[Pair], files: Sequence[File]) -> list[Issue]:
    size = sum(len(value.encode()) for _, value in pairs) + sum(len(file.data) for file in files)
    if size <= settings.referral_limit:
        return []
    why = (
        f"{size:,} bytes are more than the {settings.referral_limit:,} that a server takes unless it is told otherwise"
    )
    return [Issue("too-long", why, "document", "warning")]
