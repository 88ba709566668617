"""Render: a DagModel becomes the text of a DAG file, in the style of `ruff format` with lines of 100."""

import textwrap
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from metaflow_airflow import __version__
from metaflow_airflow.compiler.dag_model import Call, DagModel, Foreach, Task, Variable

LINE_LENGTH = 100
INDENT = "    "


def render_dag(dag: DagModel) -> str:
    """Return the DAG file's text."""
    environment = Environment(
        loader=PackageLoader("metaflow_airflow.compiler"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Python is written here, not HTML)
    )
    environment.filters |= {"value": render_value, "docstring": _docstring}
    environment.globals |= {"call": _call, "body": _body}
    template = environment.get_template("dag.py.jinja")
    return template.render(dag=dag, version=__version__)


def render_value(value: Any, depth: int, prefix: str = "", suffix: str = "") -> str:
    """Return a value as Python source.

    It is on one line if that fits between `prefix` and `suffix` at that depth of indentation; otherwise
    each of its parts has a line.
    """
    line = _flat(value)
    if len(INDENT * depth + prefix + line + suffix) <= LINE_LENGTH and "\n" not in line:
        return line
    return _exploded(value, depth) or line


def _flat(value: Any) -> str:
    match value:
        case Variable():
            return value.name
        case Call():
            arguments = [_flat(each) for each in value.positional]
            arguments += [f"{name}={_flat(each)}" for name, each in value.keywords.items()]
            return f"{value.function}({', '.join(arguments)})"
        case str():
            return _string(value)
        case dict():
            return "{" + ", ".join(f"{_string(name)}: {_flat(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case tuple():
            return "(" + ", ".join(map(_flat, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _exploded(value: Any, depth: int) -> str | None:
    """Return a value with a line for each part, None if it has no parts."""
    match value:
        case Call():
            parts = [("", each) for each in value.positional]
            parts += [(f"{name}=", each) for name, each in value.keywords.items()]
            brackets = (f"{value.function}(", ")")
        case dict():
            parts, brackets = [(f"{_string(name)}: ", each) for name, each in value.items()], ("{", "}")
        case list():
            parts, brackets = [("", each) for each in value], ("[", "]")
        case tuple():
            parts, brackets = [("", each) for each in value], ("(", ")")
        case _:
            return None
    inner = INDENT * (depth + 1)
    lines = [f"{inner}{prefix}{render_value(each, depth + 1, prefix, ',')}," for prefix, each in parts]
    return "\n".join([brackets[0], *lines, INDENT * depth + brackets[1]])


def _string(text: str) -> str:
    """Return a string literal as formatters write it: with the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    """Return a character as it is written between these quotes."""
    if character in "'\"":
        return f"\\{character}" if character == quote else character
    return repr(character).strip("'")


def _call(function: str, arguments: dict[str, Any], depth: int) -> str:
    """Return a call with a line for each argument, however short."""
    return _exploded(Call(function, keywords=arguments), depth) or ""


def _body(items: Sequence[Task | Foreach], depth: int) -> str:
    """Return the statements that make tasks and groups."""
    lines: list[str] = []
    previous: Task | Foreach | None = None
    for item in items:
        if previous and Foreach in (type(previous), type(item)):
            lines.append("")
        lines.append(_foreach(item, depth) if isinstance(item, Foreach) else _task(item, depth))
        previous = item
    return "\n".join(lines)


def _foreach(group: Foreach, depth: int) -> str:
    head = f"with Foreach({_string(group.group_id)}, over={group.over}):"
    return f"{INDENT * depth}{head}\n{_body(group.body, depth + 1)}"


def _task(task: Task, depth: int) -> str:
    prefix = f"{task.name} = " if task.name else ""
    arguments = {
        name: _documentation(value, depth + 2) if name == "doc_md" else value
        for name, value in task.arguments.items()
    }
    return INDENT * depth + prefix + render_value(Call(task.operator, keywords=arguments), depth, prefix)


def _documentation(text: Any, depth: int) -> Any:
    """Return a docstring of several lines as a triple-quoted string; Airflow removes the indentation."""
    if not isinstance(text, str) or "\n" not in text:
        return text
    inside = textwrap.indent(_docstring(text), INDENT * depth)
    return Variable(f'"""\n{inside}\n{INDENT * (depth - 1)}"""')


def _docstring(text: str) -> str:
    """Return text as it is written between triple double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character).strip("'")
        for character in escaped
    )
