"""Makes an Airflow without a login refuse what web pages of other origins send through the user's browser."""

import re
from typing import Any

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", re.IGNORECASE | re.ASCII)
REFUSAL = (
    "This Airflow has no login, so it answers only under 127.0.0.1 or localhost, and only to its own pages. "
    "To reach it under another name, start it with a login: AIRFLOW_LOGIN=1 make run\n"
)


class ThisMachineOnly:
    """ASGI middleware that refuses other hosts than loopback names, and other origins than Airflow's own.

    Where there is no login, every request is one of an administrator. A page whose name resolves to 127.0.0.1
    could read and write everything ("DNS rebinding"); any other page could send requests that need no JSON.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle a request of this machine, refuse others."""
        if scope["type"] != "http" or _is_local(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)


def _is_local(headers: Headers) -> bool:
    host, origin = headers.get("host", ""), headers.get("origin")
    return LOOPBACK.fullmatch(host) is not None and origin in (None, f"http://{host}")


class ThisMachineOnlyPlugin(AirflowPlugin):
    """Registers the middleware, unless Airflow has a login."""

    name = "this_machine_only"
    fastapi_root_middlewares = (
        [{"name": "this machine only", "middleware": ThisMachineOnly, "args": [], "kwargs": {}}]
        if conf.getboolean("core", "simple_auth_manager_all_admins")
        else []
    )
