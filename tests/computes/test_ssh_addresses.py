"""Addresses of hosts as people write them, and sizes as people write them."""

import pytest

from computes.sizes import bytes_in, size_for
from computes.ssh_address import SshAddress, address_in


@pytest.mark.parametrize(
    ("text", "host", "port", "username"),
    [
        ("gpu1", "gpu1", 22, ""),
        (" gpu1.lab.example:2222 ", "gpu1.lab.example", 2222, ""),
        ("me@10.0.0.7", "10.0.0.7", 22, "me"),
        ("lab\\me@gate:22", "gate", 22, "lab\\me"),
        ("a@b.example@gate", "gate", 22, "a@b.example"),
        ("::1", "::1", 22, ""),
        ("me@[fe80::1]:2022", "fe80::1", 2022, "me"),
    ],
)
def test_an_address_is_read_and_written_back(text: str, host: str, port: int, username: str) -> None:
    address = address_in(text)
    assert (address.host, address.port, address.username) == (host, port, username)
    assert address_in(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", " ", "-oProxyCommand=x", "gpu1:", "gpu1:0", "gpu1:65536", "gpu1:²", "@gpu1", "-x@gpu1", "a b", "a/b",
     "gpu1;id", "$(id)", "gpu\n1", "[::1", "x" * 254, "gpu1:22:22x"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.\Z"):
        address_in(text)


def test_the_usual_port_is_not_written() -> None:
    assert str(SshAddress("gpu1", 22, "me")) == "me@gpu1"
    assert str(SshAddress("::1")) == "[::1]:22"


@pytest.mark.parametrize(
    ("text", "size"), [("8 GiB", 2**33), ("512m", 2**29), ("1.5 GB", 1_500_000_000), ("64", 64), ("1 TiB", 2**40)]
)
def test_a_size_is_read_and_written_back(text: str, size: int) -> None:
    assert bytes_in(text) == size
    assert bytes_in(size_for(size)) == size


@pytest.mark.parametrize("text", ["", "many", "-1 GiB", "1e9", "8 GiBs", "1 2", "٣ GiB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A"):
        bytes_in(text)
