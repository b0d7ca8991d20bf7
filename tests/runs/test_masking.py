"""Secrets never stand in a log, however the bytes arrive, and offsets stay true."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from runs.masking import Masker

SECRETS = ["tulip-field-42", "tulip", "zweiundvierzig", "line one\nline two"]


def masked_in_chunks(masker: Masker, data: bytes, cuts: list[int]) -> bytes:
    """Mask a stream the way the copier does: held-back bytes are read again with what follows."""
    out, start = b"", 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        piece = data[start:end]
        settled = len(piece) if end == len(data) else masker.settled(piece)
        out += masker.mask(piece)[:settled]
        start += settled
    return out + masker.mask(data[start:])


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


def test_base64_and_url_forms_are_masked_too() -> None:
    secret = "p@ss word/42"
    masker = Masker([secret])
    assert b"*" in masker.mask(b"token=" + base64.b64encode(secret.encode()))
    assert masker.mask(b"?key=p%40ss%20word%2F42&x=1") == b"?key=" + b"*" * 18 + b"&x=1"


def test_text_without_secrets_passes_unchanged() -> None:
    data = bytes(range(256)) * 4
    assert Masker([]).mask(data) == data
    assert Masker([]).settled(data) == len(data)
