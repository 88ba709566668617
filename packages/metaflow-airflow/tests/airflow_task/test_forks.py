"""Work in a fork: its output is complete, its exit code is known, and it ends when nobody waits for it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from metaflow.mflog.mflog import parse

PRELUDE = """
import atexit, logging, os, signal, sys, threading, time
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.entry import enter
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.forks import ForkRunner
"""


def script(body):
    return [sys.executable, "-c", PRELUDE + textwrap.dedent(body)]


def run(body):
    return subprocess.run(script(body), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        ("lambda: None", 0),
        ("lambda: sys.exit(0)", 0),
        ("lambda: sys.exit()", 0),
        ("lambda: sys.exit(7)", 7),
        ("lambda: sys.exit('a message')", 1),
        ("lambda: 1 / 0", 1),
        ("lambda: os._exit(202)", 202),
        ("lambda: os.kill(os.getpid(), signal.SIGKILL)", 137),
    ],
)
def test_exit_codes(work, code):
    assert run(f"enter(lambda: ForkRunner().run({work}))").returncode == code


def test_a_failure_shows_its_traceback():
    assert "ZeroDivisionError" in run("enter(lambda: ForkRunner().run(lambda: 1 / 0))").stderr


def test_output_is_forwarded_and_kept_line_by_line():
    done = run(
        """
        def work():
            print("first"); print("ünï", flush=True); sys.stderr.write("no newline at the end")
            os.write(1, b"x" * 200_000)
        def main():
            forks = ForkRunner()
            forks.run(work)
            forks.run(lambda: print("second fork"))
            for name, path in forks.logs().items():
                print(name, path)
        enter(main)
        """
    )
    assert done.stdout.startswith("first\nünï\n" + "x" * 200_000 + "second fork\n")
    assert done.stderr == "no newline at the end"
    kept = dict(line.split() for line in done.stdout.splitlines()[-2:])
    messages = {
        name: [parse(line).msg for line in Path(path).read_bytes().splitlines()]
        for name, path in kept.items()
    }
    assert messages["stdout"] == [b"first", "ünï".encode(), b"x" * 200_000, b"second fork"]
    assert messages["stderr"] == [b"no newline at the end"]


def test_notes_follow_the_output_before_them_and_are_not_kept():
    done = run(
        """
        from metaflow_extensions.metaflow_airflow.plugins.airflow_task.notes import note
        def work():
            for number in range(3):
                print("x" * 100_000 + str(number), flush=True)
            note("a note, ünï \\ud800")
        def main():
            note("not in a fork")
            forks = ForkRunner()
            code = forks.run(work)
            print(code, "note" in forks.logs()["stdout"].read_text())
        enter(main)
        """
    )
    *output, noted, end = done.stdout.splitlines()
    assert [line[-1] for line in output] == ["0", "1", "2"]
    assert (noted, end) == (r"a note, ünï \ud800", "0 False"), done.stderr


def test_a_daemon_that_keeps_the_pipe_open_is_not_waited_for():
    started = time.monotonic()
    done = run(
        """
        def work():
            if os.fork() == 0:
                time.sleep(40)
        enter(lambda: ForkRunner().run(work))
        """
    )
    assert done.returncode == 0
    assert time.monotonic() - started < 30


def test_a_termination_reaches_the_fork_and_its_logs_are_kept():
    process = subprocess.Popen(
        script(
            """
            def work():
                print("working", flush=True)
                time.sleep(60)
            enter(lambda: print("code", ForkRunner().run(work)))
            """
        ),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30)[0] == "code 143\n"


def test_the_whole_group_ends_when_the_lifeline_closes():
    read, write = os.pipe()
    body = """
        def work():
            print(os.getpid(), flush=True)
            time.sleep(60)
        enter(lambda: ForkRunner(lifeline=int(sys.argv[1])).run(work))
    """
    process = subprocess.Popen(
        [*script(body), str(read)], stdout=subprocess.PIPE, text=True, pass_fds=[read], start_new_session=True
    )
    os.close(read)
    fork = int(process.stdout.readline())
    os.close(write)
    assert process.wait(timeout=30) == -signal.SIGKILL
    psutil.wait_procs([psutil.Process(fork)] if psutil.pid_exists(fork) else [], timeout=10)
    assert not psutil.pid_exists(fork)
