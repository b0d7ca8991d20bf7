"""Asking a page of Spark for JSON."""

import http.client
import json
import urllib.request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECONDS = 5.0
MOST_BYTES = 8 * 1024**2
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(address: str, seconds: float = SECONDS) -> "Any":
    """Return the JSON behind an address. Raises OSError for silence, and for an answer that is none.

    No proxy of the account is used. Redirects are followed: YARN's filter before a driver's pages leads to its proxy.
    """
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 - always http
    try:
        with OPENER.open(request, timeout=seconds) as response:
            return json.loads(response.read(MOST_BYTES).decode("utf-8", "replace"))
    except (ValueError, http.client.HTTPException) as error:
        raise OSError("%s does not answer with JSON: %r" % (address, error)) from error
