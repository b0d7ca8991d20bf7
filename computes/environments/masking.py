"""Replaces secrets in whatever is shown: the last line of defence, after not letting them in."""

from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "****"


class Masker:
    """Replaces every known secret, also where it is written as part of an address."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        self.forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self.forms:
            text = text.replace(form, MASK)
        return text
