"""Errors that a user can correct."""

from airflow.sdk.exceptions import AirflowFailException

from include.taxi_access import ROOTS


class BadSourceError(AirflowFailException):
    """A source that cannot be landed; the message says what, where and what to do.

    Airflow does not retry the task, which would only fail again.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source} {problem}.")


class NotAllowedError(BadSourceError):
    """A path on the worker that runs may not read, whether it exists or not."""

    def __init__(self, source: str) -> None:
        super().__init__(
            source,
            f"is a path on the worker that runs may not read: put the file in S3, or set {ROOTS} on the"
            " worker to a directory above it",
        )
