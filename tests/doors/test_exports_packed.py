"""A file of bulk data goes packed to whoever takes it so."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.store import exports
from adapter.web.packing import coding
from tests.doors.test_exports import BASE, group, manifest
from tests.doors.test_guarded import placed
from tests.doors.test_payers import member, payer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize(
    ("accepted", "best"),
    [
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate, gzip;q=0.5", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, ZSTD ; q=0.8", "zstd"),
        ("zstd;q=0.2, gzip;q=0.3", "gzip"),
        ("gzip;q=0, zstd", "zstd"),
        ("gzip;q=0", None),
        ("gzip;q=0.000, zstd;q=0", None),
        ("identity", None),
        ("br", None),
        ("gzipped", None),
        ("", None),
    ],
)
def test_of_what_is_taken_the_best_is_chosen(accepted: str, best: str | None) -> None:
    assert coding(accepted) == best


def test_what_goes_packed_is_what_goes_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "STRETCH", 3)
    with placed(tmp_path) as place:
        person, _ = member(place)
        for _ in range(8):
            place.session(person)
        own = payer(place)
        listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter")
        file = listed["output"][0]["url"].removeprefix(BASE)
        plain = own("GET", file)
        assert "content-encoding" not in plain.headers
        for name, unpack in UNPACK.items():
            packed = own("GET", file, **{"accept-encoding": name})
            assert packed.headers["content-encoding"] == name
            assert unpack(packed.body) == plain.body
            assert len(packed.body) < len(plain.body) / 3
            assert own("HEAD", file, **{"accept-encoding": name}).headers["content-encoding"] == name
