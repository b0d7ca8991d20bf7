"""Masking of known secrets in logs, with as many `*` as the secret has bytes, so that byte offsets stay true."""

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from computes.environments.masking import base64_forms_of

SHORTEST_MASKED_BYTES = 4


def forms_of(secret: str) -> set[bytes]:
    """Return the byte strings under which a secret shows up: as it is, by line, in base64, in URLs, quoted."""
    plain = secret.encode()
    texts = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    forms = {plain, *(text.encode() for text in texts), *base64_forms_of(plain)}
    forms.update(line.strip() for line in plain.splitlines())
    return {form for form in forms if len(form) >= SHORTEST_MASKED_BYTES}


class Masker:
    """Masks secrets in a stream of chunks, also across their borders: what is masked goes as far as `settled`, and the
    next chunk begins `look_back` bytes before that, so that a secret on the border is seen whole."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = set[bytes]().union(*(forms_of(secret) for secret in secrets))
        self.forms = sorted(forms, key=len, reverse=True)
        self.look_back = max((len(form) - 1 for form in forms), default=0)

    def mask(self, data: bytes) -> bytes:
        """Return the data with every whole secret starred out, also where two of them overlap."""
        masked: bytearray | None = None
        for start, end in self.places(data):
            masked = bytearray(data) if masked is None else masked
            masked[start:end] = b"*" * (end - start)
        return data if masked is None else bytes(masked)

    def places(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where whole secrets are in the data; of one that repeats itself, every place."""
        for form in self.forms:
            start = data.find(form)
            while start >= 0:
                yield start, start + len(form)
                start = data.find(form, start + 1)

    def settled(self, data: bytes) -> int:
        """Return how many leading bytes of the data can be masked now: an end that may be the beginning of a secret
        has to wait for what follows."""
        return min((self.start_of_beginning(data, form) for form in self.forms), default=len(data))

    def start_of_beginning(self, data: bytes, form: bytes) -> int:
        """Return where the longest end of the data starts that a form begins with; the data's length without one."""
        start = max(len(data) - len(form) + 1, 0)
        while (start := data.find(form[:1], start)) >= 0:
            if form.startswith(data[start:]):
                return start
            start += 1
        return len(data)

    def mask_text(self, text: str) -> str:
        """Return a text with every secret starred out, and `?` for half characters."""
        return self.mask(text.encode("utf-8", "replace")).decode("utf-8", "replace")
