"""What is left in the storage of a target behind Livy is found and removed as on every target, and nothing else is (a
played Livy, a real driver, a folder that both sides have)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from computes import registry
from computes.contract import RunAddress
from computes.executors.livy.executor import LivyExecutor
from computes.models import ComputeTarget, TargetEnvironment
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.packed_environments import PackedEnvironments
from computes.survey import Survey
from computes.target_settings import settings_of
from runs.lifecycle.cleaning import carry_out_cleaning
from runs.target_cleaning import CleaningWishes, request_cleaning
from runs.target_space import space_on
from tests.computes.django.environment_parts import is_over, work_until
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.computes.on_targets import wait_for, wait_for_line
from tests.computes.python_scripts import WAIT
from tests.runs.test_orphans import looked_at
from tests.stack.livy_contract import LivyContract, livy_contract

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = "ffffffffffff"
HASH = "ab" * 16


@pytest.fixture
def livy(tmp_path: Path) -> Iterator[LivyContract]:
    scratch = tmp_path / "cluster"
    scratch.mkdir()
    with livy_contract(scratch) as played:
        yield played


@pytest.fixture
def far(
    livy: LivyContract, tmp_path: Path, ada: User, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> ComputeTarget:
    """A target behind it whose storage is a folder, and an executor that waits no longer than tests need."""
    monkeypatch.setattr(registry, "EXECUTORS", {})
    monkeypatch.setattr(registry, "through_livy", lambda: LivyExecutor(patience=HASTY))
    folder = tmp_path / "work"
    facts = {"livy_url": livy.url, "work_folder": str(folder), "storage_uri": f"file://{folder}"}
    target: ComputeTarget = ComputeTarget.objects.create(
        name="far", kind="livy", python_location=sys.executable, created_by=ada, **facts
    )
    return target


def test_a_forgotten_run_is_stopped_and_removed_and_that_of_others_is_not(
    far: ComputeTarget, livy: LivyContract, ada: User, tmp_path: Path, settings: Settings
) -> None:
    executor = LivyExecutor(patience=HASTY)
    bench = LivyBench(tmp_path, kind="livy")
    ours, theirs = (
        RunAddress(installation, uuid4().hex, settings_of(far)) for installation in (settings.INSTALLATION_ID, OTHERS)
    )
    for address in (ours, theirs):
        executor.start(bench.request(WAIT, address=address))
        wait_for_line(executor, address, b"ready")
    (bench.work / "runs" / f"{settings.INSTALLATION_ID}-x").mkdir()
    looked_at(far)
    (orphan,) = space_on(far).orphans
    assert (orphan.key, orphan.what, orphan.is_alive) == (f"run:{ours.run_id}", "run folder", True)
    errand = request_cleaning(far, ada, CleaningWishes(orphans=(orphan.key,), contents_days=1)).errand
    while errand is not None:
        last, errand = errand, carry_out_cleaning(errand.pk)
    last.refresh_from_db()
    assert (last.result, last.problem) == ("Removed 1 orphan. Nothing in the caches was old enough.", "")
    assert not bench.run_folder(ours).exists()
    assert (bench.work / "ended" / bench.run_folder(ours).name).exists()
    stopped, untouched = (batch.process for batch in livy.ever)
    assert stopped is not None
    assert untouched is not None
    wait_for(lambda: stopped.poll() is not None, "end of the driver")  # it records the end before it ends itself
    assert untouched.poll() is None
    assert bench.run_folder(theirs).is_dir()
    assert space_on(far).orphans == []


def test_a_packed_environment_that_nobody_knows_is_removed_in_its_turn(
    far: ComputeTarget, ada: User, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "pack").write_bytes(b"packed")
    storage = FolderStorage(far.work_folder)
    for installation, hash in ((settings.INSTALLATION_ID, HASH), (OTHERS, "cd" * 16)):
        PackedEnvironments(storage, installation).keep(hash, tmp_path / "pack")
    looked_at(far)
    assert [orphan.key for orphan in space_on(far).orphans] == [f"environment:{HASH}"]
    receipt = request_cleaning(far, ada, CleaningWishes(orphans=(f"environment:{HASH}",)))
    assert receipt.words == "1 orphan"
    row = TargetEnvironment.objects.get()
    with pytest.raises(TargetEnvironment.DoesNotExist):
        work_until(is_over, row)
    assert storage.names("environments") == {f"{'cd' * 16}.json", f"{'cd' * 16}.tar.gz"}


def test_nothing_is_said_of_a_storage_without_our_mark(far: ComputeTarget, settings: Settings) -> None:
    folder = Path(far.work_folder, "runs", f"{settings.INSTALLATION_ID}-{uuid4().hex}")
    folder.mkdir(parents=True)
    assert looked_at(far) == Survey()
    assert folder.exists()
