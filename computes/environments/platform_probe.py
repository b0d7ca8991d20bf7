"""Measures what packages must fit, from what three ordinary programs and a file of the system say."""

import re
from collections.abc import Callable, Sequence

from computes.environments.contract import Platform
from computes.errors import PreparationFailed

Answer = Callable[[Sequence[str]], str]

SUBDIRS = {
    "x86_64": "linux-64",
    "aarch64": "linux-aarch64",
    "arm64": "linux-aarch64",
    "ppc64le": "linux-ppc64le",
    "s390x": "linux-s390x",
    "riscv64": "linux-riscv64",
    "armv7l": "linux-armv7l",
    "i686": "linux-32",
}

KERNEL = re.compile(r"\d+\.\d+(?:\.\d+)?")
OLD_KERNEL = "5.10"

# What each level of x86-64 adds, in the words of /proc/cpuinfo (the psABI's table).
LEVELS = (
    ("x86_64_v2", {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}),
    ("x86_64_v3", {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}),
    ("x86_64_v4", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
)


def measure_platform(answer: Answer) -> Platform:
    """Return the platform of a place; `answer` runs a command there and returns what it printed, "" when it failed."""
    machine = answer(["uname", "-m"]).strip()
    subdir = SUBDIRS.get(machine)
    if subdir is None:
        raise PreparationFailed(
            f"The machine's architecture {machine[:40]!r} is not one that conda packages are made for.",
            "Use a machine of a supported architecture, or a Python of your own there.",
        )
    glibc = _glibc(answer)
    archspec = _archspec(machine, answer(["cat", "/proc/cpuinfo"]))
    return Platform(subdir, glibc, archspec, kernel_version(answer(["uname", "-r"])))


def kernel_version(release: str) -> str:
    """Return the version in the name of a kernel's release ("6.1.0-28-amd64"); where there is none, an old one."""
    found = KERNEL.match(release.strip())
    return found.group(0) if found else OLD_KERNEL


def _glibc(answer: Answer) -> str:
    for argv in (["getconf", "GNU_LIBC_VERSION"], ["ldd", "--version"]):
        found = re.search(r"(?:glibc|GLIBC|GNU libc\)?)\D*?(\d+\.\d+)", answer(argv))
        if found:
            return found[1]
    raise PreparationFailed(
        "The C library of the place is not glibc, or does not say its version.",
        "Use a base image or a machine with glibc (Debian, Ubuntu, Fedora and so on; Alpine has none).",
    )


def levels_up_to(archspec: str) -> list[str]:
    """Return conda's words for the processors whose programs run on one, itself the last."""
    names = ["x86_64", *(name for name, _ in LEVELS)]
    return names[: names.index(archspec) + 1] if archspec in names else [archspec]


def _archspec(machine: str, cpuinfo: str) -> str:
    if machine != "x86_64":
        return machine.replace("arm64", "aarch64")
    found = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    flags = set(found[1].split()) if found else set()
    level = "x86_64"
    for name, needed in LEVELS:
        if not needed <= flags:
            break
        level = name
    return level
