"""What is asked of a target: as it is kept on a row, and back from there to what the engine reads."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from computes.environments.contract import EnvironmentSpec
from computes.environments.cuda import said_cuda
from computes.environments.package_sources import meaningful_digest
from computes.models import ComputeTarget, EnvironmentLock
from computes.package_settings import package_sources
from computes.packing_settings import glibc_of_nodes
from projects.blob_store import BlobStore

MANAGED_KINDS = (
    ComputeTarget.Kind.LOCAL_DOCKER,
    ComputeTarget.Kind.REMOTE_DOCKER,
    ComputeTarget.Kind.REMOTE,
    ComputeTarget.Kind.CLUSTER,
    ComputeTarget.Kind.LIVY,
)
WITH_IMAGES = (ComputeTarget.Kind.LOCAL_DOCKER, ComputeTarget.Kind.REMOTE_DOCKER)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: a spec without logins whose wheels are named by checksum, or one exact lock.

    `image` is the base image that it must fit where the project names another than the target's. `credentials` are the
    logins that the project's file held, by address.
    """

    channels: tuple[str, ...] = ()
    conda: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    source: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    wheels: Mapping[str, str] = field(default_factory=dict)
    from_lock: EnvironmentLock | None = None
    image: str = ""
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return what is kept and shown: no logins."""
        return {
            "channels": list(self.channels),
            "conda": list(self.conda),
            "pip": list(self.pip),
            "source": self.source,
            "lines": dict(self.lines),
            "wheels": dict(self.wheels),
            "image": self.image,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], from_lock: EnvironmentLock | None) -> "Asked":
        """Return what was kept of an ask."""
        return cls(
            channels=tuple(kept["channels"]),
            conda=tuple(kept["conda"]),
            pip=tuple(kept["pip"]),
            source=kept["source"],
            lines=dict(kept["lines"]),
            wheels=dict(kept["wheels"]),
            from_lock=from_lock,
            image=kept.get("image", ""),
        )


def manages_environments(target: ComputeTarget) -> bool:
    """Return whether we make the environments of a target, or its user does."""
    return target.kind in MANAGED_KINDS and not target.user_managed_environment


def request_of_ask(asked: Asked, target: ComputeTarget) -> str:
    """Return what is the same on every target that the same packages are asked for on, of the same sources: what is
    solved for one of them holds for another one of the same platform. Empty for one exact lock."""
    if asked.from_lock is not None:
        return ""
    sources = meaningful_digest(package_sources(target))
    return hashlib.sha256(json.dumps(packages_and_sources(asked, sources)).encode()).hexdigest()


def packages_and_sources(asked: Asked, sources: str) -> list[Any]:
    """Return which packages are asked for, and from where they come."""
    return [asked.channels, asked.conda, asked.pip, sorted(asked.wheels.items()), sources]


def digest_of(asked: Asked, target: ComputeTarget) -> str:
    """Return what names an ask on a target, as 64 hexadecimal digits. File names, lines and logins do not count.

    The base image does: what must fit another image is solved again, and found to be there already where it fits. So
    does the C library that nodes behind Livy are said to have, and the CUDA that a target is said to have. What is
    measured there does not: a lock says what it was made for, and is not taken for another platform.
    """
    return digests_of([asked], target)[0]


def digests_of(asks: Sequence[Asked], target: ComputeTarget) -> list[str]:
    """Return what names each of several asks on a target, whose sources are looked up once."""
    sources = meaningful_digest(package_sources(target)) if any(asked.from_lock is None for asked in asks) else ""
    found = []
    for asked in asks:
        what = packages_and_sources(asked, sources) if asked.from_lock is None else [asked.from_lock.hash]
        whole = json.dumps([what_it_must_fit(asked, target), *what])
        found.append(hashlib.sha256(whole.encode()).hexdigest())
    return found


def what_it_must_fit(asked: Asked, target: ComputeTarget) -> str:
    """Return what decides on the packages of a target beside what is asked for, as far as somebody has said it."""
    cuda = said_cuda(target.environment_variables)
    if target.kind == ComputeTarget.Kind.LIVY:
        must_fit = f"glibc {glibc_of_nodes(target)}"
    else:
        must_fit = asked.image or target.base_docker_image if target.kind in WITH_IMAGES else ""
    return must_fit if cuda is None else f"{must_fit} cuda {cuda}"


def spec_of(asked: Mapping[str, Any]) -> EnvironmentSpec:
    """Return the spec that was kept on a row, with its wheels at their places on this server."""
    return EnvironmentSpec(
        channels=tuple(asked["channels"]),
        conda=tuple(asked["conda"]),
        pip=tuple(asked["pip"]),
        source=asked["source"],
        lines=dict(asked["lines"]),
        wheels=wheels_of(asked),
    )


def wheels_of(asked: Mapping[str, Any]) -> dict[str, Path]:
    """Return the wheels of the project that were kept on a row, at their places on this server."""
    store = BlobStore(Path(settings.BLOB_DIR))
    return {path: store.path_of(digest) for path, digest in asked["wheels"].items()}
