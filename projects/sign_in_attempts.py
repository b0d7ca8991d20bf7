"""Slows guessing of passwords: five attempts for one account from one address in five minutes, then a pause.

Each attempt takes one of five places before the password is looked at, and a place is free again five minutes later.
The places are taken by `cache.add`, which one process wins, so parallel attempts cannot slip through.
"""

import hashlib

from django.core.cache import cache

MOST_ATTEMPTS = 5
WINDOW_SECONDS = 300


def take_attempt(account: str, address: str) -> bool:
    """Take a place for one attempt; False when all are taken. Known and unknown accounts are counted alike."""
    return any(cache.add(place, 1, WINDOW_SECONDS) for place in _places(account, address))


def forget_attempts(account: str, address: str) -> None:
    """Free all places after a right password."""
    cache.delete_many(_places(account, address))


def _places(account: str, address: str) -> list[str]:
    name = hashlib.sha256(f"{account.casefold()}\0{address}".encode(errors="replace")).hexdigest()
    return [f"sign-in:{name}:{place}" for place in range(MOST_ATTEMPTS)]
