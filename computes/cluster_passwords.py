"""The passwords of a cluster's services: sealed, and sent to the host that each was given for and to no other."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User

from computes.credentials import write_columns
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change
from computes.target_settings import OWNER
from projects.secret_box import seal

SENT_TO: Mapping[str, str] = {"livy_password": "livy_url", "storage_password": "work_folder"}
WORDS: Mapping[str, str] = {"livy_password": "Livy", "storage_password": "the storage"}


@dataclass(frozen=True, slots=True)
class ClusterPasswords:
    """What was typed for the passwords of Livy and of WebHDFS: None leaves what is stored, an empty one removes it."""

    livy_password: str | None = field(default=None, repr=False)
    storage_password: str | None = field(default=None, repr=False)


def keep_cluster_passwords(target: ComputeTarget, user: User, wanted: ClusterPasswords) -> dict[str, str | None]:
    """Seal what was given, and return it by name."""
    given: dict[str, str | None] = asdict(wanted)
    for name, password in given.items():
        if password is not None:
            write_columns(target, **{f"sealed_{name}": seal(OWNER, target.pk, name, password) if password else ""})
            note_change(target, user, f"{'Gave' if password else 'Removed'} the password of {WORDS[name]}.")
    return given


def keep_passwords_at_their_hosts(stored: ComputeTarget, facts: Mapping[str, Any], wanted: ClusterPasswords) -> None:
    """Raise TargetRefused where a change would send a stored password to another host: nobody could read it before,
    and whoever runs that host could then."""
    for name, place in SENT_TO.items():
        if not getattr(stored, f"sealed_{name}") or getattr(wanted, name) is not None:
            continue
        then = _origin_of(str(facts.get(place, "")))
        if then and then != _origin_of(getattr(stored, place)):
            raise TargetRefused(
                name,
                "The stored password was given for another host, and is not sent to this one.",
                "Type the password again.",
            )


def _origin_of(address: str) -> str:
    """Return scheme, host and port; nothing for what is no address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
