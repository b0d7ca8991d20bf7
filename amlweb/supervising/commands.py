"""The server's processes and how each is started."""

import sys

from django.conf import settings

from amlweb.supervising.child import ChildCommand

MANAGE = str(settings.BASE_DIR / "manage.py")
LONGEST_WEBSOCKET_MESSAGE_BYTES = 65_536  # what browsers send us is a few bytes


def server_processes() -> list[ChildCommand]:
    """Return web, task workers and run controller, in the order in which they are started."""
    web = [sys.executable, "-m", "uvicorn", "amlweb.asgi:application"]
    web += ["--host", settings.HOST, "--port", str(settings.PORT), "--app-dir", str(settings.BASE_DIR)]
    web += ["--lifespan", "off", "--no-access-log", "--log-level", "warning", "--no-server-header"]
    web += ["--timeout-graceful-shutdown", "3", "--ws-max-size", str(LONGEST_WEBSOCKET_MESSAGE_BYTES)]
    return [
        ChildCommand("web", tuple(web)),
        ChildCommand("run controller", (sys.executable, MANAGE, "runcontroller"), heartbeat="controller"),
        ChildCommand("task workers", (sys.executable, MANAGE, "qcluster"), heartbeat="workers"),
    ]
