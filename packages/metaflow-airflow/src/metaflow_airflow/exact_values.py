"""Which values reach a step through Airflow as they are. Standard library only."""

import math
from typing import Any

LARGEST_INTEGER = 2**63 - 1  # Airflow's processes send each other integers of at most 64 bits
LARGEST_IN_FORM = 2**53 - 1  # the trigger form, in a browser, rounds larger integers
DEEPEST = 100  # levels; Airflow's API server rejects JSON that is nested twice as deeply


def change_by_airflow(value: Any, largest: int = LARGEST_INTEGER) -> str | None:
    """Return why Airflow would reject or change a value, None if the value stays as it is.

    Args:
        value: The value; lists and dictionaries are checked with all that they contain.
        largest: The largest integer; the smallest is its negative counterpart.
    """
    rest = [(value, 0)]
    while rest:  # not recursive: JSON may be nested deeply
        each, depth = rest.pop()
        if depth > DEEPEST:
            return f"Airflow reads JSON of at most {DEEPEST} levels"
        if type(each) is dict:
            if not all(type(name) is str for name in each):
                return "the names in JSON are texts"
            rest += [(inner, depth + 1) for inner in (*each, *each.values())]
        elif type(each) is list:
            rest += [(inner, depth + 1) for inner in each]
        elif reason := _change_of_scalar(each, largest):
            return reason
    return None


def _change_of_scalar(value: Any, largest: int) -> str | None:
    if type(value) is int:
        return None if -largest - 1 <= value <= largest else "Airflow's integers have at most 64 bits"
    if type(value) is float:
        return None if math.isfinite(value) else "JSON has only finite numbers"
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            return "the text is not valid Unicode"
        return "Airflow's database may not store NUL characters" if "\0" in value else None
    return None if value is None or type(value) is bool else "JSON has no such value"
