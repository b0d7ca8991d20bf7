"""Where packages come from, by the settings of the installation."""

from pathlib import Path

from django.conf import settings

from computes.environments.contract import PackageSources
from computes.environments.package_sources import without_logins_in_addresses


def package_sources() -> PackageSources:
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
