"""Replaces secrets in whatever is shown: the last line of defence, after not letting them in."""

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "****"
SHORTEST_ENCODED = 4


class Masker:
    """Replaces every known secret, also where it is written as part of an address or in base64.

    `logins` are pairs of user and password; of these, `user:password` in base64 is replaced too, as programs send it.
    """

    def __init__(self, secrets: Iterable[str], logins: Iterable[tuple[str, str]] = ()) -> None:
        secrets = {secret for secret in secrets if secret}
        forms = {form for secret in secrets for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        for secret in {*secrets, *(f"{user}:{password}" for user, password in logins if password)}:
            encoded = {form.decode() for form in base64_forms_of(secret.encode())}
            forms |= {form for form in encoded if len(form) >= SHORTEST_ENCODED}
        self.forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self.forms:
            text = text.replace(form, MASK)
        return text


def base64_forms_of(plain: bytes) -> Iterator[bytes]:
    """Yield what is certain of a secret's base64, alone and inside a longer text (as in `user:password`).

    There it begins at one of three places of a group of three bytes; a character that also holds bits of what is
    before or behind the secret is left out.
    """
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(plain).rstrip(b"=")
        for before in range(3):
            bits = 8 * (before + len(plain))
            yield encode(b"\0" * before + plain)[-(-8 * before // 6) : bits // 6]
