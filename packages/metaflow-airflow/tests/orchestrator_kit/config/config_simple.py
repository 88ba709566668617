"""For the kit: a project named by a config, and what the config holds as an artifact."""

from pathlib import Path

from metaflow import Config, FlowSpec, Parameter, config_expr, project, step


@project(name=config_expr("cfg_default_value.a.project_name"))
class KitConfigFlow(FlowSpec):
    """start -> end"""

    cfg = Config("cfg", default=str(Path(__file__).with_name("config_simple.json")))
    cfg_default_value = Config(
        "cfg_default_value", default_value={"a": {"project_name": "kit_config", "b": "1"}}
    )
    trigger_param = Parameter("trigger_param", type=str, default="")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.config_val_2 = self.cfg_default_value.a.b
        self.purpose = self.cfg.purpose


if __name__ == "__main__":
    KitConfigFlow()
