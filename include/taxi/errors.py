"""Errors of a user: reported in one clear message and not retried."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from metaflow.exception import METAFLOW_EXIT_DISALLOW_RETRY


class TaxiError(Exception):
    """An error that only the user can correct; the message says what, where and what to do."""


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
    """End the step's process on a TaxiError, with its message instead of a traceback, and without a retry.

    Retries are for failures of machines; the exit code makes Metaflow and Airflow tell the two apart.
    """
    try:
        yield
    except TaxiError as error:
        print(error, file=sys.stderr)
        sys.exit(METAFLOW_EXIT_DISALLOW_RETRY)
