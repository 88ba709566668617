"""Shares the fixture `stack`, one running stack per session, with all tests of the repository."""

import os

# Before anything loads OpenMP: where others use the processors, its threads wait for each other by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
pytest_plugins = ["tests.support.running_stack"]
