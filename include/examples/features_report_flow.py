"""Reports on new features: `python include/examples/features_report_flow.py airflow create`."""

# Type checkers do not see through Metaflow's decorators, nor know the types of parameters and artifacts.
# mypy: disable-error-code="attr-defined, operator"

from metaflow import FlowSpec, JSONType, Parameter, step, trigger


@trigger(event={"name": "taxi_features", "parameters": ["trips_read", "trips_kept", "rejected_by_reason"]})
class FeaturesReportFlow(FlowSpec):
    """Report how many of the taxi trips became features, whenever the data team publishes new ones.

        taxi_features ══ start ── end

    The data team's DAG does not name this flow: it waits for the asset `taxi_features`, and its parameters
    are fields of the event. A line in that DAG's list of flows would start it, too, and wait for it.
    """

    trips_read = Parameter("trips_read", type=int, default=0, help="Trips that were read.")
    trips_kept = Parameter("trips_kept", type=int, default=0, help="Trips that became features.")
    rejected_by_reason = Parameter(
        "rejected_by_reason", type=JSONType, default="{}", help="Rejected trips, by reason."
    )

    @step
    def start(self) -> None:
        """Calculate the share of trips that were kept."""
        self.kept_share = self.trips_kept / self.trips_read if self.trips_read else None
        self.next(self.end)

    @step
    def end(self) -> None:
        """Print it."""
        share = "no trips" if self.kept_share is None else f"{self.kept_share:.1%} of the trips"
        print(f"Features hold {share}; rejected: {self.rejected_by_reason or 'none'}")


if __name__ == "__main__":
    FeaturesReportFlow()
