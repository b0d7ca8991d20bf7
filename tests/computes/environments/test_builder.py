"""The builder as a program: its files, a cancel, and a death in the middle, after which the work is begun again."""

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from computes.build_folder import Attempt
from computes.builder_process import start_process
from computes.contract import SshAccess, TargetSettings
from computes.environments.builder_request import BuilderFiles, BuilderRequest, write_request
from computes.environments.contract import LockedPackage
from computes.environments.linking import linked_prefix
from computes.environments.lock_json import lock_from_json, lock_of
from computes.environments.place_factory import place_from_json, place_to_json
from computes.environments.stopping import never
from computes.errors import PreparationFailed, StartFailed, TargetUnreachable
from computes.work_folder import MARKER
from tests.computes.environments.conftest import INSTALLATION, PASSWORD, QUOTED_PASSWORD, Built
from tests.computes.environments.trees import files_with
from tests.stack.left_out import leave_out
from tests.stack.processes import free_port, marked_processes, wait_until


class Builder:
    """A builder's folder, and what is in it."""

    def __init__(self, folder: Path, built: Built) -> None:
        self.folder = folder / "builder"
        self.folder.mkdir()
        self.files = BuilderFiles.in_folder(self.folder)
        self.attempt = Attempt(self.folder)
        self.path = self.attempt.request
        here = TargetSettings(name="here", kind="local", work_folder=str(folder / "work"))
        self.request = BuilderRequest(
            files=self.files,
            place=place_to_json("folder", here, INSTALLATION),
            sources=built.workshop.sources,
            cache_folder=built.workshop.cache,
            spec=built.read.spec,
        )
        self.place = place_from_json(self.request.place)

    def start(self, **changes: Any) -> None:
        """Write the request and launch a builder."""
        write_request(self.path, replace(self.request, **changes))
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o600
        start_process(self.attempt, settings.ENVIRONMENT_BUILDER)

    def pids(self) -> list[int]:
        """Return the builders of this folder that live."""
        return marked_processes(str(self.path))

    def has_said(self, words: str) -> bool:
        """Return whether the log has some words."""
        return self.files.log.exists() and words in self.files.log.read_text()

    def result(self) -> dict[str, Any]:
        """Wait for the result and for the end of the program."""
        wait_until(self.files.result.exists, "a result", 120)
        wait_until(lambda: not self.pids(), "the end of the builder")
        assert self.attempt.complaints.read_text() == ""
        answer: dict[str, Any] = json.loads(self.files.result.read_text())
        return answer


@pytest.fixture
def builder(tmp_path: Path, built: Built) -> Iterator[Builder]:
    """A builder of this test's own, ended at the end."""
    made = Builder(tmp_path, built)
    yield made
    for pid in made.pids():
        os.kill(pid, signal.SIGKILL)


def test_a_builder_that_died_is_begun_again_and_gives_the_same_environment(builder: Builder, built: Built) -> None:
    builder.start()
    wait_until(lambda: builder.has_said("Processing"), "pip at work", 120)
    assert not builder.path.exists()
    first = builder.pids()
    os.kill(first[-1], signal.SIGKILL)
    wait_until(lambda: not builder.pids(), "the end of the builder")
    assert not builder.files.result.exists()
    builder.start()
    answer = builder.result()
    assert (answer["state"], answer["error"]) == ("ready", "")
    lock = lock_from_json(answer["lock"])
    assert lock.hash == built.lock.hash
    assert builder.place.is_complete(lock.hash)
    assert set(answer["report"]) == {"solve", "fetch", "link", "upload", "pip", "compile", "deliver"}
    assert list(builder.place.sizes()) == [lock.hash]
    assert time.time() - builder.files.heartbeat.stat().st_mtime < 60
    assert files_with(builder.folder.parent, PASSWORD, QUOTED_PASSWORD) == []


def test_a_cancel_ends_the_builder_and_leaves_nothing(builder: Builder, built: Built) -> None:
    builder.start(lock=built.lock, wheels=dict(built.read.spec.wheels))
    wait_until(lambda: builder.has_said("Fetched in"), "the upload", 120)
    builder.files.cancel.touch()
    answer = builder.result()
    assert answer["state"] == "canceled"
    assert lock_from_json(answer["lock"]) == built.lock
    assert builder.place.sizes() == {}


def test_a_failure_has_words_and_a_remedy(builder: Builder) -> None:
    assert builder.request.spec is not None
    builder.start(spec=replace(builder.request.spec, conda=("towel =9",), pip=()))
    answer = builder.result()
    assert answer["state"] == "failed"
    assert "towel =9" in answer["error"]
    assert answer["remedy"]
    assert answer["failure"] == ""
    assert answer["lock"] is None
    assert builder.has_said("towel")


def test_a_host_that_does_not_answer_is_no_failure(builder: Builder) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    access = SshAccess("127.0.0.1", "somebody", port=free_port(), host_keys=(key,), password=PASSWORD)
    settings = TargetSettings(name="there", kind="remote", work_folder="/nowhere", ssh=access)
    builder.start(place=place_to_json("folder", settings, INSTALLATION))
    answer = builder.result()
    assert answer["state"] == "unreachable"
    assert "127.0.0.1" in answer["error"]
    assert answer["remedy"]
    assert answer["lock"] is None


