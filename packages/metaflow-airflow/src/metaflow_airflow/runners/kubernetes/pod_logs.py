"""Reads a pod's log piece by piece: each line once, although Kubernetes counts in whole seconds."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* ")
SPARE_SECONDS = 2  # lines that were written while the last piece was read


def since_seconds(last: str | None, now: datetime) -> int | None:
    """Return how far back to read for the lines after the one at `last`; None for all of them."""
    if last is None:
        return None
    # Kubernetes writes nanoseconds, of which Python reads none.
    moment = datetime.fromisoformat(f"{last[:19]}+00:00" if last.endswith("Z") else f"{last[:19]}{last[-6:]}")
    return max(math.ceil((now - moment).total_seconds()), 0) + SPARE_SECONDS


def lines_after(lines: Iterable[str], last: str | None) -> Iterator[tuple[str, str]]:
    """Yield the time and the text of each line that is later than `last`, both as Kubernetes writes them.

    A line without a time is none of the step's: it is Kubernetes saying that there is no log anymore.
    """
    for line in filter(TIME.match, lines):
        time, _, text = line.rstrip("\n").partition(" ")
        if last is None or time > last:
            yield time, text
