"""Secrets never stand in a log, however the bytes arrive, and offsets stay true."""

import base64
import json
import tracemalloc
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.masking import Masker

SECRETS = ["tulip-field-42", "tulip", "zweiundvierzig", "line one\nline two"]


def masked_in_chunks(masker: Masker, data: bytes, cuts: list[int]) -> bytes:
    """Mask a stream the way the copier does: held-back bytes are read again with what follows, and some before."""
    out = b""
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data), None]:
        start = max(len(out) - masker.look_back, 0)
        piece = data[start:end]
        settled = len(piece) if end is None else masker.settled(piece)
        out += masker.mask(piece)[len(out) - start : max(settled, len(out) - start)]
    return out


@given(
    st.lists(st.sampled_from([*SECRETS, "tul", "ip-field", "plain text ", "é", "\n", "-42"]), max_size=12),
    st.lists(st.integers(min_value=0, max_value=500), max_size=6),
)
def test_chunks_are_masked_like_the_whole(parts: list[str], cuts: list[int]) -> None:
    data = "".join(parts).encode()
    masker = Masker(SECRETS)
    result = masked_in_chunks(masker, data, cuts)
    assert len(result) == len(data)
    for secret in SECRETS:
        assert secret.encode() not in result


@given(st.lists(st.integers(min_value=0, max_value=500), max_size=6))
def test_secrets_that_overlap_or_repeat_themselves_leave_nothing(cuts: list[int]) -> None:
    masker = Masker(["hunter2hunter2", "2hunter3", "aaaaaa"])
    data = b"x hunter2hunter2hunter2hunter3 y aaaaaaaaa z"
    assert masked_in_chunks(masker, data, cuts) == b"x " + b"*" * 28 + b" y " + b"*" * 9 + b" z"


@pytest.mark.parametrize("secret", ["p@ss w\\rd/42", "ümlaut-12", "sixteen bytes ok", 'with "quotes"'])
@pytest.mark.parametrize("user", ["", "u", "us", "bob:"])
def test_a_secret_in_the_base64_of_something_longer_is_masked(secret: str, user: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(f"{user}{secret}\n".encode())
        kept = Masker([secret]).mask(text).replace(b"*", b"")
        assert len(kept) <= len(text) - len(secret.encode()) * 4 // 3 + 2


def test_quoted_forms_are_masked() -> None:
    secret = 'back\\slash "quote" ü'
    masker = Masker([secret])
    for text in (json.dumps({"k": secret}), repr([secret]), json.dumps(secret, ensure_ascii=False), quote_plus(secret)):
        assert "slash" not in masker.mask_text(text)


def test_a_secret_of_100_kb_takes_little_memory_and_time() -> None:
    secret = "".join(chr(97 + n * n % 26) for n in range(100_000))
    tracemalloc.start()
    masker = Masker([secret])
    assert masker.settled(b"text " + secret[:60_000].encode()) == 5
    assert masker.mask(secret.encode()) == b"*" * 100_000
    assert tracemalloc.get_traced_memory()[1] < 16 * 1024**2
    tracemalloc.stop()


def test_base64_and_url_forms_are_masked_too() -> None:
    secret = "p@ss word/42"
    masker = Masker([secret])
    assert b"*" in masker.mask(b"token=" + base64.b64encode(secret.encode()))
    assert masker.mask(b"?key=p%40ss%20word%2F42&x=1") == b"?key=" + b"*" * 18 + b"&x=1"


def test_text_without_secrets_passes_unchanged() -> None:
    data = bytes(range(256)) * 4
    assert Masker([]).mask(data) == data
    assert Masker([]).settled(data) == len(data)
