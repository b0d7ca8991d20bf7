"""Keeping secrets out of what goes to the shared storage, and out of the logs of containers: as many `*` as a
secret has bytes, so offsets stay true.

The server masks more forms of a secret (base64, quoted) when it copies; here it is the secret itself, and its lines.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

SHORTEST_MASKED_BYTES = 4


class Masker:
    """Masks secrets in data that comes piece by piece."""

    def __init__(self, secrets: "Iterable[str]") -> None:
        forms = set()
        for secret in secrets:
            plain = secret.encode("utf-8", "surrogateescape")
            forms.update([plain] + [line.strip() for line in plain.splitlines()])
        self.forms = sorted((form for form in forms if len(form) >= SHORTEST_MASKED_BYTES), key=len, reverse=True)

    def mask(self, data: bytes) -> bytes:
        """Return the data with every whole secret starred out, also where two of them overlap."""
        masked = bytearray(data)
        for form in self.forms:
            start = data.find(form)
            while start >= 0:
                masked[start : start + len(form)] = b"*" * len(form)
                start = data.find(form, start + 1)
        return bytes(masked)

    def settled(self, data: bytes) -> int:
        """Return how many leading bytes can go out now: an end that may begin a secret waits for what follows, and with
        it the whole of a secret that reaches into it."""
        count = min([self.beginning(data, form) for form in self.forms] or [len(data)])
        while True:
            starts = [self.reaching(data, form, count) for form in self.forms]
            earlier = min([start for start in starts if start >= 0] or [count])
            if earlier == count:
                return count
            count = earlier

    def reaching(self, data: bytes, form: bytes, count: int) -> int:
        """Return where the first form starts that a cut behind `count` bytes would go through; -1 without one."""
        return data.find(form, max(count - len(form) + 1, 0), count + len(form) - 1) if count else -1

    def beginning(self, data: bytes, form: bytes) -> int:
        """Return where the longest end of the data starts that a form begins with; the data's length without one."""
        for start in range(max(len(data) - len(form) + 1, 0), len(data)):
            if form.startswith(data[start:]):
                return start
        return len(data)
