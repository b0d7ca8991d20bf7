"""The parts of a machine that the tests want beyond Python, and how they are had."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.stack.chromium import chromium_path
from tests.stack.dockerd import dockerd_path
from tests.stack.linked_host import ip_path
from tests.stack.postgres import postgres_folder
from tests.stack.redis import redis_path
from tests.stack.spark import java_path
from tests.stack.sshd import sshd_path


@dataclass(frozen=True)
class Part:
    """A part, its Debian package, how it is found, and what is left out without it."""

    name: str
    package: str
    find: Callable[[], object | None]
    left_out: str


POSTGRES = Part("PostgreSQL", "postgresql", postgres_folder, "the pass on PostgreSQL and Redis")
REDIS = Part("Redis", "redis-server", redis_path, "the pass on PostgreSQL and Redis")
CHROMIUM = Part("Chromium", "chromium", chromium_path, "the pages in a browser")
GIT = Part("git", "git", lambda: shutil.which("git"), "projects from a git address")
SSHD = Part("sshd", "openssh-server", sshd_path, "machines over SSH")
CSH = Part("csh", "csh", lambda: shutil.which("csh"), "a login shell that is not POSIX")
FISH = Part("fish", "fish", lambda: shutil.which("fish"), "a login shell that is neither POSIX nor csh")
FAKETIME = Part("faketime", "faketime", lambda: shutil.which("faketime"), "a host whose clock is wrong")
DOCKER = Part("Docker", "docker.io", dockerd_path, "runs in containers")
IP = Part("ip", "iproute2", ip_path, "a host behind a link that can be cut")
JAVA = Part("Java", "openjdk-17-jdk-headless", java_path, "PySpark")
RSYNC = Part("rsync", "rsync", lambda: shutil.which("rsync"), "the comparison with rsync")  # measurements only
PARTS = (POSTGRES, REDIS, CHROMIUM, GIT, SSHD, CSH, FISH, FAKETIME, DOCKER, IP, JAVA)


def missing_of(parts: Iterable[Part]) -> list[Part]:
    """Return those parts that this machine lacks."""
    return [part for part in parts if part.find() is None]


def provide(parts: Iterable[Part]) -> list[Part]:
    """Install what is missing where that is possible, say what is still missing, and return that."""
    missing = missing_of(parts)
    if missing and can_install():
        install(missing)
        missing = missing_of(missing)
    for part in missing:
        print(f"Missing: {part.name} (Debian package {part.package}). Left out: {part.left_out}.", flush=True)
    return missing


def is_debian_like(os_release: Path = Path("/etc/os-release")) -> bool:
    """Return whether this is Debian, Ubuntu or one of their children, with apt-get."""
    if not os_release.exists() or not shutil.which("apt-get"):
        return False
    facts = dict(line.split("=", 1) for line in os_release.read_text().splitlines() if "=" in line)
    names = f"{facts.get('ID', '')} {facts.get('ID_LIKE', '')}".replace('"', "").split()
    return bool({"debian", "ubuntu"} & set(names))


def can_install() -> bool:
    """Return whether parts can be installed here: with apt-get, as root or by sudo."""
    return is_debian_like() and (os.geteuid() == 0 or shutil.which("sudo") is not None)


def install(parts: list[Part]) -> None:
    """Install parts with apt-get, after saying so. A failure shows in what is still missing afterwards."""
    before = [] if os.geteuid() == 0 else ["sudo"]
    packages = [part.package for part in parts]
    print(f"Installing with apt-get: {' '.join(packages)}", flush=True)
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*before, *quiet, "update"], check=False, stdout=subprocess.DEVNULL)
    wanted = [*before, *quiet, "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(wanted, check=False, stdout=subprocess.DEVNULL)
