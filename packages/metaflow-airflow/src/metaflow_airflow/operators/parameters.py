"""Values of a flow's parameters that do not come from Airflow's trigger form: their types, and XComs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airflow.providers.common.compat.sdk import ParamValidationError
from airflow.sdk import Context, Param, XComArg

from metaflow_airflow.included_files import FILE_PATTERN, uploaded_file
from metaflow_airflow.operators.flow import Flow

LONGEST_SHOWN = 200  # characters of a value in a message


def given_parameters(flow: Flow, given: dict[str, Any]) -> dict[str, Any]:
    """Return the values of all parameters of a flow, given those in a DAG file; some may be XComArgs.

    :raises ValueError: if a parameter is unknown or missing, or its value is already known to have the wrong
        type
    """
    if unknown := sorted(given.keys() - flow.params.keys()):
        known = ", ".join(map(repr, flow.params)) or "none"
        raise ValueError(f"{flow.name} has no parameter {unknown[0]!r}; it has {known}.")
    values = {name: given.get(name, param.value) for name, param in flow.params.items()}
    if missing := [
        name for name, param in flow.params.items() if name not in given and not has_default(param)
    ]:
        raise ValueError(f"{flow.name} requires a value for its parameter {missing[0]!r}.")
    for name, value in values.items():
        if name in given and not _references(value):
            checked_value(value, flow.params[name], f"value of parameter {name!r} of {flow.name}")
    return values


def resolved_parameters(flow: Flow, values: dict[str, Any], context: Context) -> dict[str, Any]:
    """Return the values of a flow's parameters, with XComArgs replaced by their values; no text is evaluated.

    :raises ValueError: if a value does not have its parameter's type
    """
    found = {name: _resolved(value, context) for name, value in values.items()}
    return {
        name: checked_value(value, flow.params[name], f"value of parameter {name!r} of {flow.name}")
        if _references(values[name])
        else value
        for name, value in found.items()
    }


def declared_values(
    flow: Flow, values: Mapping[str, Any], params: Mapping[str, Param], log: Any
) -> dict[str, Any]:
    """Return the values of the flow's parameters among those in a DAG run's configuration.

    Nothing else may reach Metaflow, to which it would be an option of the command that starts the run.

    :param flow: the flow
    :param values: the values by name; Airflow adds to them whatever the run's configuration contains
    :param params: the flow's parameters
    :param log: the task's log, which mentions what is ignored
    """
    if ignored := sorted(values.keys() - params.keys()):
        log.warning(
            "The run's configuration contains what is no parameter of %s, and is ignored: %s",
            flow.name,
            ", ".join(map(repr, ignored)),
        )
    return {name: value for name, value in values.items() if name in params}


def given_files(flow: Flow, values: dict[str, Any], params: Mapping[str, Param]) -> dict[str, dict[str, Any]]:
    """Return, by parameter, where the files are that were given as values of IncludeFile parameters.

    :param flow: the flow
    :param values: the values of the flow's parameters
    :param params: the flow's parameters
    :raises ValueError: if a value is anything but a file that was uploaded for the flow
    """
    names = [name for name, param in params.items() if param.schema.get("pattern") == FILE_PATTERN]
    found = {}
    for name in names:
        if values.get(name) is not None:
            try:
                found[name] = uploaded_file(values[name], flow.name)
            except ValueError as error:
                raise ValueError(
                    f"The value of parameter {name!r} {error}: start the run with `airflow trigger --{name} "
                    f"<a file on your machine>`, which uploads it. The value is {_shown(values[name])}."
                ) from None
    return found


def has_default(param: Param) -> bool:
    """Return whether a parameter may be omitted."""
    return bool(param.value is None or param.has_value)


def checked_value(value: Any, param: Param, where: str) -> Any:
    """Return a value converted to its parameter's type: a text may stand for a number or a boolean.

    :param value: the value
    :param param: the parameter
    :param where: describes the value in the error message
    :raises ValueError: if the value does not have that type
    """
    kind = param.schema.get("type", ())
    kinds = (kind,) if isinstance(kind, str) else tuple(kind)
    try:
        return Param(schema=param.schema).resolve(_from_text(value, kinds))
    except ParamValidationError:
        raise ValueError(f"The {where} is {_shown(value)}, which is not {_wanted(param, kinds)}.") from None


def _from_text(value: Any, kinds: Sequence[str]) -> Any:
    if not isinstance(value, str) or not kinds or "string" in kinds:
        return value
    try:
        return json.loads(value.lower() if "boolean" in kinds else value)
    except ValueError:
        return _special_number(value) if "number" in kinds else value


def _special_number(text: str) -> float | str:
    """Return the number that a text means on Metaflow's command line but not in JSON, such as `inf`."""
    try:
        return float(text)
    except ValueError:
        return text


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _wanted(param: Param, kinds: Iterable[str]) -> str:
    if "enum" in param.schema:
        return "one of " + ", ".join(map(_shown, param.schema["enum"]))
    name = " or ".join(kind for kind in kinds if kind != "null")
    return f"{'an' if name[:1] in ('a', 'i', 'o') else 'a'} {name or 'JSON value'}"


def _references(value: Any) -> bool:
    return any(True for _ in XComArg.iter_xcom_references(value))


def _resolved(value: Any, context: Context) -> Any:
    match value:
        case XComArg():
            found = value.resolve(context)
            # The XComs of a mapped task are a lazy sequence, which fetches them one by one.
            return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else found
        case dict():
            return {name: _resolved(each, context) for name, each in value.items()}
        case list() | tuple():
            return [_resolved(each, context) for each in value]
    return value
