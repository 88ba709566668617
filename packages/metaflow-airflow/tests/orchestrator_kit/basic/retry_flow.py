"""For the kit: a step that only its second attempt gets through."""

from metaflow import FlowSpec, current, retry, step


class KitRetryFlow(FlowSpec):
    """start -> flaky -> end"""

    @step
    def start(self):
        self.next(self.flaky)

    @retry(times=1, minutes_between_retries=0)
    @step
    def flaky(self):
        self.attempts = current.retry_count
        if not self.attempts:
            raise RuntimeError("The first attempt is meant to fail.")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    KitRetryFlow()
