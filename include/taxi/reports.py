"""The reports of the flows, in Markdown: `make run` shows the artifact `report` of each flow."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taxi.drift import Drift

METRICS = {
    "mae_seconds": ("mean absolute error", "{:.0f} s"),
    "rmse_seconds": ("root mean squared error", "{:.0f} s"),
    "r2": ("R2", "{:.3f}"),
}


def model_report(
    train_rows: int,
    test_rows: int,
    metrics: Mapping[str, Any],
    baseline: Mapping[str, Any],
    previous: Mapping[str, Any] | None,
    *,
    is_comparable: bool,
) -> str:
    """Return a table of the errors of a model, of the naive prediction, and of the previous model.

    `is_comparable` says whether the previous model was tested on the same trips.
    """
    rows = [
        (
            name,
            form.format(metrics[key]),
            form.format(baseline[key]),
            form.format(previous[key]) if previous else "none yet",
        )
        for key, (name, form) in METRICS.items()
    ]
    title = f"Model, trained on {train_rows:,} trips, tested on {test_rows:,} later ones"
    previous_title = "previous run" if is_comparable else "previous run, on other trips"
    return _table(title, ("", "this run", "naive baseline", previous_title), rows)


def drift_report(drift: "Iterable[Drift]", predictions: str, prediction_rows: int) -> str:
    """Return a table of the drift of each feature and of the predictions, and where the predictions are."""
    rows = [
        (
            each["name"],
            each["kind"],
            f"{each['psi']:.3f}",
            each["verdict"] if each["verdict"] == "stable" else f"**{each['verdict']}**",
        )
        for each in drift
    ]
    table = _table("Drift against the training trips", ("", "of", "PSI", "verdict"), rows)
    return f"{table}\nPredictions: {predictions} ({prediction_rows:,} rows)\n"


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is aligned to the left, the others to the right."""
    alignment = [":--", *["--:"] * (len(columns) - 1)]
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, alignment, *rows)]
    return "\n".join([f"### {title}", "", *lines, ""])
