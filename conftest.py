"""Shares the fixture `stack`, one running stack per session, with all tests of the repository."""

pytest_plugins = ["local.testing"]
