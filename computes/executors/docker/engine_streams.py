"""Bytes that come from an engine while they are made. The client leaves such connections open; here each is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker import APIClient
from docker.utils.socket import frames_iter

PIECE_BYTES = 1 << 20


@contextmanager
def frames_of(socket: Any) -> Iterator[Iterator[bytes]]:
    """Give the output that comes through the socket of an attached container or command; close it afterwards."""
    try:
        yield (data for _, data in frames_iter(socket, tty=False))  # type: ignore[no-untyped-call]
    finally:
        socket._response.close()
        socket.close()


@contextmanager
def archive_of(api: APIClient, container: str, path: str) -> Iterator[Iterator[bytes] | None]:
    """Give the tar of a path of a container, None when it is not there; it need not be read to its end."""
    address = f"{api.base_url}/v{api.api_version}/containers/{container}/archive"
    with api.get(address, params={"path": path}, stream=True, timeout=api.timeout) as response:
        if response.status_code == 404:
            yield None
            return
        response.raise_for_status()
        yield response.iter_content(PIECE_BYTES)
