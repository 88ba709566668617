"""Turns errors of the Kubernetes client into one clear message."""

import json
from http import HTTPStatus

from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

KUBERNETES_ERRORS = (ApiException, ConfigException, HTTPError)


def error_message(error: Exception, step: str) -> str:
    """Return the message for an error of the Kubernetes client.

    Args:
        error: One of KUBERNETES_ERRORS.
        step: The name of the step whose pod was requested.
    """
    if isinstance(error, ConfigException):
        return (
            f"No Kubernetes cluster is configured for step {step!r} ({error}): set "
            "METAFLOW_AIRFLOW_KUBERNETES_CONN_ID to a connection to a cluster, or run Airflow inside one."
        )
    if not isinstance(error, ApiException):
        return (
            f"Airflow's worker cannot reach Kubernetes for step {step!r} ({error}): check the connection and "
            "the network."
        )
    advice = "correct the arguments of @kubernetes or the METAFLOW_KUBERNETES_* settings"
    if error.status == HTTPStatus.FORBIDDEN:
        advice += (
            ", or allow Airflow's service account to get, list, create, patch and delete pods, and to create "
            "secrets"
        )
    return f"Kubernetes rejected the pod of step {step!r} ({error.status} {_message(error)}): {advice}."


def _message(error: ApiException) -> str:
    """Return the API server's message, which is JSON unless a proxy answered in its place."""
    try:
        return str(json.loads(error.body)["message"])
    except (KeyError, TypeError, ValueError):
        return str(error.reason)