def test_what_was_built_is_ready_also_where_its_size_cannot_be_measured(builder: Builder, built: Built) -> None:
    builder.place.begin(built.lock.hash)
    builder.place.complete(built.lock.hash)
    (builder.folder.parent / "work" / MARKER).unlink()
    with pytest.raises(TargetUnreachable):
        builder.place.sizes()
    builder.start(lock=built.lock, wheels=dict(built.read.spec.wheels))
    answer = builder.result()
    assert (answer["state"], answer["error"], answer["size_bytes"]) == ("ready", "", None)
    assert lock_from_json(answer["lock"]) == built.lock


@pytest.fixture
def small_disk(builder: Builder) -> Iterator[Path]:
    """Mount a disk of 8 MB as the work folder."""
    if os.geteuid() != 0:
        leave_out("only root may mount a small disk")
    work = builder.folder.parent / "work"
    work.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "amlweb-test", work], check=False).returncode:
        leave_out("this machine does not let root mount a tmpfs")
    yield work
    subprocess.run(["umount", "--lazy", work], check=True)


def test_a_disk_that_is_too_small_is_told_by_its_own_name(builder: Builder, built: Built, small_disk: Path) -> None:
    builder.start(lock=built.lock, wheels=dict(built.read.spec.wheels))
    answer = builder.result()
    assert (answer["state"], answer["failure"]) == ("failed", "disk_full")
    assert "No space was left" in answer["error"]
    assert not builder.place.is_complete(built.lock.hash)


def test_a_full_disk_of_the_server_is_told_too(built: Built, small_disk: Path) -> None:
    prefix, workshop = "/opt/env/ab", built.workshop
    packages, subdir = built.lock.packages, built.lock.platform.subdir
    with (
        pytest.raises(PreparationFailed, match=r"No space was left on the server: .* No space left on device") as found,
        linked_prefix(packages, subdir, prefix, workshop.sources, small_disk / "cache", never),
    ):
        pass
    assert "free disk space" in found.value.remedy


def test_a_kind_of_place_that_is_not_there_is_told() -> None:
    settings = TargetSettings(name="x", kind="remote", work_folder="/x", ssh=SshAccess("host", "user", jumps=()))
    data = json.loads(json.dumps(place_to_json("cloud", settings, INSTALLATION)))
    with pytest.raises(PreparationFailed, match="not a kind of place"):
        place_from_json(data)


def test_a_volume_of_a_target_without_containers_is_told() -> None:
    settings = TargetSettings(name="x", kind="local", work_folder="/x")
    with pytest.raises(StartFailed, match="no base Docker image"):
        place_from_json(json.loads(json.dumps(place_to_json("volume", settings, INSTALLATION))))


def test_a_lock_that_is_known_for_the_platform_is_taken_instead_of_solving(tmp_path: Path, built: Built) -> None:
    builder = Builder(tmp_path, built)
    other = replace(built.lock, platform=replace(built.lock.platform, glibc="2.1"))
    builder.start(known_locks=(other, built.lock))
    result = builder.result()
    assert result["state"] == "ready", result["error"]
    assert lock_from_json(result["lock"]) == built.lock
    log = builder.files.log.read_text()
    assert "solved for another target" in log
    assert "Solving" not in log
    used = [path for path in (built.workshop.cache / "packages").iterdir() if path.name.startswith("towel-1.0-")]
    assert used, "the cache notes what was used"
    assert max(path.stat().st_mtime for path in used) >= builder.files.log.stat().st_ctime - 120


def test_a_lock_for_another_processor_is_refused_before_anything_is_fetched(tmp_path: Path, built: Built) -> None:
    builder = Builder(tmp_path, built)
    other = lock_of(replace(built.lock.platform, subdir="linux-ppc64le"), built.lock.channels, built.lock.packages)
    cache = tmp_path / "cache"
    builder.start(spec=None, lock=other, wheels=dict(built.read.spec.wheels), cache_folder=cache)
    answer = builder.result()
    assert answer["state"] == "failed"
    assert f"The lock {other.hash} is for linux-ppc64le" in answer["error"]
    assert f"the target is {built.lock.platform.subdir}" in answer["error"]
    assert "Submit the script anew on this target" in answer["remedy"]
    assert not (cache / "packages").exists()
    assert not (tmp_path / "work").exists()


def test_a_lock_whose_packages_need_a_newer_machine_is_refused_with_their_names(tmp_path: Path, built: Built) -> None:
    builder = Builder(tmp_path, built)
    needing = [with_needs(package, "__glibc >=99") for package in built.lock.packages]
    other = lock_of(replace(built.lock.platform, glibc="99.1"), built.lock.channels, needing)
    assert other.hash == built.lock.hash
    cache = tmp_path / "cache"
    builder.start(spec=None, lock=other, wheels=dict(built.read.spec.wheels), cache_folder=cache)
    answer = builder.result()
    assert answer["state"] == "failed"
    assert "towel 1.0 needs __glibc >=99" in answer["error"]
    assert "glibc 99.1" in answer["error"]
    assert f"glibc {built.lock.platform.glibc}" in answer["error"]
    assert "Submit the script anew on this target" in answer["remedy"]
    assert not (cache / "packages").exists()


def with_needs(package: LockedPackage, *needs: str) -> LockedPackage:
    """Return a package as it is, but `towel` with more needs."""
    if package.name != "towel":
        return package
    return replace(package, record={**package.record, "depends": [*package.record["depends"], *needs]})
