"""What the parent of the server's processes is told."""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from django.conf import settings

LONGEST_WEBSOCKET_MESSAGE_BYTES = 65_536  # what browsers send us is a few bytes


def server_plan() -> str:
    """Return web, run controller and task workers, in the order in which they are started, and how they are watched."""
    manage = str(settings.BASE_DIR / "manage.py")
    web = [sys.executable, "-m", "uvicorn", "amlweb.asgi:application"]
    web += ["--host", settings.HOST, "--port", str(settings.PORT), "--app-dir", str(settings.BASE_DIR)]
    web += ["--lifespan", "off", "--no-access-log", "--log-level", "warning", "--no-server-header"]
    web += ["--timeout-graceful-shutdown", "3", "--ws-max-size", str(LONGEST_WEBSOCKET_MESSAGE_BYTES)]
    commands = [
        ("web", web, ""),
        ("run controller", [sys.executable, manage, "runcontroller", "--skip-checks"], "controller"),
        ("task workers", [sys.executable, manage, "qcluster", "--skip-checks"], "workers"),
    ]
    address = {"host": settings.HOST, "port": settings.PORT, "public_name": urlsplit(settings.URL).netloc}
    plan = {
        "url": settings.URL,
        "web": address,
        "commands": commands,
        "longest_silence_seconds": settings.LONGEST_SILENCE_SECONDS,
    }
    return json.dumps(plan)


def become_parent() -> NoReturn:
    """Turn this process into the small parent that runs the plan. Open locks are kept."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(Path(__file__).parent), server_plan()])  # noqa: S606 (our own program)
