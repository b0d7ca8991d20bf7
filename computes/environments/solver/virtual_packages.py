"""What a platform says of itself, in conda's words: packages that nobody installs, and that others need."""

from collections.abc import Mapping

from rattler import GenericVirtualPackage, PackageName, Version
from rattler.package import BuildString
from rattler.repo_data import PackageRecord

ANY_BUILD = "0"


def facts_of(platform: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return name, version and build of each, as the target says it and never as this machine would."""
    cuda = [("__cuda", platform["cuda"], ANY_BUILD)] if platform["cuda"] else []
    return [
        ("__unix", "0", ANY_BUILD),
        ("__linux", platform["linux"], ANY_BUILD),
        ("__glibc", platform["glibc"], ANY_BUILD),
        ("__archspec", "1", platform["archspec"]),
        *cuda,
    ]


def virtual_packages(platform: Mapping[str, str]) -> list[GenericVirtualPackage]:
    """Return them as the solver takes them."""
    return [
        GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))
        for name, version, build in facts_of(platform)
    ]


def virtual_records(platform: Mapping[str, str]) -> dict[str, PackageRecord]:
    """Return them by name, as records that specs can be held against."""
    return {
        name: PackageRecord(name, version, BuildString(build), 0, platform["subdir"])
        for name, version, build in facts_of(platform)
    }
