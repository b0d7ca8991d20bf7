"""The client that fetches from channels: logins by address, retries; proxy and CA bundle come by environment variables.

SSL_CERT_FILE, HTTP_PROXY and HTTPS_PROXY are honoured by the library (measured with 0.28).
"""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rattler.networking.client import Client
from rattler.networking.middleware import AddHeadersMiddleware, MirrorMiddleware, RetryMiddleware

from computes.environments.address_secrets import TOKEN_USER

RETRIES = 3
TIMEOUT_SECONDS = 300


def make_client(credentials: Mapping[str, Any]) -> Client:
    """Return a client that sends a login to the addresses that it belongs to, and to no other."""
    headers: list[tuple[str, str, str]] = []
    mirrors: dict[str, list[str]] = {}
    for address, (user, password) in credentials.items():
        parts = urlsplit(address)
        if user == TOKEN_USER:
            mirrors[address] = [f"{parts.scheme}://{parts.netloc}/t/{password}{parts.path}"]
        else:
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers.append((parts.hostname or "", parts.path.rstrip("/"), f"Basic {basic}"))
    headers.sort(key=lambda header: len(header[1]), reverse=True)

    def login(host: str, path: str) -> dict[str, str] | None:
        for known, beginning, header in headers:
            if host.lower() == known and (not beginning or path == beginning or path.startswith(f"{beginning}/")):
                return {"Authorization": header}
        return None

    retry = RetryMiddleware(RETRIES)
    chain: list[Any] = [MirrorMiddleware(mirrors)] if mirrors else []
    return Client([*chain, *([AddHeadersMiddleware(login)] if headers else []), retry], timeout=TIMEOUT_SECONDS)
