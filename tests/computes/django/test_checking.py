"""Checks of a target: asked for once, carried out once, written down item by item."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.signing import SignedPackage
from pytest_django import DjangoCaptureOnCommitCallbacks

from computes.checking import KEPT_CHECKS, request_check
from computes.models import ComputeTarget, TargetCheck
from computes.tasks import check_target
from runs.waking_broker import WakingOrmBroker
from tests.computes.django.cluster_parts import let_kind_wait


def test_a_request_nudges_a_worker_with_the_id_after_the_commit(
    shed: ComputeTarget, ada: User, data_dir: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    queue = get_broker()
    queue.purge_queue()
    with django_capture_on_commit_callbacks(execute=True):
        check = request_check(shed, ada)
        assert queue.queue_size() == 0
    assert queue.queue_size() == 1
    task = SignedPackage.loads(queue.dequeue()[0][1])
    if isinstance(queue, WakingOrmBroker):
        queue.receiver.close()
    assert (task["func"], task["args"]) == ("computes.tasks.check_target", (check.pk,))


def test_a_real_check_finds_a_working_target_right(local_target: ComputeTarget, ada: User, data_dir: Path) -> None:
    check = request_check(local_target, ada)
    check_target(check.pk)
    check.refresh_from_db()
    assert check.is_good, check.items
    assert {"Work folder", "Free disk", "File locks", "Interpreter"} <= {item["name"] for item in check.items}
    assert all(item["milliseconds"] >= 0 for item in check.items)
    local_target.refresh_from_db()
    assert local_target.last_contact_at is not None


def test_a_missing_interpreter_is_one_wrong_item_with_its_remedy(local_target: ComputeTarget, ada: User) -> None:
    local_target.python_location = "/nowhere/python"
    local_target.save()
    check = request_check(local_target, ada)
    check_target(check.pk)
    check.refresh_from_db()
    wrong = [item for item in check.items if not item["ok"]]
    assert [item["name"] for item in wrong] == ["Interpreter"]
    assert "pythonLocation" in wrong[0]["remedy"]
    assert not check.is_good
    assert not check.problem


def test_a_nudge_that_comes_twice_checks_once(local_target: ComputeTarget, ada: User) -> None:
    check = request_check(local_target, ada)
    check_target(check.pk)
    check.refresh_from_db()
    found = check.items
    check_target(check.pk)
    check.refresh_from_db()
    assert check.items == found


def test_a_check_that_goes_on_is_not_asked_for_again(shed: ComputeTarget, ada: User, bob: User) -> None:
    assert request_check(shed, ada).pk == request_check(shed, bob).pk


@pytest.mark.parametrize("moment", ["requested_at", "started_at"])
def test_a_check_whose_worker_died_is_shown_as_such_and_can_be_repeated(
    moment: str, shed: ComputeTarget, ada: User
) -> None:
    check = request_check(shed, ada)
    TargetCheck.objects.update(**{moment: timezone.now() - timedelta(seconds=61)})
    check.refresh_from_db()
    assert check.is_stalled
    assert not check.is_going_on
    assert request_check(shed, ada).pk != check.pk


def test_a_check_of_a_kind_without_executor_says_why(
    shed: ComputeTarget, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_kind_wait(monkeypatch, "cluster")
    ComputeTarget.objects.update(kind="cluster")
    check = request_check(shed, ada)
    check_target(check.pk)
    check.refresh_from_db()
    assert "not supported yet" in check.problem
    assert not check.is_good


def test_a_check_of_a_detached_target_does_nothing(shed: ComputeTarget, ada: User) -> None:
    check = request_check(shed, ada)
    shed.delete()
    check_target(check.pk)
    assert not TargetCheck.objects.exists()


def test_only_the_last_checks_are_kept(shed: ComputeTarget, ada: User) -> None:
    for _ in range(KEPT_CHECKS + 3):
        check = request_check(shed, ada)
        TargetCheck.objects.filter(pk=check.pk).update(finished_at=timezone.now())
    assert shed.checks.count() == KEPT_CHECKS
    assert shed.checks.filter(pk=check.pk).exists()


def test_the_interpreter_of_the_tests_is_the_one_that_is_checked(local_target: ComputeTarget, ada: User) -> None:
    check = request_check(local_target, ada)
    check_target(check.pk)
    check.refresh_from_db()
    detail = next(item["detail"] for item in check.items if item["name"] == "Interpreter")
    assert sys.executable in detail
