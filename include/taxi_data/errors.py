"""Errors that a user can correct."""

from airflow.sdk.exceptions import AirflowFailException


class BadSourceError(AirflowFailException):
    """A source that cannot be landed; the message says what, where and what to do.

    Airflow does not retry the task, which would only fail again.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source} {problem}.")
