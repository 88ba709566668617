"""Airflow's stable REST API, as far as the commands and the local stack use it, by its official client."""

import json
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from metaflow.exception import MetaflowException
from metaflow.metaflow_config_funcs import from_conf

from metaflow_airflow.commands.rest_client import import_parts_only
from metaflow_airflow.run_ids import metaflow_run_id

if TYPE_CHECKING:
    from airflow_client.client.models.dag_details_response import DAGDetailsResponse
    from airflow_client.client.models.dag_run_response import DAGRunResponse

DEFAULT_URL = "http://localhost:8080"  # Airflow's default
TIMEOUT_SECONDS = 30.0  # for one request
PAGE_SIZE = 100  # Airflow's limit
LONGEST_DETAIL = 300  # characters of a server's error message
DAG_TAG = "metaflow"  # every compiled DAG has it
ACTIVE = ("queued", "running")


class AirflowError(MetaflowException):
    """Airflow does not answer, or refuses a request."""

    headline = "Airflow"


class Airflow:
    """One Airflow: that at `url`, or that of Metaflow's configuration.

    The configuration is METAFLOW_AIRFLOW_API_URL and, for the login, METAFLOW_AIRFLOW_TOKEN, or
    METAFLOW_AIRFLOW_USERNAME and METAFLOW_AIRFLOW_PASSWORD; no other address gets them. `timeout` is in
    seconds, for one request. All methods raise AirflowError, with one message for the user, if Airflow does
    not answer or refuses a request.
    """

    def __init__(self, url: str | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        try:
            import_parts_only()
            from airflow_client.client.api_client import ApiClient
            from airflow_client.client.configuration import Configuration
        except ImportError as error:
            raise AirflowError(
                "Airflow's REST client is not installed: pip install apache-airflow-client"
            ) from error
        configured = (from_conf("AIRFLOW_API_URL") or DEFAULT_URL).rstrip("/")
        self.url = (url or configured).rstrip("/")
        self.timeout = timeout
        self.client = ApiClient(Configuration(host=self.url))
        if self.url == configured:
            self.client.configuration.access_token = self._token()

    def dag(self, dag_id: str) -> "DAGDetailsResponse | None":
        """Return a DAG and its parameters, None if Airflow does not know it."""
        from airflow_client.client.api.dag_api import DAGApi

        return self.find(DAGApi(self.client).get_dag_details, dag_id)

    def dag_ids(self) -> Iterator[str]:
        """Yield the ids of all DAGs that were compiled from flows, sorted."""
        from airflow_client.client.api.dag_api import DAGApi

        listing = DAGApi(self.client).get_dags
        for dag in self.pages(listing, "dags", tags=[DAG_TAG], order_by=["dag_id"]):
            yield dag.dag_id

    def source(self, dag_id: str) -> str | None:
        """Return the text of the file that Airflow serves a DAG from, None if it does not know the DAG."""
        from airflow_client.client.api.dag_source_api import DagSourceApi

        found = self.find(DagSourceApi(self.client).get_dag_source, dag_id)
        return found.content if found else None

    def import_errors(self) -> list[Any]:
        """Return the errors of DAG files that cannot be imported (the latest 100)."""
        from airflow_client.client.api.import_error_api import ImportErrorApi

        listing = ImportErrorApi(self.client).get_import_errors
        return self.ask(listing, limit=PAGE_SIZE, order_by=["-timestamp"]).import_errors

    def read_again(self, file_token: str) -> None:
        """Ask Airflow to read a DAG file again soon; without effect if this login may not ask for it."""
        from airflow_client.client.api.dag_parsing_api import DAGParsingApi

        with suppress(AirflowError):  # already requested, or not allowed: Airflow reads it later anyway
            self.find(DAGParsingApi(self.client).reparse_dag_file, file_token)

    def trigger(self, dag_id: str, values: dict[str, Any]) -> "DAGRunResponse":
        """Start a run of a DAG now, with these values for its parameters."""
        from airflow_client.client.api.dag_run_api import DagRunApi
        from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody

        body = TriggerDAGRunPostBody(logical_date=None, conf=values)
        return self.ask(DagRunApi(self.client).trigger_dag_run, dag_id, body)

    def runs(self, dag_id: str, **filters: Any) -> "Iterator[DAGRunResponse]":
        """Yield the runs of a DAG, newest first."""
        from airflow_client.client.api.dag_run_api import DagRunApi

        listing = DagRunApi(self.client).get_dag_runs
        yield from self.pages(listing, "dag_runs", dag_id, order_by=["-run_after"], **filters)

    def run(self, dag_id: str, run_id: str) -> "DAGRunResponse":
        """Return the DAG run with this Metaflow run id. Raises AirflowError if there is none."""
        for run in self.runs(dag_id):
            if metaflow_run_id(dag_id, run.dag_run_id, run.run_after) == run_id:
                return run
        raise AirflowError(f"The DAG {dag_id!r} has no run {run_id!r} in Airflow at {self.url}.")

    def run_address(self, run: "DAGRunResponse") -> str:
        """Return the address of a run in Airflow's UI, without the login that the API's address may have."""
        url = urlsplit(self.url)
        base = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
        return f"{base}/dags/{quote(run.dag_id, safe='')}/runs/{quote(run.dag_run_id, safe='')}"

    def fail(self, run: "DAGRunResponse") -> None:
        """Mark a run as failed, which ends its tasks."""
        from airflow_client.client.api.dag_run_api import DagRunApi
        from airflow_client.client.models.dag_run_mutable_states import DagRunMutableStates
        from airflow_client.client.models.dag_run_patch_body import DAGRunPatchBody

        body = DAGRunPatchBody(state=DagRunMutableStates.FAILED)
        self.ask(DagRunApi(self.client).patch_dag_run, run.dag_id, run.dag_run_id, body)

    def delete(self, dag_id: str) -> None:
        """Remove a DAG and its history from Airflow."""
        from airflow_client.client.api.dag_api import DAGApi

        self.find(DAGApi(self.client).delete_dag, dag_id)

    def _token(self) -> str | None:
        token, user = from_conf("AIRFLOW_TOKEN"), from_conf("AIRFLOW_USERNAME")
        if token or not user:
            return token
        login = {"username": user, "password": from_conf("AIRFLOW_PASSWORD") or ""}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        # The client has no method for this: each auth manager of Airflow has its own login.
        answer = self.ask(self._post, f"{self.url}/auth/token", headers, login)
        return answer["access_token"]

    def _post(self, url: str, headers: dict[str, str], body: Any, _request_timeout: float) -> Any:
        from airflow_client.client.exceptions import ApiException

        answer = self.client.call_api("POST", url, headers, body, _request_timeout=_request_timeout)
        data = answer.read()
        if not 200 <= answer.status < 300:
            ApiException.from_response(http_resp=answer, body=data.decode(errors="replace"), data=None)
        return json.loads(data)

    def pages(self, listing: Callable[..., Any], field: str, *args: Any, **filters: Any) -> Iterator[Any]:
        """Yield the entries of all pages of a list; none if there is no such list."""
        offset, total = 0, 1
        while offset < total:
            page = self.find(listing, *args, limit=PAGE_SIZE, offset=offset, **filters)
            if page is None:
                return
            yield from getattr(page, field)
            offset, total = offset + PAGE_SIZE, page.total_entries or 0

    def find(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return the response to a request, None if Airflow responds with "not found"."""
        from airflow_client.client.exceptions import NotFoundException

        try:
            return self.ask(call, *args, **kwargs)
        except AirflowError as error:
            if isinstance(error.__cause__, NotFoundException):
                return None
            raise

    def ask(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return the response to a request; every kind of failure raises AirflowError."""
        from airflow_client.client.exceptions import ApiException, OpenApiException
        from urllib3.exceptions import HTTPError

        try:
            return call(*args, _request_timeout=self.timeout, **kwargs)
        except ApiException as error:
            raise AirflowError(self._refusal(error.status, error.body)) from error
        except HTTPError as error:
            raise AirflowError(
                f"Airflow does not answer at {self.url}: start it, or set METAFLOW_AIRFLOW_API_URL "
                f"to its address ({_root_cause(error)})."
            ) from error
        except (OpenApiException, ValueError) as error:
            raise AirflowError(self._not_airflow()) from error

    def _not_airflow(self) -> str:
        return (
            f"The server at {self.url} is not the API of Airflow 3: set METAFLOW_AIRFLOW_API_URL to the "
            "address of the API."
        )

    def _refusal(self, status: int | None, body: str | None) -> str:
        if status in (401, 403):
            return (
                f"Airflow at {self.url} does not allow this login to do that ({_detail(body)}): set "
                "METAFLOW_AIRFLOW_TOKEN, or METAFLOW_AIRFLOW_USERNAME and METAFLOW_AIRFLOW_PASSWORD."
            )
        if not status:  # the client's error for a response that is not JSON
            return self._not_airflow()
        return f"Airflow at {self.url} refuses the request ({status}): {_detail(body)}"


def _detail(body: str | None) -> str:
    """Return the reason in Airflow's error response, as one line."""
    with suppress(ValueError, TypeError, KeyError):
        detail = json.loads(body or "")["detail"]
        if isinstance(detail, list):  # the request does not match Airflow's schema
            detail = "; ".join(str(each.get("msg", each)) for each in detail)
        body = detail if isinstance(detail, str) else json.dumps(detail)
    return textwrap.shorten(body or "no reason given", LONGEST_DETAIL)


def _root_cause(error: BaseException) -> str:
    """Return the reason why a connection failed, without urllib3's wrapping."""
    reason = getattr(error, "reason", None) or error
    text = str(reason)
    return text.rpartition(": ")[2] or type(reason).__name__
