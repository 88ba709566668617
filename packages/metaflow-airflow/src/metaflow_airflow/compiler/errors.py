"""The compiler's errors: Metaflow's command line shows each as one message, without a traceback."""

from metaflow.exception import MetaflowException


class IncompleteProject(MetaflowException):
    """A flow to wait for, of which only the project or only the branch is known."""

    headline = "Incomplete project"


class UnsupportedFlow(MetaflowException):
    """A flow that cannot be compiled; the message lists every reason."""

    headline = "This flow cannot be compiled for Airflow"


class NoDatastore(MetaflowException):
    """The datastore does not answer."""

    headline = "The datastore cannot be used"


class CannotWrite(MetaflowException):
    """The DAG file cannot be written where it should be."""

    headline = "Cannot write the DAG file"


class Drift(MetaflowException):
    """A DAG file differs from what its flow compiles into."""

    headline = "The DAG file is not up to date"
