"""Runs a flow's file in this process, as `python FILE` runs it in a new one."""

import builtins
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial, wraps
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from metaflow import FlowSpec

Command = Callable[[], None]  # runs Metaflow's command that `sys.argv` contains


def run_flow(file: str, arguments: list[str]) -> None:
    """Run a flow's file in this process as `python FILE ARGUMENTS` would.

    Raises:
        SystemExit: When the flow's command has finished.
    """
    path = str(Path(file).absolute())
    # Set here rather than passed through a shell or a new process: no quoting, no limit on the size.
    sys.argv = [path, *config_options(), *arguments]
    sys.path[0] = str(Path(path).parent)
    code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    exec(code, vars(prepare_main(path)))  # noqa: S102  (the flow itself)


def prepare_main(path: str) -> ModuleType:
    """Return `__main__` with the attributes that Python gives it for a script."""
    module = sys.modules["__main__"]
    vars(module).update(
        __annotations__={},
        __builtins__=builtins,
        __cached__=None,
        __file__=path,
        __loader__=SourceFileLoader("__main__", path),
    )
    return module


def run_before_command(work: Callable[[Command], None]) -> None:
    """Have `work` done after the flow's module code, which runs only once, and before the flow's command.

    It is done in a copy of this process that ends before the command begins, so it may itself run a command:
    Metaflow's commands cannot follow each other in one process. If it fails, this process exits.
    """
    original = FlowSpec.__init__

    @wraps(original)
    def begin(flow: FlowSpec, use_cli: bool = True) -> None:
        if use_cli:
            FlowSpec.__init__ = original  # type: ignore[method-assign]
            if code := _exit_code_of_copy(partial(work, partial(original, flow))):
                sys.exit(code)
        original(flow, use_cli)

    FlowSpec.__init__ = begin  # type: ignore[method-assign]


def config_options() -> list[str]:
    """Return the options that make Metaflow read the flow's configs from the code package.

    Options rather than environment variables, because other flows that a step starts would inherit those.
    """
    from metaflow.packaging_sys import MetaflowCodeContent
    from metaflow.user_configs.config_options import ConfigInput

    configs = (MetaflowCodeContent.get_config() or {}).get("user_configs", {})
    options = [["--config-value", name, ConfigInput.make_key_name(name)] for name in configs]
    return [word for option in options for word in option]


def _exit_code_of_copy(work: Callable[[], None]) -> int:
    """Do `work` in a fork that leaves everything the module code has begun to this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code: int | str | None = 1
    try:
        work()
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # nothing may propagate into the module code
        traceback.print_exc()
    finally:
        if isinstance(code, str):
            print(code, file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))
