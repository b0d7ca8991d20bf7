"""Finds the exact packages of a spec's pip section, by the environment's own pip, where it will be used.

The conda part is linked to a scratch prefix of the place; pip says there what it would install, and the prefix is
removed. Wheels, names and addresses end as an address and a checksum each.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from computes.environments.address_secrets import without_secrets
from computes.environments.contract import EnvironmentSpec, LockedPackage, LogLine, PackageSources, Place, Platform
from computes.environments.linking import bring_conda_part
from computes.environments.package_sources import masker_for
from computes.environments.pip_failure import said_of_failure, where_failed
from computes.environments.pip_setup import REQUIREMENTS, put_pip_files, where_to_look
from computes.environments.prefix_tar import tar_of_files
from computes.environments.project_wheels import SCHEME, sha256_of
from computes.environments.stopping import ShouldStop
from computes.environments.target_steps import BUILD_FOLDER, build_path, put_programs, run_step
from computes.errors import PreparationFailed

DEADLINE_SECONDS = 3600.0
WHEELS = "wheels"


def resolve_pip(
    spec: EnvironmentSpec,
    conda: tuple[LockedPackage, ...],
    platform: Platform,
    sources: PackageSources,
    place: Place,
    scratch: str,
    log: LogLine,
    cache_folder: Path,
    should_stop: ShouldStop,
) -> list[LockedPackage]:
    """Return pip's packages. Raises PreparationFailed with pip's own words and the lines that they are about."""
    place.begin(scratch)
    try:
        bring_conda_part(conda, platform.subdir, place, scratch, sources, cache_folder, should_stop)
        put_programs(place, scratch)
        put_glibc(place, scratch, conda, platform.glibc)
        if spec.wheels:
            files = {f"{BUILD_FOLDER}/{WHEELS}/{path}": blob for path, blob in spec.wheels.items()}
            place.unpack(scratch, tar_of_files(files, should_stop))
        lines = [*where_to_look(spec.pip, sources), *_requirements(spec, place, scratch)]
        variables = put_pip_files(place, scratch, lines, sources)
        arguments = ["-I", "-B", "-m", "pip", "install", "--dry-run", "--report"]
        arguments += [build_path(place, scratch, "report.json"), "-r", build_path(place, scratch, REQUIREMENTS)]
        mask = masker_for(sources)
        done = run_step(place, scratch, arguments, variables, log, mask, should_stop, DEADLINE_SECONDS)
        if done.code != 0:
            raise _failed(spec, done.lines)
        report = json.loads(place.fetch(scratch, f"{BUILD_FOLDER}/report.json"))
        return [_locked(entry, spec, build_path(place, scratch, WHEELS)) for entry in report["install"]]
    finally:
        place.remove(scratch)


def put_glibc(place: Place, scratch: str, conda: tuple[LockedPackage, ...], glibc: str) -> None:
    """Let pip take wheels for the C library that the packages shall fit, where that of the place is newer: it asks a
    module of this name (PEP 600)."""
    version = next((package.version for package in conda if package.name == "python"), "")
    folder = f"lib/python{'.'.join(version.split('.')[:2])}/site-packages"
    numbers = tuple(int(part) for part in glibc.split("."))
    text = f"def manylinux_compatible(major, minor, _):\n    return (major, minor) <= {numbers!r}\n"
    place.put(scratch, {f"{folder}/_manylinux.py": text.encode()})


def _requirements(spec: EnvironmentSpec, place: Place, scratch: str) -> list[str]:
    return [
        f"file://{quote(build_path(place, scratch, f'{WHEELS}/{line}'))}" if line in spec.wheels else line
        for line in spec.pip
        if not line.startswith("-")
    ]


def _locked(entry: dict[str, Any], spec: EnvironmentSpec, wheels: str) -> LockedPackage:
    name, version = entry["metadata"]["name"], entry["metadata"]["version"]
    download = entry["download_info"]
    url, _ = without_secrets(download["url"], may_have_token=False)
    path = unquote(urlsplit(url).path)
    if url.startswith("file:") and path.startswith(f"{wheels}/"):
        inside = path.removeprefix(f"{wheels}/")
        return LockedPackage("pip", name, version, "", f"{SCHEME}{inside}", sha256_of(spec.wheels[inside]))
    archive = download.get("archive_info", {})
    checksum = archive.get("hashes", {}).get("sha256", "")
    if not url.startswith(("https://", "http://")) or not checksum:
        raise PreparationFailed(
            f"pip would install {name} {version} from {url[:200]}, for which there is no checksum.",
            "Ask for a release of an index, the address of a wheel, or a wheel of the project.",
        )
    return LockedPackage("pip", name, version, "", url.split("#")[0], checksum)


def _failed(spec: EnvironmentSpec, lines: tuple[str, ...]) -> PreparationFailed:
    said = "\n".join(lines)
    if "no such option: --report" in said:
        return PreparationFailed(
            "The environment's pip is too old to say what it would install.",
            "Ask for pip >=22.2 and Python 3.7 or newer.",
        )
    return PreparationFailed(
        f"pip cannot find packages for {spec.source}.\n{said_of_failure(lines)}{where_failed(spec, lines)}",
        "Change the lines for pip that the message names, or the index that pip looks at.",
    )
