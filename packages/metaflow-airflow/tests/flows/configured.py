"""Configs, mutators, and step decorators that the flow defines."""

from pathlib import Path

from metaflow import (
    Config,
    FlowMutator,
    FlowSpec,
    Parameter,
    StepMutator,
    config_expr,
    environment,
    retry,
    step,
    user_step_decorator,
)

DATA = Path(__file__).parent / "data"


def key_values(text):
    """Parse `key = value` lines."""
    return dict(line.split(" = ") for line in text.splitlines())


class AddParameter(FlowMutator):
    """Add a parameter whose default is in a config."""

    def pre_mutate(self, mutable_flow):
        default = dict(mutable_flow.configs)["settings"].rate
        mutable_flow.add_parameter("added", Parameter("added", default=default))


class RetryAsConfigured(StepMutator):
    """Retry a step as many times as a config says."""

    def pre_mutate(self, mutable_step):
        times = dict(mutable_step.flow.configs)["settings"].retries
        mutable_step.add_decorator(retry, deco_kwargs={"times": times, "minutes_between_retries": 0})


@user_step_decorator
def remembered(step_name, flow, inputs=None, attributes=None):
    """Keep the names of the steps that ran."""
    flow.before = step_name
    yield
    flow.after = [*getattr(flow, "after", []), step_name]


@AddParameter
class ConfiguredFlow(FlowSpec):
    """Every step sees the same configs.

    start -> end
    """

    settings = Config("settings", default_value={"rate": 0.5, "retries": 2, "name": "$(id) 'ü' {{ 1 }}"})
    parsed = Config("parsed", default=str(DATA / "settings.txt"), parser=key_values)
    plain = Config("plain", default_value="as it is", plain=True)
    absent = Config("absent")
    # Values that neither JSON nor Airflow's serialization knows.
    odd = Config(
        "odd", default_value=r'{"large": 1180591620717411303424, "most": Infinity, "half": "\ud800"}'
    )
    rate = Parameter("rate", default=config_expr("settings.rate"))

    @environment(vars={"NAME": config_expr("settings.name")})
    @RetryAsConfigured
    @remembered
    @step
    def start(self):
        import os

        self.seen = [self.settings.name, self.parsed.color, self.plain, self.absent, self.rate, self.added]
        self.odd_seen = [self.odd.large, self.odd.most, self.odd.half]
        self.variable = os.environ["NAME"]
        self.next(self.end)

    @remembered
    @step
    def end(self):
        print("rate:", self.settings.rate)


if __name__ == "__main__":
    ConfiguredFlow()
