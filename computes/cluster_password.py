"""The password of a Livy service goes to the hosts that it was given for, and to no other."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from computes.models import ComputeTarget
from computes.refusals import TargetRefused

SENT_TO = ("livy_url", "work_folder")


def keep_password_at_its_host(stored: ComputeTarget, facts: Mapping[str, Any]) -> None:
    """Raise TargetRefused where a change would send the stored password to another host: nobody could read it before,
    and whoever runs that host could then."""
    if not stored.sealed_livy_password:
        return
    for name in SENT_TO:
        now, then = _origin_of(getattr(stored, name)), _origin_of(str(facts.get(name, "")))
        if then and now != then:
            raise TargetRefused(
                "livy_password",
                "The stored password was given for another host, and is not sent to this one.",
                "Type the password again.",
            )


def _origin_of(address: str) -> str:
    """Return scheme, host and port; nothing for what is no address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
