"""For the kit: a flow that gets a second parameter from a mutator."""

from metaflow import FlowMutator, FlowSpec, Parameter, step


class SecondParameter(FlowMutator):
    """Adds `param2`."""

    def pre_mutate(self, mutable_flow):
        mutable_flow.add_parameter("param2", Parameter("param2", type=str, default="1"))


@SecondParameter
class KitMutatorFlow(FlowSpec):
    """start -> end"""

    trigger_param = Parameter("trigger_param", type=str, default="")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print(self.trigger_param, self.param2)


if __name__ == "__main__":
    KitMutatorFlow()
