"""Runs one service: `python -m local.stack.serve scheduler`. Started by supervisord."""

import os
import sys

from local.stack.processes import SERVICE_MARK, kill, stack_processes
from local.stack.services import command
from local.stack.settings import load_settings


def main() -> None:
    """Kill what an earlier, killed process of this service left running, then replace this process by it."""
    service = sys.argv[1]
    settings = load_settings()
    kill(stack_processes(settings.state, service))
    arguments = command(service, settings)
    os.execve(arguments[0], arguments, {**os.environ, SERVICE_MARK: service})  # noqa: S606 - no shell needed


if __name__ == "__main__":
    main()
