"""Whether a lock fits another platform than its own: by what its packages say, as conda reads it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from computes.environments.contract import Lock, LockedPackage, PackageSources, Platform
from computes.environments.fitting import what_lacks
from computes.environments.lock_json import lock_of
from computes.environments.stopping import never
from computes.environments.wheel_tags import glibc_of_wheel

HERE = Platform("linux-64", "2.31", "x86_64_v3", "5.15.0")
ELSEWHERE = replace(HERE, glibc="2.39", archspec="x86_64_v4", linux="6.8.0")


def lock_with(*packages: LockedPackage) -> Lock:
    return lock_of(ELSEWHERE, ["conda"], packages)


def conda(name: str, **record: Any) -> LockedPackage:
    return LockedPackage("conda", name, "1.0", "0", f"https://host.example/{name}", "ab", record=record)


def pip(name: str, wheel: str) -> LockedPackage:
    return LockedPackage("pip", name, "1.0", "", f"https://host.example/{wheel}", "cd")


def lacking(tmp_path: Path, *packages: LockedPackage) -> list[str]:
    return what_lacks(lock_with(*packages), HERE, PackageSources(), tmp_path / "cache", never)


def test_packages_say_what_they_need_of_the_machine(tmp_path: Path) -> None:
    found = lacking(
        tmp_path,
        conda("plain", depends=["python >=3.9", "__unix", "__linux"]),
        conda("met", depends=["__glibc >=2.17,<3.0.a0", "__linux>=5.4", "__archspec 1 x86_64_v3"]),
        conda("older", depends=["__archspec 1.* x86_64_v2"]),
        conda("library", depends=["__glibc >=2.34"]),
        conda("kernel", depends=["__linux >=6"]),
        conda("processor", depends=["__archspec 1 x86_64_v4"]),
        conda("device", depends=["__cuda"]),
        conda("limited", constrains=["__cuda >=12", "__glibc >=2.35"]),
    )
    assert found == [
        "device 1.0 needs __cuda",
        "kernel 1.0 needs __linux >=6",
        "library 1.0 needs __glibc >=2.34",
        "limited 1.0 needs __glibc >=2.35",
        "processor 1.0 needs __archspec 1 x86_64_v4",
    ]


def test_wheels_say_which_library_they_need(tmp_path: Path) -> None:
    found = lacking(
        tmp_path,
        pip("new", "new-1.0-cp311-cp311-manylinux_2_34_x86_64.whl"),
        pip("old", "old-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        pip("pure", "pure-1.0-py3-none-any.whl"),
        pip("source", "source-1.0.tar.gz"),
    )
    assert found == ["the wheel of new 1.0 needs glibc 2.34"]


def test_what_was_locked_for_the_same_platform_is_asked_nothing(tmp_path: Path) -> None:
    lock = lock_of(HERE, ["conda"], [conda("device", depends=["__cuda"])])
    assert what_lacks(lock, HERE, PackageSources(), tmp_path / "cache", never) == []
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("name", "glibc"),
    [
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", (2, 28)),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.manylinux2014_x86_64.whl", (2, 17)),
        ("a-1-cp311-cp311-manylinux1_x86_64.whl", (2, 5)),
        ("a-1-cp311-cp311-linux_x86_64.whl", (0, 0)),
        ("a%2B1-1-py3-none-any.whl", (0, 0)),
        ("a-1.tar.gz", (0, 0)),
    ],
)
def test_the_library_that_a_wheel_needs_is_in_its_name(name: str, glibc: tuple[int, int]) -> None:
    assert glibc_of_wheel(f"https://host.example/simple/{name}#sha256=ab") == glibc
    assert glibc_of_wheel(f"project:wheels/{name}") == glibc
