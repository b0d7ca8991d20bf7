"""Prints which addresses do not answer as they should, each with the reason: `python reach.py ADDRESS...`

Logins come from the file that NETRC names, proxies from the usual variables. The exit code is 0.
"""

import base64
import netrc
import os
import sys
import urllib.error
import urllib.request
from typing import Dict, List
from urllib.parse import urlsplit

SECONDS = 15.0


def main(addresses: List[str]) -> None:
    """Print a line for each address that does not answer as it should."""
    for address in addresses:
        reason = reason_of(address)
        if reason:
            print(f"{address} ({reason})", flush=True)


def reason_of(address: str) -> str:
    """Return why an address does not answer as it should, empty when it does."""
    request = urllib.request.Request(address, headers=login_for(urlsplit(address).hostname or ""))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - http and https alone are asked for
            return ""
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, ValueError) as error:
        return str(error)


def login_for(host: str) -> Dict[str, str]:
    """Return the headers of a host's login."""
    found = netrc.netrc(os.environ["NETRC"]).authenticators(host) if os.environ.get("NETRC") else None
    if not found:
        return {}
    login = base64.b64encode(f"{found[0]}:{found[2]}".encode()).decode()
    return {"Authorization": f"Basic {login}"}


if __name__ == "__main__":
    main(sys.argv[1:])
