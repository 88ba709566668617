"""Steps that fail and are retried, caught or timed out."""

import time

from metaflow import FlowSpec, catch, current, retry, step, timeout


class FailuresFlow(FlowSpec):
    """One step succeeds at its second attempt, one is caught, one times out and is caught.

    start -> flaky -> caught -> slow -> end
    """

    @step
    def start(self):
        self.next(self.flaky)

    @retry(times=2, minutes_between_retries=0)
    @step
    def flaky(self):
        self.attempt = current.retry_count
        if current.retry_count == 0:
            raise ValueError("the first try fails")
        self.next(self.caught)

    @catch(var="problem")
    @retry(times=1, minutes_between_retries=0)
    @step
    def caught(self):
        self.before = "kept"
        raise ValueError("always fails")
        self.next(self.slow)

    @catch(var="too_slow")
    @timeout(seconds=3)
    @step
    def slow(self):
        time.sleep(60)
        self.next(self.end)

    @step
    def end(self):
        self.problem_seen = "always fails" in str(self.problem)
        self.timeout_seen = "timed out" in str(self.too_slow)


if __name__ == "__main__":
    FailuresFlow()
