"""Masking of known secrets in logs, with as many `*` as the secret has bytes, so that byte offsets stay true."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

SHORTEST_MASKED_BYTES = 4


def forms_of(secret: str) -> set[bytes]:
    """Return the byte strings under which a secret shows up: as it is, by line, in base64 and in URLs."""
    plain = secret.encode()
    forms = {plain, quote(secret, safe="").encode(), base64.b64encode(plain).rstrip(b"=")}
    forms.update(line.strip() for line in plain.splitlines())
    return {form for form in forms if len(form) >= SHORTEST_MASKED_BYTES}


class Masker:
    """Masks secrets in a stream of chunks, also across their borders."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = set[bytes]().union(*(forms_of(secret) for secret in secrets))
        longest_first = sorted(forms, key=len, reverse=True)
        self.forms = longest_first
        self.pattern = re.compile(b"|".join(re.escape(form) for form in longest_first)) if forms else None
        self.prefixes = {form[:length] for form in forms for length in range(1, len(form))}
        self.longest = max(map(len, forms), default=0)

    def mask(self, data: bytes) -> bytes:
        """Return the data with every whole secret starred out."""
        if self.pattern is None:
            return data
        return self.pattern.sub(lambda found: b"*" * len(found[0]), data)

    def settled(self, data: bytes) -> int:
        """Return how many leading bytes of the data can be masked now: an end that may be the beginning of a secret
        has to wait for what follows."""
        for length in range(min(self.longest - 1, len(data)), 0, -1):
            if data[-length:] in self.prefixes:
                return len(data) - length
        return len(data)

    def mask_text(self, text: str) -> str:
        """Return a text with every secret starred out."""
        return self.mask(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
