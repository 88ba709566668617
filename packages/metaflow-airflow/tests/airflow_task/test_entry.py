"""A step's process ends as that of `python flow.py run` does: nothing that the step has begun is lost."""

import pytest
from step_process import StepRunner

FLOW = """
import atexit, concurrent.futures, logging, logging.handlers, multiprocessing, os, sys, threading, time
from metaflow import FlowSpec, step

FILE = open(os.environ["MARKS"], "a")  # never closed: the interpreter flushes it


def mark(text):
    with open(os.environ["MARKS"], "a") as file:
        file.write(text + "\\n")


class Late(logging.Handler):
    def emit(self, record):
        pass

    def close(self):
        mark("logging was shut down")
        super().close()


def late(text):
    time.sleep(0.5)
    mark(text)


def raises():
    raise ValueError("raised at exit")


class EndFlow(FlowSpec):
    @step
    def start(self):
        atexit.register(mark, "atexit")
        threading.Thread(target=late, args=["thread"]).start()
        concurrent.futures.ThreadPoolExecutor(1).submit(late, "thread of a pool")
        concurrent.futures.ProcessPoolExecutor(1).submit(late, "process of a pool")
        multiprocessing.get_context("fork").Process(target=late, args=["child process"]).start()
        logging.getLogger().addHandler(Late())
        FILE.write("buffered\\n")
        self.next(self.other)

    @step
    def other(self):
        match os.environ.get("HOW"):
            case "message":
                raise SystemExit("leaving early")
            case "raising at exit":
                atexit.register(raises)
            case "exit code at exit":
                atexit.register(os._exit, 3)
            case "closed":
                sys.stdout.close()
            case "both closed":
                sys.stdout.close()
                sys.stderr.close()
            case "descriptors closed":
                os.close(1)
                os.close(2)
            case "replaced":
                sys.stdout = open(os.devnull, "w")
            case "replaced and closed":
                sys.stdout = open(os.devnull, "w")
                sys.stdout.close()
            case "none":
                sys.stdout = None
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    EndFlow()
"""
MARKS = {
    "atexit",
    "buffered",
    "child process",
    "logging was shut down",
    "process of a pool",
    "thread",
    "thread of a pool",
}


@pytest.fixture(scope="module")
def flow(tmp_path_factory):
    """The flow; its first step has run, as Airflow runs it."""
    file = tmp_path_factory.mktemp("end") / "end.py"
    file.write_text(FLOW)
    found = StepRunner(file, "EndFlow", file.parent)
    found.env["MARKS"] = str(file.parent / "marks")
    found.step("start", code=0)
    return found


@pytest.fixture
def run_alone(flow):
    """Runs the flow with Metaflow's own scheduler."""

    def run(**variables):
        flow.env.update(variables)
        return flow.without_airflow("run")

    yield run
    flow.env.pop("HOW", None)


def test_what_the_step_began_is_finished_and_saved(flow):
    assert set((flow.folder / "marks").read_text().split("\n")) == MARKS | {""}


def test_metaflows_own_scheduler_finishes_the_same(run_alone, flow):
    marks = flow.folder / "marks without airflow"
    done = run_alone(MARKS=str(marks))
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(marks.read_text().split("\n")) == MARKS | {""}


@pytest.mark.parametrize(
    ("how", "code", "message"),
    [
        ("message", 1, "leaving early\n"),
        ("raising at exit", 0, "ValueError: raised at exit\n"),
        ("exit code at exit", 3, ""),
        ("closed", 0, ""),
        ("both closed", 0, ""),
        ("descriptors closed", 0, ""),
        ("replaced", 0, ""),
        ("replaced and closed", 0, ""),
        ("none", 0, ""),
    ],
)
def test_the_end_of_the_process_decides_the_exit_code(how, code, message, flow):
    flow.env["HOW"] = how
    ended = flow.step("other", "start/start")
    assert ended.code == code, ended
    assert message in ended.stderr
    assert ("Traceback" in ended.stderr) == (how == "raising at exit")
