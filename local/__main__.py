"""The stack's command line: `python -m local up|standalone|down|status|run`."""

import argparse
import os
import sys
import time

from local.errors import StackError
from local.stack.ports import DEFAULT_AIRFLOW_PORT
from local.stack.settings import Settings, load_settings

# Each command imports what it needs: importing everything takes seconds, in which Ctrl-C prints a traceback.


def main() -> int:
    """Run one command and return its exit code."""
    commands = {
        "up": _up,
        "standalone": _standalone,
        "down": _down,
        "status": _status,
        "run": _run,
    }
    parser = argparse.ArgumentParser(prog="python -m local", description="The embedded stack.")
    parser.add_argument("command", choices=commands)
    command = commands[parser.parse_args().command]
    try:
        return command(load_settings())
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(settings: Settings) -> int:
    from local.stack.environment import login_note
    from local.stack.start_and_stop import up

    settings = up(settings, _show)
    print(f"Airflow {settings.airflow_url}   S3 {settings.s3_url}   Environment: source {settings.env_file}")
    if note := login_note(settings):
        print(note)
    return 0


def _standalone(settings: Settings) -> int:
    from local.stack.environment import use_stack, write_standalone_file
    from local.stack.start_and_stop import storage_up

    settings = storage_up(settings, _show)
    use_stack(settings)
    from local.pipeline.flows import compile_flows  # Metaflow reads the environment when it is imported

    for note in compile_flows(settings):
        print(note)
    file = write_standalone_file(settings)
    port = "" if settings.ports.airflow == DEFAULT_AIRFLOW_PORT else f" --port {settings.ports.airflow}"
    print(f"S3 {settings.s3_url}   Next: astro dev start --standalone --env {file} --wait 5m{port}")
    return 0


def _run(settings: Settings) -> int:
    from local.pipeline.raw_data import raw_data_sources
    from local.stack.environment import use_stack
    from local.stack.start_and_stop import up

    sources = raw_data_sources(os.environ.get("RAW_DATA", ""))  # reported before anything is started
    settings = up(settings, _show)
    use_stack(settings)
    # These import Metaflow, which reads its settings from the environment when it is imported.
    from metaflow_airflow.commands.rest import AirflowError

    from local.pipeline.run import run_pipeline

    try:
        return run_pipeline(settings, sources, _show)
    except AirflowError as error:
        raise StackError(f"{error} Run `make run` again: it repairs the stack.") from error


def _status(settings: Settings) -> int:
    from local.stack.daemon import connect
    from local.stack.environment import use_stack
    from local.stack.processes import stack_processes

    if not (supervisor := connect(settings)):
        if stack_processes(settings.state):
            print(
                f"supervisord of the stack in {settings.state} has been killed: `make run` repairs the stack."
            )
        else:
            print(f"The stack in {settings.state} is down: `make run` starts it.")
        return 0
    use_stack(settings)
    from local.pipeline.status import show_status  # Metaflow reads the environment when it is imported

    show_status(settings, supervisor)
    return 0


def _down(settings: Settings) -> int:
    from local.stack.start_and_stop import down

    begin = time.monotonic()
    down(settings)
    print(f"Stopped in {time.monotonic() - begin:.1f} s. The data stays in {settings.state}.")
    return 0


def _show(part: str, state: str, seconds: float) -> None:
    print(f"  {part:<14} {state:<8} {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
