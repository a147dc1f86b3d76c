"""Whether the time of an answer tells a hidden patient from one who is not there: requests of both alternate.

The hidden one has many visits, a provider who treats him and no consent. The median gap and a sign test are of one
process without a network, so that nothing hides a difference.
"""

from __future__ import annotations

import math
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from tests.doors.test_guarded import Sender, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_timing import ABSENT, CHAINED, SEARCHES, VISITS, visited

Row = tuple[str, str, float, str, str]
PAIRS = 400
READS = ("Patient/{}", "Patient/{}/_history", "Patient/{}/$everything", "Patient?_id={}")


def rows() -> list[Row]:
    """The table's rows: target number, what, ms that the hidden one takes longer (median), target, detail."""
    with tempfile.TemporaryDirectory() as folder, placed(Path(folder), Still()) as place:
        hidden, sender = visited(place), place.client("provider-ehr", scopes="system/*.rs")
        return [_row(sender, url, hidden) for url in (*READS, *SEARCHES, *CHAINED)]


def _row(sender: Sender, url: str, hidden: str) -> Row:
    times: list[list[float]] = [[], []]
    for turn in range(PAIRS):
        for place in (0, 1) if turn % 2 else (1, 0):
            begun = perf_counter()
            sender("GET", f"/fhir/{url.format((hidden, ABSENT)[place])}")
            times[place].append((perf_counter() - begun) * 1e3)
    gaps = [one - other for one, other in zip(*times, strict=True)]
    slower = sum(gap > 0 for gap in gaps)
    chance = math.erfc(abs(slower - PAIRS / 2) / math.sqrt(PAIRS / 2))
    one, other = (statistics.median(each) for each in times)
    detail = f"{one:.2f} ms, {other:.2f} ms; p = {chance:.3f}; {VISITS} visits"
    return "L15", f"{url}: hidden, absent", statistics.median(gaps), "-1 to 1", detail


if __name__ == "__main__":
    for row in rows():
        print(row)
