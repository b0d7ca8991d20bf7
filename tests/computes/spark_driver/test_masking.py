"""Secrets stay out of what a driver carries, wherever its log is cut into parts."""

import pytest

from computes.in_run.amlweb_cluster.masking import Masker


def carried(masker: Masker, *written: bytes) -> bytes:
    """Return what goes out of data that is written piece by piece, each followed by a look."""
    pending, gone = b"", b""
    for place, data in enumerate(written):
        pending += data
        count = len(pending) if place == len(written) - 1 else masker.settled(pending)
        gone += masker.mask(pending)[:count]
        pending = pending[count:]
    return gone


@pytest.mark.parametrize("secret", ["hunter2h", "abcdabcd", "aaaa", "abcab"])
def test_a_secret_that_ends_as_it_begins_is_masked_whole(secret: str) -> None:
    data = b"x" + secret.encode()
    assert carried(Masker([secret]), data, b" and more") == b"x" + b"*" * len(secret) + b" and more"


def test_a_secret_whose_end_begins_another_is_masked_whole() -> None:
    assert carried(Masker(["1234abcd", "abcdefgh"]), b"x1234abcd", b"!") == b"x********!"


def test_a_secret_in_two_pieces_is_masked() -> None:
    assert carried(Masker(["hunter2h"]), b"x hun", b"ter2h", b"\n") == b"x ********\n"
