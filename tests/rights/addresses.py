"""Every address that the resolver knows, by name."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """A named address and the names of its parameters."""

    name: str
    route: str
    parameters: tuple[str, ...]


def walk(patterns: list[URLPattern | URLResolver], route: str = "", space: str = "") -> Iterator[Address]:
    """Yield the addresses below some patterns."""
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, here, inner)
        else:
            parameters = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            yield Address(f"{space}{pattern.name}", here, parameters)


def all_addresses() -> list[Address]:
    """Return every address once; calls of the API that share one are one."""
    found: dict[str, Address] = {}
    for address in walk(get_resolver().url_patterns):
        found.setdefault(address.route, address)
    return list(found.values())
