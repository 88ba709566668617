"""What a user did wrong or forgot, told in one sentence and not tried again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from metaflow.exception import METAFLOW_EXIT_DISALLOW_RETRY


class TaxiError(Exception):
    """A mistake that only its user can mend; the message says what, where and what to do."""


class UnusableFeaturesError(TaxiError):
    """The features file cannot be read, or does not hold what a flow needs."""


class UnusableAddressError(TaxiError):
    """An address that is neither an S3 one nor a local path, or that cannot be written."""


class UnusableParameterError(TaxiError):
    """A flow parameter outside its range."""


class NoTrainedModelError(TaxiError):
    """There is no successful training run to take a model from."""


@contextmanager
def mistakes_end_the_run() -> Iterator[None]:
    """End the step's process on a TaxiError: its message instead of a traceback, and no second attempt.

    Retries are for machines that fail; the exit code is the one by which Metaflow and Airflow know the
    difference.
    """
    try:
        yield
    except TaxiError as error:
        print(error, file=sys.stderr)
        sys.exit(METAFLOW_EXIT_DISALLOW_RETRY)
