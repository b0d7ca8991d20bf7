"""Secrets at rest: sealed with the keys of settings.KEY_FILE and bound to the one row and field they were made for.

What is stored is a Fernet token over the envelope `{v, owner_type, owner_id, field, data}`. The envelope is compared
on opening, so a sealed text that was copied to another row or field does not open there.
"""

import json

from cryptography.fernet import InvalidToken, MultiFernet
from django.conf import settings

from projects.key_file import KeysUnreadable, keys_in

VERSION = 1
OTHER_KEY = (
    "The secret was sealed with a key that this server does not have, or it was changed. "
    "An administrator must put the right key file back, or the secret must be typed in again."
)
OTHER_PLACE = "The secret was sealed for another place than the one it is in. It must be typed in again."


class SealBroken(Exception):
    """A sealed text that does not open. The message names neither the secret nor the keys."""


def seal(owner_type: str, owner_id: int | str, field: str, text: str) -> str:
    """Return a text sealed for one field of one row. Raises SealBroken when the server has no usable keys."""
    envelope = {"v": VERSION, "owner_type": owner_type, "owner_id": str(owner_id), "field": field, "data": text}
    return _keys().encrypt(json.dumps(envelope).encode()).decode()


def unseal(owner_type: str, owner_id: int | str, field: str, sealed: str) -> str:
    """Return the text that was sealed for this field of this row. Raises SealBroken."""
    try:
        envelope = json.loads(_keys().decrypt(sealed.encode()))
    except (InvalidToken, ValueError) as error:
        raise SealBroken(OTHER_KEY) from error
    expected = {"v": VERSION, "owner_type": owner_type, "owner_id": str(owner_id), "field": field}
    if not isinstance(envelope, dict) or any(envelope.get(name) != value for name, value in expected.items()):
        raise SealBroken(OTHER_PLACE)
    return str(envelope["data"])


def rotate(sealed: str) -> str:
    """Return the same secret sealed with the first key. Repeating it does no harm. Raises SealBroken."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken(OTHER_KEY) from error


def _keys() -> MultiFernet:
    try:
        return keys_in(settings.KEY_FILE)
    except KeysUnreadable as error:
        raise SealBroken(str(error)) from error
