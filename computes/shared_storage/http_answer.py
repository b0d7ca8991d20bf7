"""How a web service is reached, and what it said."""

import json
from dataclasses import dataclass, field
from typing import Any

from computes.executors.plain_text import plain


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """How a service is reached: its address, a login, and the certificates that it is judged by."""

    service: str
    address: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said. `place` is the address that a redirect names."""

    status: int
    content_type: str
    body: bytes
    place: str = ""

    def json(self) -> Any:
        """Return the JSON of the body. Raises ValueError when it is none."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def is_page(self) -> bool:
        """Whether this is a page for people."""
        return "html" in self.content_type.lower() or self.body.lstrip()[:1] == b"<"

    def words(self) -> str:
        """Return the beginning of the body as a short plain text."""
        return plain(self.body[:2000].decode("utf-8", "replace").strip())
