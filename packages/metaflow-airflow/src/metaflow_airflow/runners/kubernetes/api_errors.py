"""Says in one sentence what Kubernetes did not do for a worker."""

import json
from http import HTTPStatus

from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

KUBERNETES_ERRORS = (ApiException, ConfigException, HTTPError)


def refusal(error: Exception, step: str) -> str:
    """Return the sentence about an error of Kubernetes' client; `step` is the step's name."""
    if isinstance(error, ConfigException):
        return (
            f"There is no Kubernetes for step {step!r} ({error}): set METAFLOW_AIRFLOW_KUBERNETES_CONN_ID "
            "to a connection that leads to one, or run Airflow inside the cluster."
        )
    if not isinstance(error, ApiException):
        return (
            f"Airflow's worker cannot reach Kubernetes for step {step!r} ({error}): see to the connection "
            "and the network."
        )
    advice = "correct what @kubernetes or METAFLOW_KUBERNETES_... ask for"
    if error.status == HTTPStatus.FORBIDDEN:
        advice += ", or give Airflow's service account the rights to get, list, create and delete pods"
    return f"Kubernetes refused the pod of step {step!r} ({error.status} {_message(error)}): {advice}."


def _message(error: ApiException) -> str:
    """Return what the API server says, which is JSON unless something else answered in its place."""
    try:
        return str(json.loads(error.body)["message"])
    except (KeyError, TypeError, ValueError):
        return str(error.reason)
