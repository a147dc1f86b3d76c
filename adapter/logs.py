"""The log of a server: on standard error, as lines for people or as JSON for machines."""

from __future__ import annotations

import logging

from pythonjsonlogger.json import JsonFormatter

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_JSON = ("asctime", "levelname", "name", "message")


def begin(form: str) -> None:
    """Log from now on, in the form `text` or `json`; what a message is about is never an element's value."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(list(_JSON)) if form == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("adapter").setLevel(logging.INFO)
