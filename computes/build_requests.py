"""What the process of an attempt is told: a file for the server's account alone, because credentials are in it."""

import json
import os
from dataclasses import replace
from typing import Any

from django.conf import settings

from computes.build_folder import Attempt, log_of
from computes.environment_asking import WITH_IMAGES, spec_of, wheels_of
from computes.environments import builder_request
from computes.environments.builder_request import BuilderFiles, BuilderRequest
from computes.environments.contract import Lock, PackageSources
from computes.environments.lock_json import lock_from_json
from computes.environments.package_sources import with_credentials
from computes.environments.pip_setup import with_indexes
from computes.environments.place_factory import place_to_json
from computes.models import ComputeTarget, TargetEnvironment
from computes.package_settings import package_cache, package_sources
from computes.packing_settings import packing_settings
from computes.target_settings import settings_of
from projects.secret_box import unseal

MOST_KNOWN_LOCKS = 5
OWNER, CREDENTIALS = "target_environment", "credentials"


def write_request(row: TargetEnvironment, attempt: Attempt) -> None:
    """Write what an attempt is to do: build, or remove. Raises SealBroken when the credentials do not open."""
    attempt.folder.mkdir(mode=0o700, parents=True)
    if row.state == TargetEnvironment.State.REMOVING:
        write_removal(row, attempt)
    else:
        builder_request.write_request(attempt.request, request_of(row, attempt))


def request_of(row: TargetEnvironment, attempt: Attempt) -> BuilderRequest:
    """Return what the builder is told: what was asked for, or the lock to build from."""
    return BuilderRequest(
        files=BuilderFiles(log_of(row.pk), attempt.result, attempt.cancel, attempt.heartbeat),
        place=place_of(row),
        sources=sources_of(row, attempt),
        cache_folder=package_cache(),
        spec=None if row.from_lock or row.is_image else spec_of(row.asked),
        lock=with_indexes(lock_from_json(row.from_lock.text), row.asked.get("pip", ())) if row.from_lock else None,
        wheels=wheels_of(row.asked),
        known_locks=() if row.from_lock else known_locks(row),
    )


def known_locks(row: TargetEnvironment) -> tuple[Lock, ...]:
    """Return the locks that the same ask has come to on other targets and that are built there, the newest first. The
    builder takes one whose platform is its own."""
    if not row.request:
        return ()
    others = TargetEnvironment.objects.filter(request=row.request, state=TargetEnvironment.State.READY)
    found = others.exclude(pk=row.pk).exclude(lock=None).order_by("-finished_at").values_list("lock__text", flat=True)
    return tuple(lock_from_json(text) for text in list(dict.fromkeys(found))[:MOST_KNOWN_LOCKS])


def sources_of(row: TargetEnvironment, attempt: Attempt) -> PackageSources:
    """Return where packages come from, with a file of the target's own certificates where it has some."""
    sources = with_credentials(package_sources(row.target), credentials_of(row))
    if not row.target.ca_bundle:
        return sources
    attempt.certificates.write_text(row.target.ca_bundle)
    return replace(sources, ca_bundle=str(attempt.certificates))


def write_removal(row: TargetEnvironment, attempt: Attempt) -> None:
    """Write what `computes.environment_remover` is told."""
    told = {
        "place": place_of(row),
        "hash": row.key,
        "result": str(attempt.result),
        "heartbeat": str(attempt.heartbeat),
    }
    descriptor = os.open(attempt.request, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file)


def credentials_of(row: TargetEnvironment) -> dict[str, tuple[str, str]]:
    """Return the logins that the project's file held, by address. Raises SealBroken."""
    if not row.sealed_credentials:
        return {}
    logins = json.loads(unseal(OWNER, row.pk, CREDENTIALS, row.sealed_credentials))
    return {address: (user, password) for address, (user, password) in logins.items()}


def place_of(row: TargetEnvironment) -> dict[str, Any]:
    """Return where the prefixes of a target are kept: volumes of its engine, folders of its machine, or packed in the
    storage that a cluster shares. What fits a project's own base image is built with that image."""
    if row.target.kind == ComputeTarget.Kind.LIVY:
        return place_to_json("packed", settings_of(row.target), settings.INSTALLATION_ID, packing_settings(row.target))
    kind = "volume" if row.target.kind in WITH_IMAGES else "folder"
    image = row.asked.get("image")
    settings_there = settings_of(row.target, {"image": image} if image else None)
    return place_to_json(kind, settings_there, settings.INSTALLATION_ID)
