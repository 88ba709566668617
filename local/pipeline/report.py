"""The report at the end of `make run`: what was made, how good it is, and what to try next."""

import shlex
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.pipeline.figures import Figures
from local.stack.settings import Settings

METRICS = {
    "mae_seconds": ("mean absolute error", "{:.0f} s"),
    "rmse_seconds": ("root mean squared error", "{:.0f} s"),
    "r2": ("R2", "{:.3f}"),
}
VERDICT_STYLES = {"stable": "green", "moderate": "yellow", "major": "bold red"}


def show_report(console: Console, figures: Figures, settings: Settings) -> None:
    """Print the report; without a terminal it is plain text."""
    for table in (_trips(figures), _model(figures), _drift(figures)):
        console.print()
        console.print(table)
    console.print()
    console.print(_places(figures, settings))
    console.print()
    console.print(_next_steps(settings))


def _trips(figures: Figures) -> Table:
    trips = figures.trips
    table = _table("Trips", "", "trips")
    table.add_row("read", f"{trips['trips_read']:,}")
    for reason, count in sorted(trips["rejected_by_reason"].items(), key=lambda item: -item[1]):
        table.add_row(f"rejected: {reason}", f"{count:,}")
    table.add_row("rejected in all", f"{trips['trips_rejected']:,}")
    table.add_row("kept", f"{trips['trips_kept']:,}", style="bold")
    return table


def _model(figures: Figures) -> Table:
    title = f"Model, trained on {figures.train_rows:,} trips, tested on {figures.test_rows:,} later ones"
    table = _table(title, "", "this run", "naive baseline", "previous run")
    previous = figures.previous or {}
    for key, (name, form) in METRICS.items():
        before = form.format(previous[key]) if key in previous else "none yet"
        table.add_row(name, form.format(figures.metrics[key]), form.format(figures.baseline[key]), before)
    return table


def _drift(figures: Figures) -> Table:
    table = _table("Drift against the training trips", "", "of", "PSI", "verdict")
    for each in figures.drift:
        verdict = f"[{VERDICT_STYLES[each['verdict']]}]{each['verdict']}[/]"
        table.add_row(each["name"], each["kind"], f"{each['psi']:.3f}", verdict)
    return table


def _places(figures: Figures, settings: Settings) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("Features", f"{figures.trips['features']} ({figures.feature_rows:,} rows)")
    table.add_row("Rejected trips", figures.trips["rejected"])
    table.add_row("Predictions", f"{figures.predictions} ({figures.prediction_rows:,} rows)")
    table.add_row("Airflow", f"{settings.airflow_url} (no login)")
    table.add_row("S3", f"{settings.s3_url} (keys in {_shown(settings.env_file)})")
    return table


def _next_steps(settings: Settings) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]Try next[/]")
    table.add_row("  RAW_DATA=<files> make run", "your own trips: CSV or Parquet; paths, http(s):// or s3://")
    by_hand = "then: python include/train_taxi_flow.py run, airflow dags list, …"
    table.add_row(f"  source {shlex.quote(_shown(settings.env_file))}", by_hand)
    table.add_row("  make status, make stop", "what is running, and the end of it")
    return table


def _shown(file: Path) -> str:
    """Return a file's path, from here if it is below the present directory."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2)
    )
    for index, name in enumerate(columns):
        table.add_column(name, justify="left" if index == 0 else "right", header_style="dim")
    return table
