"""Makes Airflow's REST API handle one write at a time, as SQLite requires."""

import asyncio
from typing import Any

from airflow.plugins_manager import AirflowPlugin

READING = ("GET", "HEAD", "OPTIONS")


class OneWriteAtATime:
    """ASGI middleware that makes each write request wait for the previous one.

    Airflow records such a request in its audit log in the server's event loop. If the transaction of another
    request holds SQLite's only lock, the loop waits for it, while that request needs the loop to finish: a
    deadlock, until SQLite's timeout.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle a request; one that writes, after the previous one."""
        if scope["type"] != "http" or scope["method"] in READING:
            await self._app(scope, receive, send)
            return
        async with self._turn:
            await self._app(scope, receive, send)


class OneWriteAtATimePlugin(AirflowPlugin):
    """Registers the middleware."""

    name = "one_write_at_a_time"
    fastapi_root_middlewares = [  # noqa: RUF012  (Airflow's own form)
        {"name": "one write at a time", "middleware": OneWriteAtATime, "args": [], "kwargs": {}}
    ]
