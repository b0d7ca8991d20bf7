"""Which addresses that a service names become links."""

import pytest

from computes.page_addresses import LONGEST, page_address

HOSTILE = {
    "a script": "javascript:alert(1)",
    "a script in capitals": "JaVaScRiPt://yarn.example/%0aalert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "a file": "file:///etc/passwd",
    "another protocol": "ftp://yarn.example/",
    "no scheme": "//yarn.example/",
    "a path": "/proxy/application_1/",
    "a login": "http://ada:tulip@yarn.example/",
    "a login that looks like a host": "https://yarn.example:8088@evil.example/",
    "no host": "http:///proxy/",
    "half an address of IPv6": "http://[::1/",
    "a quote": 'http://yarn.example/" onclick="alert(1)',
    "a tag": "http://yarn.example/<script>",
    "a space": "http://yarn.example/a b",
    "an end of the line": "http://yarn.example/\nSet-Cookie: a",
    "another one within the scheme": "java\tscript:alert(1)",
    "a backslash": "http://yarn.example\\@evil.example/",
    "a mark that turns text": "http://yarn.example/\u202egpj",
    "length": "http://yarn.example/" + "x" * LONGEST,
    "nothing": "",
    "YARN's word for nothing": "N/A",
    "null": None,
    "a number": 7,
    "a list": ["http://yarn.example/"],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_page_of_the_web_makes_no_link(name: str) -> None:
    assert page_address(HOSTILE[name]) == ""


@pytest.mark.parametrize(
    "address",
    [
        "http://rm.example:8088/proxy/application_1700000000000_0007/",
        "https://gateway.example/node/containerlogs/container_e01_1_0007_01_000001/ada?start=-4096#end",
        "http://[2001:db8::1]:8042/logs",
    ],
)
def test_the_pages_that_clusters_name_are_taken_as_they_are(address: str) -> None:
    assert page_address(address) == address
