"""Read parameters: what Airflow can check itself, and what only the flow's code understands."""

import json
import os
from pathlib import Path
from typing import Any

from metaflow._vendor import click
from metaflow.includefile import FilePathClass
from metaflow.parameters import JSONTypeClass, deploy_time_eval

from metaflow_airflow.compiler.flow_model import FlowParameter, ParameterType
from metaflow_airflow.exact_values import LARGEST_IN_FORM, change_by_airflow

# By click's names of its types. Metaflow checks ranges when the run starts.
CLICK_TYPES = {
    "integer": ParameterType.INTEGER,
    "integer range": ParameterType.INTEGER,
    "float": ParameterType.NUMBER,
    "float range": ParameterType.NUMBER,
    "boolean": ParameterType.BOOLEAN,
}
PYTHON_TYPES = {
    ParameterType.INTEGER: int,
    ParameterType.NUMBER: float,
    ParameterType.BOOLEAN: bool,
    ParameterType.STRING: str,
}
# Click's options that make a parameter take no value, or several.
VALUE_COUNT_OPTIONS = ("count", "flag_value", "is_flag", "multiple", "nargs")


def read_parameter(parameter: Any) -> FlowParameter:
    """Return the model of one of Metaflow's parameters, its default evaluated as for a deployment."""
    click_type = click.types.convert_type(parameter.kwargs.get("type"))
    kind = parameter_type(click_type)
    choices = click_type.choices if isinstance(click_type, click.Choice) and click_type.case_sensitive else ()
    return FlowParameter(
        name=parameter.name,
        type=kind,
        # Reading the default of a file would upload it.
        default=None if kind is ParameterType.FILE else _read_default(parameter, click_type, kind),
        required=bool(parameter.kwargs.get("required")) and parameter.kwargs.get("default") is None,
        help=parameter.kwargs.get("help"),
        choices=tuple(choices),
        click_options=tuple(name for name in VALUE_COUNT_OPTIONS if name in parameter.kwargs),
        missing_file=_missing_file(parameter) if kind is ParameterType.FILE else None,
    )


def parameter_type(click_type: Any) -> ParameterType:
    """Return the type that a parameter of one of click's types has in Airflow."""
    if isinstance(click_type, JSONTypeClass):
        return ParameterType.JSON
    if isinstance(click_type, FilePathClass):
        return ParameterType.FILE
    return CLICK_TYPES.get(click_type.name, ParameterType.STRING)


def _read_default(parameter: Any, click_type: Any, kind: ParameterType) -> Any:
    """Return a default that Airflow can store; None leaves it to the flow."""
    default = deploy_time_eval(parameter.kwargs.get("default"))
    if default is None:
        return None
    if kind is ParameterType.JSON:
        value = json.loads(default) if isinstance(default, str) else default
        return value if _is_kept(value) else None
    if kind is not ParameterType.STRING:  # Metaflow returns the defaults of a deployment as texts
        default = click_type.convert(default, None, None)
    return default if type(default) is PYTHON_TYPES[kind] and _is_kept(default) else None


def _missing_file(parameter: Any) -> str | None:
    default = parameter.kwargs.get("default")
    path = default() if default is not None else None  # called like this, it does not upload the file
    if path is None:
        return None
    file = Path(path).expanduser()
    return None if file.is_file() and os.access(file, os.R_OK) else path


def _is_kept(value: Any) -> bool:
    """Return whether a default stays as it is in Airflow and in its trigger form."""
    return change_by_airflow(value, LARGEST_IN_FORM) is None
