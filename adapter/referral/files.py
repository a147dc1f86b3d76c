"""The files of a referral's form: of what kind each is, which its first bytes must bear out.

https://www.rfc-editor.org/rfc/rfc7578#section-4.4. Pure: nothing is unpacked, fetched or shown; who reads a document
that is not what it is said to be is shown what its sender did not mean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from adapter.problems import Issue, Kind, Problem
from adapter.referral.document import Limits, Node, read_document
from adapter.referral.documents import XML, is_clinical

PLAIN = "text/plain"
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
TAKEN = (*sorted(XML), *sorted({media for _, media in _MAGIC}), PLAIN)
"""The media types of files that are taken."""
_UNSAID = ("", "application/octet-stream")
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069/\\]{1,255}")
"""No control characters, nor what turns the direction of text: behind it `gpj.exe` is read `exe.jpg`."""
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


class File(NamedTuple):
    """A file as it was sent: in which field, by which name and media type ("" where none is said)."""

    field: str
    name: str
    media: str
    data: bytes


def wrong_with(file: File, place: str) -> Issue | None:
    """What keeps a file from being taken, whatever it may say."""
    if not _NAME.fullmatch(file.name) or file.name in (".", ".."):
        why = "the name of a file is no path, and has no characters that control or turn the text"
        return Issue("value", why, place)
    if not file.data:
        return Issue("value", "the file is empty", place)
    if file.media not in (*TAKEN, *_UNSAID):
        return Issue("not-supported", f"files of this type are not taken; {', '.join(TAKEN)} are", place)
    if kind_of(file) is None:
        why = "what is in the file is not what its type says" if file.media not in _UNSAID else "its type is not known"
        return Issue("value", why, place)
    return None


def kind_of(file: File) -> str | None:
    """The media type of a file, as said or, where nothing is said, as found; None where its content is another."""
    found = next((media for magic, media in _MAGIC if file.data.startswith(magic)), None)
    found = found or ("text/xml" if _is_document(file.data) else None)
    if file.media in _UNSAID:
        return found
    if file.media in XML:
        return file.media if found in (None, "text/xml") else None  # whoever reads it says what is wrong with it
    if file.media == PLAIN:
        return PLAIN if found is None and _is_text(file.data) else None
    return found if file.media == found else None


def clinical(data: bytes) -> Node:
    """The root of a C-CDA document; a Problem says why it is none (see `read_document`)."""
    root = read_document(data, Limits())
    if not is_clinical(data):
        raise Problem(Kind.UNPROCESSABLE, "the document is not in UTF-8, or begins too late", code="value")
    return root


def _is_document(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and is_clinical(data)


def _is_text(data: bytes) -> bool:
    try:
        return not _NO_TEXT.search(data.decode())
    except UnicodeDecodeError:
        return False
