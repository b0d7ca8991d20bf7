"""Package sources to and from JSON, and what follows from them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from computes.environments.address_secrets import Credentials, prefix_of, without_secrets
from computes.environments.contract import PackageSources
from computes.environments.masking import Masker


def with_credentials(sources: PackageSources, credentials: Credentials) -> PackageSources:
    """Return sources that also know the logins that a project's file named. Those of the settings come first."""
    return replace(sources, credentials={**credentials, **sources.credentials})


def without_logins_in_addresses(sources: PackageSources) -> PackageSources:
    """Return the same sources with the logins of their addresses among the credentials. Raises BadAddress."""
    found: dict[str, tuple[str, str]] = {}

    def clean(address: str) -> str:
        text, logins = without_secrets(address)
        found.update(logins)
        return text

    cleaned = replace(
        sources,
        channel_alias=clean(sources.channel_alias),
        channel_map={name: tuple(map(clean, channels)) for name, channels in sources.channel_map.items()},
        pip_index=clean(sources.pip_index),
        pip_extra_indexes=tuple(map(clean, sources.pip_extra_indexes)),
    )
    return replace(cleaned, credentials={**found, **{prefix_of(k): v for k, v in sources.credentials.items()}})


def masker_for(sources: PackageSources) -> Masker:
    """Return what hides every secret of the sources, the proxy's among them."""
    proxy = urlsplit(sources.proxy)
    logins = [*sources.credentials.values(), (unquote(proxy.username or ""), unquote(proxy.password or ""))]
    return Masker([*(password or user for user, password in logins), proxy.password or ""], logins)


def sources_to_json(sources: PackageSources) -> dict[str, Any]:
    """Return plain data, secrets included: for files that nobody else may read, and for pipes."""
    return {
        "channel_alias": sources.channel_alias,
        "channel_map": {name: list(channels) for name, channels in sources.channel_map.items()},
        "pip_index": sources.pip_index,
        "pip_extra_indexes": list(sources.pip_extra_indexes),
        "ca_bundle": sources.ca_bundle,
        "proxy": sources.proxy,
        "credentials": {address: list(login) for address, login in sources.credentials.items()},
    }


def sources_from_json(data: Mapping[str, Any]) -> PackageSources:
    """Return the sources of plain data."""
    return PackageSources(
        channel_alias=data["channel_alias"],
        channel_map={name: tuple(channels) for name, channels in data["channel_map"].items()},
        pip_index=data["pip_index"],
        pip_extra_indexes=tuple(data["pip_extra_indexes"]),
        ca_bundle=data["ca_bundle"],
        proxy=data["proxy"],
        credentials={address: (login[0], login[1]) for address, login in data["credentials"].items()},
    )


def meaningful_digest(sources: PackageSources) -> str:
    """Return a digest of what decides which packages are found: channels and indexes, no login, no way to them."""
    parts = [
        sources.channel_alias.rstrip("/"),
        sorted((name, list(channels)) for name, channels in sources.channel_map.items()),
        sources.pip_index,
        list(sources.pip_extra_indexes),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
