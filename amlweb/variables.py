"""Reads variables of the environment for the settings, and refuses nonsense with the name of the variable."""

import json
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from computes.environments.address_secrets import BadAddress, without_secrets_for_pip


def environment_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return a variable that must be one of a few words."""
    value = os.environ.get(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of: {', '.join(choices)}.")
    return value


def environment_number(name: str, default: int, low: int, high: int) -> int:
    """Return a variable that must be a whole number within bounds."""
    text = os.environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def host_in_url(host: str) -> str:
    """Return a host as it is written in an address: an IPv6 number in brackets."""
    return f"[{host}]" if ":" in host else host


def networks_in(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return a variable that lists networks like 10.1.0.0/16, separated by commas."""
    try:
        return tuple(ip_network(text.strip()) for text in os.environ.get(name, "").split(",") if text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must list networks like 10.1.0.0/16, separated by commas: {error}"
        ) from error


def environment_address(name: str, default: str) -> str:
    """Return a variable that is empty or an address of the web or of a folder."""
    value = os.environ.get(name, default).rstrip("/")
    if value and (urlsplit(value).scheme not in ("http", "https", "file") or any(map(str.isspace, value))):
        raise ImproperlyConfigured(f"{name} must be an address like https://packages.example/conda.")
    return value


def pip_index_in(name: str) -> str:
    """Return a variable that is empty or the address of an index of Python packages."""
    pip_indexes_in(name)
    return environment_address(name, "")


def pip_indexes_in(name: str) -> tuple[str, ...]:
    """Return a variable that lists indexes of Python packages, separated by spaces."""
    indexes = tuple(os.environ.get(name, "").split())
    try:
        for index in indexes:
            without_secrets_for_pip(index)
    except BadAddress as error:
        raise ImproperlyConfigured(f"{name} is not valid. {error}") from error
    return indexes


def channels_in(name: str) -> dict[str, tuple[str, ...]]:
    """Return a variable that maps names of conda channels to lists of channels, as JSON."""
    refusal = ImproperlyConfigured(f'{name} must be JSON like {{"defaults": ["conda-forge"]}}.')
    try:
        found = json.loads(os.environ.get(name, "") or "{}")
    except ValueError as error:
        raise refusal from error
    lists = found.values() if isinstance(found, dict) else [None]
    if not all(isinstance(names, list) and names and all(isinstance(each, str) for each in names) for names in lists):
        raise refusal
    return {channel: tuple(names) for channel, names in found.items()}
