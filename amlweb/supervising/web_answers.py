"""What the web process says about itself and the others, over HTTP."""

import http.client
import json
from dataclasses import dataclass

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (where to reach a server that listens everywhere)
LONGEST_ANSWER_SECONDS = 2.0
LONGEST_ANSWER_BYTES = 65_536


@dataclass(frozen=True)
class WebAddress:
    """Where the web process listens, and the name under which browsers know it."""

    host: str
    port: int
    public_name: str

    def ask(self, path: str) -> bytes | None:
        """Return the body of an answer, or None when the web process gives none in time."""
        connection = http.client.HTTPConnection(
            ANY_ADDRESS.get(self.host, self.host), self.port, timeout=LONGEST_ANSWER_SECONDS
        )
        try:
            connection.request("GET", path, headers={"Host": self.public_name})
            return connection.getresponse().read(LONGEST_ANSWER_BYTES)
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def parts_that_work(readiness: bytes | None) -> set[str]:
    """Return which parts `/readyz` calls alive; none when its answer cannot be read."""
    try:
        parts = json.loads(readiness or b"")["parts"]
        return {name for name, part in parts.items() if part["ok"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()
