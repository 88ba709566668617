"""Reads a pod's log in pieces, each line once, although Kubernetes' `sinceSeconds` has whole seconds only."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* ")
SPARE_SECONDS = 2  # covers lines written while the last piece was being read


def since_seconds(last: str | None, now: datetime) -> int | None:
    """Return how many seconds back to read for the lines after the one at `last`; None for all lines."""
    if last is None:
        return None
    # Kubernetes writes nanoseconds, which Python cannot parse; whole seconds suffice here.
    moment = datetime.fromisoformat(f"{last[:19]}+00:00" if last.endswith("Z") else f"{last[:19]}{last[-6:]}")
    return max(math.ceil((now - moment).total_seconds()), 0) + SPARE_SECONDS


def lines_after(lines: Iterable[str], last: str | None) -> Iterator[tuple[str, str]]:
    """Yield the time and the text of each line that is later than `last`, both as Kubernetes writes them.

    A line without a time is not the step's: it is Kubernetes' message that the log no longer exists.
    """
    for line in filter(TIME.match, lines):
        time, _, text = line.rstrip("\n").partition(" ")
        if last is None or time > last:
            yield time, text
