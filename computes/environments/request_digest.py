"""A name for an ask: the same specs for the same platform from the same sources are asked for once."""

import hashlib
import json

from computes.environments.contract import EnvironmentSpec, PackageSources, Platform
from computes.environments.package_sources import meaningful_digest, without_logins_in_addresses


def request_digest(spec: EnvironmentSpec, platform: Platform, sources: PackageSources) -> str:
    """Return 32 hexadecimal digits made of what decides the outcome: no file names, no lines, no logins.

    Wheels of the project count by their content.
    """
    sources = without_logins_in_addresses(sources)
    wheels = {path: hashlib.sha256(blob.read_bytes()).hexdigest() for path, blob in spec.wheels.items()}
    parts = [
        [list(spec.channels), list(spec.conda), list(spec.pip), sorted(wheels.items())],
        [platform.subdir, platform.glibc, platform.archspec, platform.linux, platform.cuda],
        meaningful_digest(sources),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
