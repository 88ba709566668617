"""Combined decorators that run in the step's own process: secrets, cards, variables, retries."""

import os
import time

from metaflow import FlowSpec, card, catch, current, environment, resources, retry, secrets, step, timeout
from metaflow.cards import Markdown, ProgressBar

HOSTILE = 'it\'s "quoted" $(id) `id` ${HOME} $$\nline {{ 1+1 }} %s ünïcödé 🚕 \\'


class DecoratedFlow(FlowSpec):
    """Every step has several decorators.

    start -> reported -> refreshed -> lost -> end
    """

    @secrets(
        sources=[{"type": "inline", "id": "mine", "options": {"env_vars": {"PASS_WORD": "open $(sesame)"}}}]
    )
    @environment(vars={"MINE": HOSTILE, "NUMBER": 3})
    @resources(cpu=1, memory=512)
    @step
    def start(self):
        self.secret_length = len(os.environ["PASS_WORD"])
        self.variables = [os.environ["MINE"], os.environ["NUMBER"]]
        self.next(self.reported)

    @card(id="first", type="blank")
    @card(id="second", type="blank")
    @retry(times=1, minutes_between_retries=0)
    @step
    def reported(self):
        current.card["first"].append(Markdown(f"# Try {current.retry_count}"))
        current.card["second"].append(Markdown("ünïcödé {{ 1+1 }}"))
        if current.retry_count == 0:
            raise ValueError("the first try fails")
        self.next(self.refreshed)

    @card(type="blank")
    @timeout(minutes=5)
    @step
    def refreshed(self):
        progress = ProgressBar(max=3, label="laps")
        current.card.append(progress)
        for lap in range(4):
            progress.update(lap)
            current.card.refresh()
            time.sleep(0.2)
        self.next(self.lost)

    @catch(var="problem")
    @timeout(seconds=2)
    @retry(times=1, minutes_between_retries=0)
    @environment(vars={"MINE": "lost"})
    @card(type="blank")
    @step
    def lost(self):
        self.before = os.environ["MINE"]
        time.sleep(60)
        self.next(self.end)

    @card
    @step
    def end(self):
        self.problem_seen = "timed out" in str(self.problem)


if __name__ == "__main__":
    DecoratedFlow()
