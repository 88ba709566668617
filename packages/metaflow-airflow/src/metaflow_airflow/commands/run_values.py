"""The values of the command line as the configuration of a DAG run: a step gets the same with `run`."""

import json
from collections.abc import Mapping
from typing import Any

from metaflow import parameters
from metaflow._vendor import click
from metaflow.exception import MetaflowException
from metaflow.includefile import IncludedFile

from metaflow_airflow.compiler.flow_model import ParameterType
from metaflow_airflow.compiler.read_parameters import parameter_type
from metaflow_airflow.exact_values import change_by_airflow
from metaflow_airflow.included_files import uploaded_file

LONGEST_SHOWN = 60  # characters of a value in a message


class UnsupportedValue(MetaflowException):
    """A value that a run on Airflow cannot have."""

    headline = "Invalid parameter value"


def run_values(flow: Any, values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the parameters that were given, by the parameters' names.

    Args:
        flow: The flow.
        values: The values of the command's options, by click's names.
        given: What the user wrote for the options that were given, by click's names.

    Raises:
        UnsupportedValue: Airflow would reject or change a value, or it names a file that was not uploaded.
    """
    found = {}
    for _, parameter in flow._get_parameters():
        option = parameter.name.replace("-", "_").lower()  # click's name
        is_config = parameter.IS_CONFIG_PARAMETER  # the value of a Config is fixed when the flow is compiled
        if not is_config and option in given:
            found[parameter.name] = run_value(flow.name, parameter, values[option], given[option])
    return found


def run_value(flow: str, parameter: Any, value: Any, written: Any) -> Any:
    """Return the value of one parameter.

    Args:
        flow: The flow's name.
        parameter: Metaflow's parameter.
        value: The value that click made of what the user wrote.
        written: What the user wrote.

    Raises:
        UnsupportedValue: Airflow would reject or change the value, or it names a file that was not uploaded.
    """
    if isinstance(value, parameters.DelayedEvaluationParameter):  # a file, which is uploaded now
        return value(return_str=True)
    if isinstance(value, IncludedFile):
        return _uploaded_before(flow, parameter, written)
    kind = parameter_type(click.types.convert_type(parameter.kwargs.get("type")))
    if kind is ParameterType.JSON:
        # A step parses a text as JSON, and takes null as "use the default": such values are sent encoded as
        # JSON, and so are those that Airflow would change.
        is_text = value is None or isinstance(value, str) or change_by_airflow(value)
        return json.dumps(value) if is_text else value
    if kind is ParameterType.STRING:  # the step converts it to the parameter's own type
        value = written
    if reason := change_by_airflow(value):
        shown = written if len(str(written)) <= LONGEST_SHOWN else f"{str(written)[:LONGEST_SHOWN]}…"
        raise UnsupportedValue(
            f"--{parameter.name} {shown!r} cannot be sent to Airflow: {reason}. Make it the parameter's "
            "default, or give the parameter the type JSONType."
        )
    return value


def _uploaded_before(flow: str, parameter: Any, written: str) -> str:
    try:
        uploaded_file(written, flow)
    except ValueError as error:
        raise UnsupportedValue(f"--{parameter.name} {error}: name a file on this machine.") from None
    return written
