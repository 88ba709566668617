"""Reports on new features: `python include/examples/features_report_flow.py airflow create`."""

# Metaflow makes its decorators, and the values of parameters and artifacts, out of a type checker's sight.
# mypy: disable-error-code="attr-defined, operator"

from metaflow import FlowSpec, JSONType, Parameter, step, trigger


@trigger(event={"name": "taxi_features", "parameters": ["trips_read", "trips_kept", "rejected_by_reason"]})
class FeaturesReportFlow(FlowSpec):
    """Say how many of the taxi trips became features, whenever the data team publishes some.

        taxi_features ══ start ── end

    Nothing in the data team's DAG names this flow: it waits for the asset `taxi_features`, and its parameters
    are fields of the event. A TriggerDagRunOperator in that DAG would start it too, and could wait for it.
    """

    trips_read = Parameter("trips_read", type=int, default=0, help="Trips that were read.")
    trips_kept = Parameter("trips_kept", type=int, default=0, help="Trips that became features.")
    rejected_by_reason = Parameter(
        "rejected_by_reason", type=JSONType, default="{}", help="Trips that did not, by reason."
    )

    @step
    def start(self) -> None:
        """Work out the share of trips that were kept."""
        self.kept_share = self.trips_kept / self.trips_read if self.trips_read else None
        self.next(self.end)

    @step
    def end(self) -> None:
        """Show it."""
        share = "no trips" if self.kept_share is None else f"{self.kept_share:.1%} of the trips"
        print(f"Features hold {share}; rejected: {self.rejected_by_reason or 'none'}")


if __name__ == "__main__":
    FeaturesReportFlow()
