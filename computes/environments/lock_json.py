"""A lock's hash, and the lock as JSON: the form that is kept for years."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from computes.environments.contract import Lock, LockedPackage, Platform

VERSION = 1
HASH_DIGITS = 32


class BadLock(ValueError):
    """Not a lock, or one whose packages are not those that its hash was made of."""


def lock_of(
    platform: Platform, channels: Iterable[str], packages: Iterable[LockedPackage], indexes: Iterable[str] = ()
) -> Lock:
    """Return the lock of these packages, in order of kind and name."""
    ordered = tuple(sorted(packages, key=lambda package: (package.kind, package.name)))
    return Lock(lock_hash(platform, ordered), platform, tuple(channels), ordered, tuple(indexes))


def lock_hash(platform: Platform, packages: Iterable[LockedPackage]) -> str:
    """Return the hash over names, versions, builds and checksums, and the kind of machine that they are for."""
    facts = sorted([p.kind, p.name, p.version, p.build, p.sha256] for p in packages)
    parts = {"version": VERSION, "subdir": platform.subdir, "packages": facts}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:HASH_DIGITS]


def lock_to_json(lock: Lock) -> str:
    """Return a lock as text that is the same for the same lock. What came later to locks is left out where it is
    empty, so that those who do not have it are written as ever."""
    data = {"version": VERSION, **asdict(lock)}
    if not lock.platform.cuda:
        del data["platform"]["cuda"]
    if not lock.indexes:
        del data["indexes"]
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def lock_from_json(text: str) -> Lock:
    """Return the lock of a text. Raises BadLock, also when the hash does not fit."""
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            raise BadLock(f"The lock has the version {data['version']!r}; this installation reads version {VERSION}.")
        packages = [_package(each) for each in data["packages"]]
        lock = lock_of(Platform(**data["platform"]), data["channels"], packages, data.get("indexes", ()))
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, BadLock):
            raise
        raise BadLock(f"This is not a lock of an environment: {error}.") from error
    if lock.hash != data["hash"]:
        raise BadLock("The packages of the lock are not those that its hash was made of.")
    return lock


def _package(data: dict[str, Any]) -> LockedPackage:
    package = LockedPackage(**data)
    if package.kind not in ("conda", "pip") or not package.sha256:
        raise BadLock(f"The package {package.name!r} has no kind or no checksum.")
    return package
