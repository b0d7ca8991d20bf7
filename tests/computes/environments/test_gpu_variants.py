"""Packages with variants for GPUs: which is chosen where the driver takes which CUDA, by an nvidia-smi in PATH."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import ContainerSettings, TargetSettings
from computes.environments import cuda
from computes.environments.contract import Lock, Platform
from computes.environments.fitting import known_lock
from computes.environments.lock_json import lock_from_json, lock_of, lock_to_json
from computes.environments.place_factory import cuda_of_containers, place_from_json, place_to_json
from computes.environments.spec_reading import spec_from_conda
from computes.environments.stopping import never
from computes.errors import PreparationFailed
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.environments.conftest import INSTALLATION, Workshop
from tests.stack.conda_channel import index
from tests.stack.conda_packages import write_package

HEADER = """\
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: {}     |
|-----------------------------------------+------------------------+----------------------+
"""
NEWER_HEADER = "| NVIDIA-SMI 590.10     KMD Version: 590.10     CUDA UMD Version: {}     |\n"


@pytest.fixture(scope="session")
def variants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel whose package `sums` is for GPUs where there is CUDA 12, and for any machine else."""
    channel = tmp_path_factory.mktemp("variants")
    nothing = channel / "nothing"
    for folder in ("noarch", "linux-64"):
        (channel / folder).mkdir()
    facts = {"name": "sums", "version": "1.0"}
    write_package(channel, nothing, {**facts, "build": "cpu_0"})
    write_package(channel, nothing, {**facts, "build": "gpu_1", "build_number": 1, "depends": ["__cuda >=12.0"]})
    index(channel)
    return channel


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is first in PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.fixture
def workshop(workshop: Workshop, variants: Path) -> Workshop:
    """A workshop that also has the channel with variants."""
    workshop.sources = replace(workshop.sources, channel_map={"variants": (variants.as_uri(),)})
    return workshop


def let_it_print(programs: Path, text: str, code: int = 0) -> None:
    (programs / "said").write_text(text)
    program = programs / "nvidia-smi"
    program.write_text(f'#!/bin/sh\ncat "{programs}/said"\nexit {code}\n')
    program.chmod(0o755)


def chosen(workshop: Workshop) -> tuple[str, str]:
    """Return the variant that is locked, and the CUDA that the lock is for."""
    asked = CondaDependencies(channels=("conda", "variants"), dependencies=("sums",))
    lock = workshop.solve(spec_from_conda(asked, files={}))
    (found,) = [package.build for package in lock.packages if package.name == "sums"]
    return found, lock.platform.cuda


def test_the_variant_for_gpus_is_chosen_where_the_driver_takes_it(workshop: Workshop, programs: Path) -> None:
    let_it_print(programs, HEADER.format("12.4"))
    assert chosen(workshop) == ("gpu_1", "12.4")
    assert any("CUDA 12.4" in line for line in workshop.lines)
    let_it_print(programs, NEWER_HEADER.format("13.1"))
    assert chosen(workshop) == ("gpu_1", "13.1")


@pytest.mark.parametrize(
    ("text", "code", "measured"),
    [
        (HEADER.format("11.8"), 0, "11.8"),
        ("No devices were found\n", 6, ""),
        ("Failed to initialize NVML: Driver/library version mismatch\n", 18, ""),
        (HEADER.format("N/A"), 0, ""),
        ("", 0, ""),
    ],
)
def test_the_other_variant_is_chosen_elsewhere(
    workshop: Workshop, programs: Path, text: str, code: int, measured: str
) -> None:
    let_it_print(programs, text, code)
    assert chosen(workshop) == ("cpu_0", measured)


def test_a_driver_that_hangs_is_not_waited_for(
    workshop: Workshop, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda, "ANSWER_SECONDS", 0.5)
    let_it_print(programs, "")
    (programs / "nvidia-smi").write_text("#!/bin/sh\nexec sleep 60\n")
    assert workshop.place.platform().cuda == ""


def platform_of_target(tmp_path: Path, **variables: str) -> Platform:
    settings = TargetSettings(name="here", kind="local", work_folder=str(tmp_path / "work"), environment=variables)
    data = place_to_json("folder", settings, INSTALLATION)
    return place_from_json(json.loads(json.dumps(data))).platform()


def test_a_variable_of_the_target_is_taken_instead_of_what_the_driver_says(tmp_path: Path, programs: Path) -> None:
    let_it_print(programs, HEADER.format("12.4"))
    assert platform_of_target(tmp_path).cuda == "12.4"
    assert platform_of_target(tmp_path, CONDA_OVERRIDE_CUDA="11.8").cuda == "11.8"
    assert platform_of_target(tmp_path, CONDA_OVERRIDE_CUDA="").cuda == ""
    with pytest.raises(PreparationFailed, match="'newest' on the target, which is no version"):
        platform_of_target(tmp_path, CONDA_OVERRIDE_CUDA="newest")


def test_containers_have_the_cuda_of_their_machine_where_they_get_gpus(tmp_path: Path, programs: Path) -> None:
    let_it_print(programs, HEADER.format("12.4"))
    without = TargetSettings(name="here", kind="docker", work_folder="/w", container=ContainerSettings("image"))
    given = replace(without, container=ContainerSettings("image", gpus="all"))
    assert (cuda_of_containers(given), cuda_of_containers(without)) == ("12.4", "")
    assert cuda_of_containers(replace(without, environment={"CONDA_OVERRIDE_CUDA": "12.1"})) == "12.1"


def test_the_kernel_is_the_targets_own(tmp_path: Path) -> None:
    assert os.uname().release.startswith(platform_of_target(tmp_path).linux)


def test_a_known_lock_is_taken_for_the_same_gpus_and_any_kernel(workshop: Workshop) -> None:
    plain = Platform("linux-64", "2.36", "x86_64", "5.10")
    with_gpus = replace(plain, cuda="12.4", linux="6.1.0")
    locks = [lock_of(platform, [], []) for platform in (plain, with_gpus)]

    def taken(platform: Platform) -> Lock | None:
        return known_lock(locks, platform, workshop.sources, workshop.cache, never)

    assert taken(plain) == locks[0]
    assert taken(replace(plain, linux="6.8.0")) == locks[0]
    assert taken(replace(with_gpus, linux="6.8.0")) == locks[1]
    assert taken(replace(with_gpus, cuda="12.6")) is None


def test_a_lock_without_gpus_is_written_as_ever() -> None:
    plain = lock_of(Platform("linux-64", "2.36", "x86_64", "5.10"), ["conda"], [])
    kept = {"subdir": "linux-64", "glibc": "2.36", "archspec": "x86_64", "linux": "5.10"}
    assert json.loads(lock_to_json(plain))["platform"] == kept
    with_gpus = replace(plain, platform=replace(plain.platform, cuda="12.4"))
    assert lock_from_json(lock_to_json(with_gpus)) == with_gpus
    assert with_gpus.hash == plain.hash
