"""The report of the data DAG, in Markdown: `make run` shows the XCom `report` of each task."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.taxi_data.publishing import Published


def trips_report(published: "Published") -> str:
    """Return a table of the numbers of kept and rejected trips, and the addresses of their files."""
    reasons = sorted(published["rejected_by_reason"].items(), key=lambda item: -item[1])
    rows = [
        ("read", published["trips_read"]),
        *((f"rejected: {reason}", trips) for reason, trips in reasons),
        ("rejected in total", published["trips_rejected"]),
        ("**kept**", published["trips_kept"]),
    ]
    table = ["### Trips", "", "| | trips |", "| :-- | --: |", *(f"| {name} | {n:,} |" for name, n in rows)]
    places = [
        f"- Features: {published['features']} ({published['trips_kept']:,} rows)",
        f"- Rejected trips: {published['rejected']}",
    ]
    return "\n".join([*table, "", *places, ""])
