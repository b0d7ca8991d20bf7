"""What a builder is told: a file for the server's account alone, because credentials are in it."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from computes.build_folder import Attempt, log_of
from computes.environment_asking import WITH_IMAGES, spec_of
from computes.environments.package_sources import sources_to_json, with_credentials
from computes.environments.place_factory import place_to_json
from computes.models import ComputeTarget, TargetEnvironment
from computes.package_settings import package_sources
from computes.target_settings import settings_of
from projects.secret_box import unseal

OWNER, CREDENTIALS = "target_environment", "credentials"


def write_request(row: TargetEnvironment, attempt: Attempt) -> None:
    """Write the request of an attempt. Raises SealBroken when the server's keys do not open the credentials."""
    text = json.dumps(request_of(row, attempt))
    attempt.folder.mkdir(mode=0o700, parents=True)
    descriptor = os.open(attempt.request, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def request_of(row: TargetEnvironment, attempt: Attempt) -> dict[str, Any]:
    """Return what is needed to build an environment, or to remove it."""
    files = {"place": place_of(row.target), "result": str(attempt.result), "heartbeat": str(attempt.heartbeat)}
    if row.state == TargetEnvironment.State.REMOVING:
        return files | {"hash": row.lock_id}
    spec = spec_of(row.asked)
    return files | {
        "spec": asdict(spec) | {"wheels": {path: str(place) for path, place in spec.wheels.items()}},
        "sources": sources_to_json(with_credentials(package_sources(), credentials_of(row))),
        "lock": row.from_lock.text if row.from_lock else "",
        "cache": str(Path(settings.DATA_DIR) / "packages"),
        "log": str(log_of(row.pk)),
        "cancel": str(attempt.cancel),
    }


def credentials_of(row: TargetEnvironment) -> dict[str, tuple[str, str]]:
    """Return the logins that the project's file held, by address. Raises SealBroken."""
    if not row.sealed_credentials:
        return {}
    logins = json.loads(unseal(OWNER, row.pk, CREDENTIALS, row.sealed_credentials))
    return {address: (user, password) for address, (user, password) in logins.items()}


def place_of(target: ComputeTarget) -> dict[str, Any]:
    """Return where the prefixes of a target are kept: volumes of its engine, or folders of its machine."""
    kind = "volume" if target.kind in WITH_IMAGES else "folder"
    return place_to_json(kind, settings_of(target), settings.INSTALLATION_ID)
