"""Lets Airflow's REST API do one write at a time, which with SQLite it has to."""

import asyncio
from typing import Any

from airflow.plugins_manager import AirflowPlugin

READING = ("GET", "HEAD", "OPTIONS")


class OneWriteAtATime:
    """ASGI middleware that makes each request that writes wait for the one before.

    Airflow notes such a request in its audit log within the server's event loop. When another request's
    transaction holds SQLite's only lock, the loop waits for it, and that request's end waits for the loop:
    both stood still until SQLite gave up.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, if it writes in its turn."""
        if scope["type"] != "http" or scope["method"] in READING:
            await self._app(scope, receive, send)
            return
        async with self._turn:
            await self._app(scope, receive, send)


class OneWriteAtATimePlugin(AirflowPlugin):
    """Tells Airflow of the middleware."""

    name = "one_write_at_a_time"
    fastapi_root_middlewares = [  # noqa: RUF012  (Airflow's own form)
        {"name": "one write at a time", "middleware": OneWriteAtATime, "args": [], "kwargs": {}}
    ]
