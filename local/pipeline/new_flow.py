"""`make new-flow NAME=churn`: a small flow that works, and its test, to start from."""

import keyword
import os
import re
import sys
from pathlib import Path

from local.errors import StackError
from local.stack.settings import REPOSITORY

TEMPLATES = REPOSITORY / "local" / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
HOW_TO_NAME = "use lowercase letters, digits and single underscores, such as churn or customer_churn"


def main() -> int:
    """Write the flow that the environment variable NAME names, and return the exit code."""
    try:
        flow, test = write_flow(os.environ.get("NAME", ""), REPOSITORY)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{flow.relative_to(REPOSITORY)} is a flow that works, {test.relative_to(REPOSITORY)} is its test.\n"
        f'Add the line "{class_name(flow.stem)}", to FLOWS in dags/data_engineering_dag.py, then: make run'
    )
    return 0


def write_flow(name: str, project: Path) -> tuple[Path, Path]:
    """Write `include/<name>_flow.py` and its test in a project, and return both files.

    Raises:
        StackError: the name cannot be used; nothing is written.
    """
    require_usable(name)
    flow = project / "include" / f"{name}_flow.py"
    test = project / "tests" / "flows" / f"test_{name}_flow.py"
    for file in (flow, test):
        if file.exists():
            raise StackError(
                f"{file.relative_to(project)} already exists: choose another name, or delete it."
            )
    new = class_name(flow.stem)
    for other in sorted((project / "include").rglob("*_flow.py")):
        if re.search(rf"^class {new}\b", other.read_text(), re.MULTILINE):
            raise StackError(f"{other.relative_to(project)} already defines {new}: choose another name.")
    for file, template in ((flow, "example_flow.py"), (test, "test_example_flow.py")):
        text = (TEMPLATES / template).read_text()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("example_flow", flow.stem).replace("ExampleFlow", new))
    return flow, test


def require_usable(name: str) -> None:
    """Raise StackError, with the reason and the remedy, if a flow cannot have this name."""
    if not name:
        raise StackError("The flow needs a name: make new-flow NAME=churn")
    if not NAME.fullmatch(name):
        raise StackError(f"{name!r} cannot be the name of a flow: {HOW_TO_NAME}.")
    if name.endswith("_flow") or name == "flow":
        raise StackError(f"{name!r} ends in 'flow', which is added to each name: leave it out.")
    if keyword.iskeyword(name) or name == "test" or name.startswith("test_"):
        raise StackError(f"{name!r} is reserved by Python or pytest: choose another name.")


def class_name(stem: str) -> str:
    """Return the class of a flow from the name of its file: `TwoWordsFlow` for `two_words_flow`."""
    return "".join(part.capitalize() for part in stem.split("_"))


if __name__ == "__main__":
    sys.exit(main())
