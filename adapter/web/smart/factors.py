"""What proves somebody of the staff: a password, kept by its argon2id hash, and a one-time code of an authenticator.

RFC 9106 (argon2id), RFC 6238 (TOTP). NIST SP 800-63B, sections 3.1.1 and 3.1.4.
"""

from __future__ import annotations

import binascii
import re
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from functools import cache
from unicodedata import normalize
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from adapter.fhir.page_links import seal, unseal
from adapter.problems import Kind, Problem

SHORTEST, LONGEST = 12, 256
"""Characters of a password that somebody chooses."""
STEP = 30
"""Seconds that a one-time code is for; the one before and the one after are taken too, for clocks that differ."""
_PURPOSE = "one-time codes"
_HASHER = PasswordHasher()  # 64 MiB, three passes: the low-memory profile of RFC 9106
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_password() -> str:
    """120 random bits."""
    return secrets.token_urlsafe(15)


def hashed(password: str) -> str:
    """What a password is kept by; Problem(INVALID) for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem(Kind.INVALID, f"a password has {SHORTEST} to {LONGEST} characters", "password")
    return _HASHER.hash(normalize("NFKC", password))


def proves(password: str, hash: str | None) -> bool:
    """Whether it is the password of this hash; where there is none, it takes as long to say no."""
    try:
        return _HASHER.verify(hash or _nobodys(), normalize("NFKC", password[:LONGEST])) and hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash(new_password())


def new_secret() -> str:
    """160 random bits, in base 32."""
    return b32encode(secrets.token_bytes(20)).decode()


def address(secret: str, name: str, program: str) -> str:
    """What an authenticator app is given, as a link or a picture of it."""
    return f"otpauth://totp/{quote(program)}:{quote(name)}?secret={secret}&issuer={quote(program)}"


def sealed(secret: str, key: bytes) -> str:
    """How the secret is kept: whoever reads the store cannot make codes."""
    return seal([secret], key, _PURPOSE)


def counter_of(code: str, kept: str | None, key: bytes, now: datetime) -> int | None:
    """The count of steps since 1970 that a code is for, if it is one of the sealed secret's around this moment."""
    try:
        secret = unseal(kept, key, _PURPOSE)[0] if kept else b32encode(bytes(20)).decode()
        codes = TOTP(b32decode(secret), 6, SHA1(), STEP)  # SHA-1: what every authenticator app knows
    except (Problem, binascii.Error):
        return None
    if not _CODE.fullmatch(code):
        return None
    here = int(now.timestamp()) // STEP
    found = [step for step in (here - 1, here, here + 1) if _fits(codes, code, step)]
    return found[0] if found and kept else None


def _fits(codes: TOTP, code: str, step: int) -> bool:
    try:
        codes.verify(code.encode(), step * STEP)
    except InvalidToken:
        return False
    return True
