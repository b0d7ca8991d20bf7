"""A new key for secrets at rest: put in front of the key file, and every stored secret sealed anew with it.

May be broken off at any moment and begun again. Until the old keys are forgotten, every secret opens.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import models

from projects.key_file import keys_in
from projects.secret_box import SealBroken, rotate

PREFIX = "sealed_"


class RotationUnderWay(Exception):
    """Another process is rotating the keys."""


@dataclass(slots=True)
class Rotation:
    """What was done: how many secrets were sealed anew, how many were sealed with the first key already, and the
    places of those that no key opens."""

    renewed: int = 0
    untouched: int = 0
    broken: list[str] = field(default_factory=list)


@contextmanager
def sole_rotation(path: Path) -> Iterator[None]:
    """Keep other rotations out. Raises RotationUnderWay."""
    with open(path.with_name(f"{path.name}.lock"), "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RotationUnderWay from error
        yield


def sealed_fields() -> list[tuple[type[models.Model], str]]:
    """Return every field of the database that holds sealed text: by its name, it begins with `sealed_`."""
    return [
        (model, column.name)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if column.name.startswith(PREFIX)
    ]


def is_rotation_unfinished(path: Path) -> bool:
    """Return whether a stored secret is sealed with an older key than the first."""
    first = first_key(path)
    return any(
        not opens_with(first, sealed) and renewed_or_none(sealed) is not None
        for model, name in sealed_fields()
        for _, sealed in stored_secrets(model, name)
    )


def put_new_key_in_front(path: Path) -> None:
    """Add a key that seals from now on; the others go on opening."""
    write_keys(path, [Fernet.generate_key().decode(), *path.read_text(encoding="ascii").split()])


def forget_older_keys(path: Path) -> int:
    """Leave only the first key in the file; return how many were there besides."""
    first, *older = path.read_text(encoding="ascii").split()
    if older:
        write_keys(path, [first])
    return len(older)


def write_keys(path: Path, keys: list[str]) -> None:
    """Replace the key file whole, readable by its owner only."""
    real = path.resolve()
    aside = real.with_name(f".{real.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(real)


def seal_all_anew(path: Path) -> Rotation:
    """Seal every stored secret with the first key, one row at a time; a row that changes meanwhile is left alone,
    because whoever changed it sealed it with the first key."""
    rotation = Rotation()
    first = first_key(path)
    for model, name in sealed_fields():
        for key, sealed in stored_secrets(model, name):
            if opens_with(first, sealed):
                rotation.untouched += 1
            elif (renewed := renewed_or_none(sealed)) is None:
                rotation.broken.append(f"{model._meta.label} {key}")
            else:
                rows: Any = model._default_manager.filter(pk=key, **{name: sealed})
                rotation.renewed += rows.update(**{name: renewed})
    return rotation


def stored_secrets(model: type[models.Model], name: str) -> Iterator[tuple[Any, str]]:
    """Yield the key and the sealed text of each row that holds one."""
    filled = model._default_manager.exclude(**{name: ""}).order_by("pk")
    for key in list(filled.values_list("pk", flat=True)):
        for sealed in filled.filter(pk=key).values_list(name, flat=True):
            yield key, sealed


def first_key(path: Path) -> Fernet:
    """Return the key that seals. Raises projects.key_file.KeysUnreadable."""
    keys_in(path)
    return Fernet(path.read_text(encoding="ascii").split()[0])


def opens_with(key: Fernet, sealed: str) -> bool:
    """Return whether one key opens a sealed text."""
    try:
        key.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def renewed_or_none(sealed: str) -> str | None:
    """Return a secret sealed with the first key, or None when no key opens it."""
    try:
        return rotate(sealed)
    except SealBroken:
        return None
