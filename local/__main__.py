"""The stack's command line: `python -m local up|down|status|run|clean`."""

import argparse
import sys
import time

from local.errors import StackError
from local.settings import load_settings
from local.stack import down, up


def main() -> int:
    """Run one command and return its exit code; a user's mistake becomes one sentence."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The embedded stack.")
    parser.add_argument("command", choices=["up", "down"])
    command = parser.parse_args().command
    try:
        return {"up": _up, "down": _down}[command]()
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def _up() -> int:
    settings = up(load_settings(), _show)
    print(f"Airflow {settings.airflow_url}   S3 {settings.s3_url}   source {settings.env_file} to use them")
    return 0


def _down() -> int:
    begin = time.monotonic()
    settings = load_settings()
    down(settings)
    print(f"Stopped after {time.monotonic() - begin:.1f} s; the data stays in {settings.state}.")
    return 0


def _show(part: str, state: str, seconds: float) -> None:
    print(f"  {part:<14} {state:<8} {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
