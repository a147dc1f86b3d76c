"""Who asks too often how an export stands is told to wait; who waits as he is told is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.doors.serving import Clock
from tests.doors.test_exports import begun, group, work
from tests.doors.test_guarded import placed
from tests.doors.test_payers import member, payer


class Slow(Clock):
    """Goes on when it is told to."""

    still = False

    def __call__(self) -> datetime:
        return self.now if self.still else super().__call__()


def test_who_asks_too_soon_is_told_when_to_ask_again(tmp_path: Path) -> None:
    clock = Slow()
    with placed(tmp_path, clock, export_poll_seconds=10) as place:
        member(place)
        own = payer(place)
        first, second = (begun(own, f"{group(own)}/$export?_type=Encounter") for _ in range(2))
        clock.still = True
        assert own("GET", first).status == 202
        for _ in range(2):
            soon = own("GET", first)
            assert (soon.status, soon.headers["retry-after"], soon.codes) == (429, "10", ["throttled"])
        assert own("GET", second).status == 202
        clock.now += timedelta(seconds=6)
        waited = own("GET", first)
        assert (waited.status, waited.headers["retry-after"]) == (202, "10")
        assert own("GET", first).status == 429
        clock.still = False
        work(place)
        assert [own("GET", first).status for _ in range(3)] == [200] * 3
