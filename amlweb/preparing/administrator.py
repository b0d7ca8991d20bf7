"""The first administrator."""

import secrets

from django.conf import settings
from django.contrib.auth.models import User

NAME = "admin"


def create_administrator() -> tuple[User, str] | None:
    """Make the user `admin` when there is no administrator; return it and its password, or None.

    The password is `AMLWEB_ADMIN_PASSWORD`, or random: then it is returned this once and stored nowhere else.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
    return User.objects.create_superuser(NAME, password=password), password
