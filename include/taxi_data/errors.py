"""What a user can put right."""

from airflow.sdk.exceptions import AirflowFailException


class BadSourceError(AirflowFailException):
    """A source that cannot be landed; the message says what, where and what to do.

    Airflow does not retry the task: the source stays bad.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source} {problem}.")
