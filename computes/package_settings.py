"""Where packages come from: by the settings of the installation, and by what a target says instead of them."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from computes.environments.contract import PackageSources
from computes.environments.package_sources import without_logins_in_addresses
from computes.models import ComputeTarget
from computes.package_logins import logins_of, proxy_with_login


def package_sources(target: ComputeTarget) -> PackageSources:
    """Return the channels, indexes and proxy for builds on a target. What the target says goes before the settings of
    the installation, each for itself; of channels that stand for others, each name. Logins are among the credentials.

    A bundle of certificates of the target's own is text; who builds writes it to a file.
    """
    ours = installation_sources()
    logins = logins_of(target)
    return replace(
        ours,
        channel_alias=target.channel_alias or ours.channel_alias,
        channel_map={**ours.channel_map, **{name: tuple(them) for name, them in target.channel_map.items()}},
        pip_index=target.pip_index or ours.pip_index,
        pip_extra_indexes=tuple(target.pip_extra_indexes) or ours.pip_extra_indexes,
        proxy=proxy_with_login(target.proxy, logins) if target.proxy else ours.proxy,
        credentials={**ours.credentials, **logins.of_sources},
    )


def installation_sources() -> PackageSources:
    """Return the installation's channels, indexes, CA bundle and proxy. Logins in the addresses of the settings are
    among the credentials."""
    return without_logins_in_addresses(
        PackageSources(
            channel_alias=settings.CHANNEL_ALIAS,
            channel_map=settings.CHANNEL_MAP,
            pip_index=settings.PIP_INDEX,
            pip_extra_indexes=settings.PIP_EXTRA_INDEXES,
            ca_bundle=settings.CA_BUNDLE,
            proxy=settings.PROXY,
        )
    )


def package_cache() -> Path:
    """Return the folder where packages are kept between builds."""
    folder = Path(settings.PACKAGE_CACHE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
