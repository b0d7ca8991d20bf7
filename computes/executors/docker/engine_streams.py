"""Bytes that come from an engine while they are made. The client leaves such connections open; here each is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker import APIClient
from docker.utils.socket import frames_iter
from requests import Response

from computes.executors.docker.engine_errors import explained

PIECE_BYTES = 1 << 20


@contextmanager
def frames_of(socket: Any) -> Iterator[Iterator[bytes]]:
    """Give the output that comes through the socket of an attached container or command; close it afterwards."""
    try:
        yield (data for _, data in frames_iter(socket, tty=False))  # type: ignore[no-untyped-call]
    finally:
        socket._response.close()
        socket.close()


def request_archive(api: APIClient, container: str, path: str) -> Response:
    """Return the answer that brings the tar of a path of a container, or 404; it need not be read to its end."""
    address = f"{api.base_url}/v{api.api_version}/containers/{container}/archive"
    response = api.get(address, params={"path": path}, stream=True, timeout=api.timeout)
    if response.status_code != 404:
        response.raise_for_status()
    return response


def heard(pieces: Iterator[bytes], deed: str) -> Iterator[bytes]:
    """Yield pieces; an engine that falls silent between two raises an error of ours. What the listener does is his."""
    with explained(deed):
        yield from pieces
