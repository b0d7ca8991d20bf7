"""An ASGI application that is served in a thread of the tests, on the test's own database."""

import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

PATIENCE_SECONDS = 60


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve while the context lasts, on a free loopback port; gives the address, without a slash at its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="warning", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
        assert not thread.is_alive(), f"the web server did not stop: {what_goes_on(server)}"


def what_goes_on(server: uvicorn.Server) -> str:
    """Return what a server waits for that does not stop: its connections, its tasks, and where each thread is."""
    state = server.server_state
    stacks = ("".join(traceback.format_stack(frame)) for frame in sys._current_frames().values())
    connections = [getattr(connection, "client", None) for connection in state.connections]
    return "\n".join([f"connections {connections}", *map(repr, state.tasks), *stacks])
