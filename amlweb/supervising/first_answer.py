"""When the web process answers for the first time."""

import http.client
import threading
import time
from collections.abc import Callable

LONGEST_WAIT_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.1
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where to reach a server that listens everywhere)


def answers(host: str, port: int) -> bool:
    """Return whether something speaks HTTP at an address."""
    connection = http.client.HTTPConnection(ANY_ADDRESS.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def call_at_first_answer(host: str, port: int, deed: Callable[[], None]) -> threading.Thread:
    """Do something once when the web process answers; a thread waits for it, a minute at most."""

    def wait() -> None:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while time.monotonic() < deadline:
            if answers(host, port):
                deed()
                return
            time.sleep(LOOK_EVERY_SECONDS)

    thread = threading.Thread(target=wait, name="first answer", daemon=True)
    thread.start()
    return thread
