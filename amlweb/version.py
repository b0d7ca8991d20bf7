"""The version of amlweb, as pyproject.toml says it."""

import tomllib

from django.conf import settings


def amlweb_version() -> str:
    """Return the version."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
