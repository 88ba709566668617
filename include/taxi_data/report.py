"""What a run of the data DAG reports, in Markdown: `make run` shows the XCom `report` of each task."""

from typing import Any


def trips_report(published: dict[str, Any]) -> str:
    """Return what became of the trips and where they are; `published` is what `publish_features` returned."""
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
