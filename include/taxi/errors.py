"""What a user did wrong or forgot: Metaflow prints these as one sentence, without a traceback."""

from metaflow.exception import MetaflowException


class UnusableFeaturesError(MetaflowException):
    """The features file cannot be read, or does not hold what a flow needs."""

    headline = "Unusable features file"


class UnusableAddressError(MetaflowException):
    """An address that is neither an S3 one nor a local path, or that cannot be written."""

    headline = "Unusable address"


class UnusableParameterError(MetaflowException):
    """A flow parameter outside its range."""

    headline = "Unusable parameter"


class NoTrainedModelError(MetaflowException):
    """There is no successful training run to take a model from."""

    headline = "No trained model"
