"""What packages must fit in an image: its processor and its C library, measured in a container."""

import re

from computes.environments.contract import Platform
from computes.environments.platform_probe import kernel_version
from computes.errors import PreparationFailed
from computes.executors.docker.container_config import plain_config
from computes.executors.docker.engine import Engine
from computes.executors.docker.images import require_image
from computes.executors.docker.throw_away import output_of

ARCHITECTURES = {
    "amd64": ("linux-64", "x86_64"),
    "arm64": ("linux-aarch64", "aarch64"),
    "ppc64le": ("linux-ppc64le", "ppc64le"),
}
LIBC_SECONDS = 60.0
NOBODY = "65534:65534"
ASK_LIBC = "getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 || true"
GLIBC = re.compile(r"(?:^glibc |GLIBC|GNU libc).*?(\d+\.\d+)\s*$", re.MULTILINE)


def platform_of(engine: Engine, image: str, labels: dict[str, str]) -> Platform:
    """Return the platform of an image. Raises PreparationFailed for one that conda has no packages for."""
    facts = require_image(engine, image)
    if facts.architecture not in ARCHITECTURES:
        raise PreparationFailed(
            f"The image {image!r} is made for {facts.architecture!r}, for which there are no conda packages.",
            f"Choose an image for one of: {', '.join(ARCHITECTURES)}.",
        )
    subdir, archspec = ARCHITECTURES[facts.architecture]
    config = plain_config(facts.id, NOBODY, ["/bin/sh", "-c", ASK_LIBC], [], labels)
    _, said = output_of(engine, config, LIBC_SECONDS)
    found = GLIBC.search(said)
    if found is None:
        raise PreparationFailed(
            f"The image {image!r} has no GNU C library that says its version; conda packages need one.",
            "Choose a base image with glibc, for example one of Debian or Ubuntu; Alpine has none.",
        )
    return Platform(subdir, found.group(1), archspec, kernel_version(str(engine.info().get("KernelVersion", ""))))
