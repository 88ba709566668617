"""The reports of the data DAG, in Markdown: `make run` shows the XCom `report` of each task."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.taxi_data.publishing import Published

MOST_FILES = 20
"""The number of files that a report lists."""


def trips_report(published: "Published") -> str:
    """Return tables of the numbers of kept and rejected trips, and the addresses of their files."""
    rows = [
        ("read", published["trips_read"]),
        *((f"rejected: {reason}", trips) for reason, trips in _most_first(published["rejected_by_reason"])),
        ("rejected in total", published["trips_rejected"]),
        ("**kept**", published["trips_kept"]),
    ]
    table = [
        "### Trips",
        "",
        "| | trips |",
        "| :-- | --: |",
        *(f"| {name} | {n:,} |" for name, n in rows),
        "",
    ]
    places = [
        f"- Features: {published['features']} ({published['trips_kept']:,} rows)",
        f"- Rejected trips: {published['rejected']}",
    ]
    return "\n".join([*table, *_files_table(published["rejected_by_file"]), *places, ""])


def skipped_report(skipped: list[str]) -> str:
    """Return a list of the files that were skipped in directories."""
    shown = [f"- {name}" for name in skipped[:MOST_FILES]]
    more = [f"- and {len(skipped) - MOST_FILES:,} more"] if len(skipped) > MOST_FILES else []
    return "\n".join([f"### Skipped in directories: {len(skipped):,}", "", *shown, *more, ""])


def _files_table(rejected: dict[str, int]) -> list[str]:
    if not rejected:
        return []
    files = [(_name(file), trips) for file, trips in _most_first(rejected)]
    if rest := files[MOST_FILES:]:
        files = [*files[:MOST_FILES], (f"{len(rest):,} more files", sum(trips for _, trips in rest))]
    return ["| file | rejected trips |", "| :-- | --: |", *(f"| {name} | {n:,} |" for name, n in files), ""]


def _most_first(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda item: -item[1])


def _name(source: str) -> str:
    """Return a source as it fits in a table; without the query of a web address, which may be a secret."""
    address = source.partition("?")[0] if source.startswith(("http://", "https://")) else source
    return address.replace("|", r"\|")
