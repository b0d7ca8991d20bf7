"""What we log in to a target with: sealed on its row, bound to row and field, and never shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from computes.container_settings import registry_of
from computes.errors import KeyUnreadable
from computes.host_access import new_key_pair, public_line, read_private_key
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change
from computes.target_settings import OWNER
from projects.secret_box import seal

Credential = ComputeTarget.Credential
TAKE_PASSWORDS = (ComputeTarget.Kind.REMOTE, ComputeTarget.Kind.CLUSTER)
CREDENTIAL_COLUMNS = [
    "credential",
    "public_key",
    "sealed_private_key",
    "sealed_password",
    "sealed_install_password",
]


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that was given or is to be made. Secrets are never part of its representation.

    KEY_PAIR makes a new pair; with a `password` that is used once to install the public key. PRIVATE_KEY takes a key,
    with its passphrase if it has one. PASSWORD keeps the password and logs in with it.
    """

    kind: str
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def give_credential(target: ComputeTarget, user: User, wanted: NewCredential) -> None:
    """Replace the credential of a stored target. What it had before is forgotten.

    Raises TargetRefused for a private key that cannot be used, and for a password where only keys are used.
    """
    if wanted.kind == Credential.PASSWORD and target.kind not in TAKE_PASSWORDS:
        raise TargetRefused(
            "keep_password",
            "Containers are reached through a tunnel that needs a key.",
            "Let the password be used once.",
        )
    sealed = dict.fromkeys(CREDENTIAL_COLUMNS, "") | {"credential": wanted.kind}
    if wanted.kind == Credential.PASSWORD:
        sealed["sealed_password"] = seal(OWNER, target.pk, "password", wanted.password)
    else:
        private, sealed["public_key"] = _keys(target, wanted)
        sealed["sealed_private_key"] = seal(OWNER, target.pk, "private_key", private)
        if wanted.kind == Credential.KEY_PAIR and wanted.password:
            sealed["sealed_install_password"] = seal(OWNER, target.pk, "install_password", wanted.password)
    with transaction.atomic():
        write_columns(target, **sealed)
        note_change(target, user, f"Gave the target a credential: {Credential(wanted.kind).label.lower()}.")


def keep_password_at_its_hosts(stored: ComputeTarget, facts: Mapping[str, Any], wanted: NewCredential | None) -> None:
    """Raise TargetRefused where a change would send a stored password to another host: nobody could read it before,
    and whoever runs that host could then."""
    if wanted is not None or not (stored.sealed_password or stored.sealed_install_password):
        return
    now = {name: getattr(stored, name) for name in ("address", "port", "jump_hosts")}
    if _hosts_told(**{name: facts.get(name, value) for name, value in now.items()}) - _hosts_told(**now):
        raise TargetRefused(
            "credential",
            "The stored password was given for another host, and is not sent to this one.",
            "Type the password again, or choose another credential.",
        )


def keep_password_at_its_registry(stored: ComputeTarget, facts: Mapping[str, Any], given: str | None) -> None:
    """Raise TargetRefused where another base image would send the stored password of a registry to another one."""
    image = facts.get("base_docker_image", stored.base_docker_image)
    is_same = registry_of(image) == registry_of(stored.base_docker_image)
    if given is None and stored.sealed_registry_password and not is_same:
        raise TargetRefused(
            "registry_password",
            "The stored password was given for another registry, and is not sent to that of this image.",
            "Type the password again, or empty it where the image needs none.",
        )


def give_registry_password(target: ComputeTarget, user: User, password: str) -> None:
    """Seal the password of the image registry; an empty one removes it."""
    sealed = seal(OWNER, target.pk, "registry_password", password) if password else ""
    with transaction.atomic():
        write_columns(target, sealed_registry_password=sealed)
        note_change(target, user, f"{'Gave' if password else 'Removed'} the password of the image registry.")


def forget_install_password(target: ComputeTarget) -> None:
    """Remove the password that was given to install the public key once; one that was given since then stays."""
    known = ComputeTarget.objects.filter(pk=target.pk, sealed_install_password=target.sealed_install_password)
    known.update(sealed_install_password="")
    target.sealed_install_password = ""


def check_private_key(text: str, passphrase: str) -> None:
    """Raise TargetRefused on the field at fault when a private key cannot be used."""
    try:
        read_private_key(text, passphrase)
    except KeyUnreadable as error:
        field = "passphrase" if "passphrase" in error.text else "private_key"
        raise TargetRefused(field, error.text, error.remedy) from None


def _hosts_told(address: str, port: int, jump_hosts: list[dict[str, Any]]) -> set[tuple[str, int]]:
    return {(address, port), *((jump["host"], jump["port"]) for jump in jump_hosts)}


def _keys(target: ComputeTarget, wanted: NewCredential) -> tuple[str, str]:
    comment = f"amlweb {target.name}"
    if wanted.kind == Credential.KEY_PAIR:
        return new_key_pair(comment)
    check_private_key(wanted.private_key, wanted.passphrase)
    private = read_private_key(wanted.private_key, wanted.passphrase)
    return private, public_line(private, comment)


def write_columns(target: ComputeTarget, **columns: str) -> None:
    """Write to the row and to the object alike."""
    ComputeTarget.objects.filter(pk=target.pk).update(**columns)
    for name, value in columns.items():
        setattr(target, name, value)
