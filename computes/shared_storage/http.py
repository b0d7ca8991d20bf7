"""Asking a web service that may be slow, wrong or hostile: with a deadline, a limit on size, and without redirects.

`requests` is loaded when it is needed for the first time.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from computes.shared_storage.http_answer import Answer, HttpAccess
from computes.shared_storage.http_errors import overdue, said_in_words, too_large

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 20.0
DEADLINE_SECONDS = 40.0
PIECE_BYTES = 1 << 16
MOST_BYTES = 4 * 1024**2


class HttpClient:
    """One service. Each thread has connections of its own; proxies and logins of the account are not used."""

    def __init__(self, access: HttpAccess, silence_seconds: float = SILENCE_SECONDS) -> None:
        self.access = access
        self.silence_seconds = silence_seconds
        self.local = threading.local()

    def session(self) -> Any:
        """Return this thread's connections."""
        if not hasattr(self.local, "session"):
            session = import_module("computes.shared_storage.checked_connections").checked_session()
            session.verify = self.access.ca_bundle or True
            self.local.session = session
        return self.local.session

    def ask(
        self,
        method: str,
        address: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | BinaryIO | None = None,
        into: BinaryIO | None = None,
        most_bytes: int = MOST_BYTES,
        with_login: bool = True,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> Answer:
        """Return what the service says; the body of a success goes to `into` where that is given.

        Raises TargetUnreachable for silence, for an answer larger than allowed, and for one that never ends.
        """
        login = (self.access.username, self.access.password) if with_login and self.access.password else None
        options = {"params": parameters, "headers": headers, "data": body, "auth": login}
        timeout = (CONNECT_SECONDS, self.silence_seconds)
        with (
            said_in_words(self.access),
            self.session().request(
                method, address, **options, timeout=timeout, allow_redirects=False, stream=True
            ) as response,
        ):
            target = into if response.status_code < 300 else None
            kept = self.receive(response, target, most_bytes, time.monotonic() + deadline_seconds)
            kind = response.headers.get("Content-Type", "")
            return Answer(response.status_code, kind, kept, response.headers.get("Location", ""))

    def receive(self, response: Any, into: BinaryIO | None, most_bytes: int, deadline: float) -> bytes:
        """Return the body, or write it. Reads what has come so far, so that an answer in drops meets its deadline."""
        kept, count = bytearray(), 0
        while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
            count += len(piece)
            if count > most_bytes:
                raise too_large(self.access, most_bytes)
            if time.monotonic() > deadline:
                raise overdue(self.access)
            if into is None:
                kept += piece
            else:
                into.write(piece)
        return bytes(kept)
