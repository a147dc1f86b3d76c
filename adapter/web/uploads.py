"""A form with files as it comes in (multipart/form-data): its fields and files, part by part, and no more than a limit.

https://www.rfc-editor.org/rfc/rfc7578. Nothing of it is written to a disk.
"""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from adapter.problems import Kind, Problem
from adapter.referral.files import File
from adapter.referral.form import Pair
from adapter.referral.form_fields import JSON
from adapter.web.call import Call
from adapter.web.negotiation import media_type

MULTIPART = frozenset({"multipart/form-data"})
PARTS, FIELD_LIMIT = 64, 256 << 10
"""Parts of a form, and bytes of a field that is no file."""
_HEADERS, _HEADER_BYTES = 8, 2_048
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_CHARSETS = ("utf-8", "utf8", "us-ascii")
# What it warns of repeats what was sent.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class Upload(NamedTuple):
    """The fields in their order, and the files."""

    fields: list[Pair]
    files: list[File]


async def uploaded(call: Call, limit: int) -> Upload:
    """The form in the body of a call, taken apart as it arrives.

    413 beyond `limit` bytes, 400 for what is no such form, has a part without a name or too many, or text that is not
    UTF-8; 415 for another charset.
    """
    _, parameters = media_type(call.header(b"content-type") or "")
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Problem(Kind.INVALID, "the Content-Type names no boundary between the parts", "Content-Type")
    parts = _Parts(boundary)
    await call.take(limit, parts.write)
    return parts.done()


class _Parts:
    """What the parser tells, gathered."""

    def __init__(self, boundary: str) -> None:
        self._upload = Upload([], [])
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value = bytearray(), bytearray()
        self._data: list[bytes] = []
        self._length = self._count = 0
        self._name, self._media = "", ""
        self._file: str | None = None
        self._ended = False
        told = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._more,
            "on_part_end": self._end,
            "on_end": self._all,
        }
        limits = {"max_header_count": _HEADERS, "max_header_size": _HEADER_BYTES}
        self._parser = MultipartParser(boundary, told, **limits)  # type: ignore[arg-type]  # its TypedDict

    def write(self, data: bytes) -> None:
        """Some more of the body."""
        try:
            self._parser.write(data)
        except FormParserError:
            raise _broken("the body is not in the form of multipart/form-data") from None

    def done(self) -> Upload:
        """All of it, once it was all written."""
        if not self._ended:
            raise _broken("the body ends before its last part does")
        return self._upload

    def _begin(self) -> None:
        self._count += 1
        if self._count > PARTS:
            raise Problem(Kind.TOO_LONG, f"a form may have {PARTS} parts")
        self._headers.clear()
        self._data, self._length = [], 0

    def _header_end(self) -> None:
        name = bytes(self._header).lower()
        if name in self._headers:
            raise _broken("a part says a header twice")
        self._headers[name] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        kind, said = parse_options_header(self._headers.get(b"content-disposition"))
        name = _text(said.get(b"name", b""), "the name of a part")
        if kind != b"form-data" or not name:
            raise _broken("a part of the form says no name (Content-Disposition: form-data; name=...)")
        self._name, self._media = name, self._content(name)
        self._file = _text(said[b"filename"], "the name of a file") if b"filename" in said else None

    def _content(self, name: str) -> str:
        """The media type that the part says, "" for none."""
        encoding = self._headers.get(b"content-transfer-encoding", b"binary").strip().lower()
        if encoding not in (b"binary", b"8bit", b"7bit"):
            raise Problem(Kind.INVALID, "a part is sent as it is, and not encoded", code="not-supported")
        media, more = media_type(_text(self._headers.get(b"content-type", b""), "a Content-Type"))
        if more.get("charset", "utf-8").lower() not in _CHARSETS:
            raise Problem(Kind.MEDIA_TYPE, "the charset of a part must be utf-8")
        return media

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._length += end - start
        if self._is_field and self._length > FIELD_LIMIT:
            raise Problem(Kind.TOO_LONG, f"a field that is no file may have {FIELD_LIMIT} bytes")
        self._data.append(data[start:end])

    @property
    def _is_field(self) -> bool:
        return self._file is None or self._name == JSON

    def _end(self) -> None:
        data = b"".join(self._data)
        self._data = []
        if self._is_field:
            self._upload.fields.append((self._name, _text(data, "a field")))
        elif self._file or data:  # a browser sends a file that nobody chose without a name and empty
            self._upload.files.append(File(self._name, self._file or "", self._media, data))

    def _all(self) -> None:
        self._ended = True


def _text(said: bytes, what: str) -> str:
    try:
        return said.decode()
    except UnicodeDecodeError:
        raise Problem(Kind.INVALID, f"{what} is not UTF-8", code="value") from None


def _broken(why: str) -> Problem:
    return Problem(Kind.INVALID, why, code="structure")
