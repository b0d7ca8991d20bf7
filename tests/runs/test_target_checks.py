"""Every other machine is looked at now and then, each at its own moment."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes.attaching import TargetWishes, attach_target
from computes.credentials import NewCredential
from computes.host_access import new_key_pair
from computes.models import ComputeTarget
from runs.controller import target_checks
from runs.controller.chores import Chores
from runs.controller.target_checks import CHECK_SECONDS, TargetChecks


def attach(ada: User, name: str, **facts: object) -> ComputeTarget:
    said = {"address": "gpu.example", "username": "me"}
    target = attach_target(ada, name, "remote", TargetWishes(said, NewCredential("key_pair")))
    target.errands.all().delete()
    ComputeTarget.objects.filter(pk=target.pk).update(**facts)
    return target


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(target_checks, "time", clock)
    return clock


def test_approved_machines_that_are_on_are_checked_once_in_ten_minutes(
    ada: User, data_dir: Path, local_target: ComputeTarget, clock: Clock
) -> None:
    line = " ".join(new_key_pair("")[1].split()[:2])
    on = attach(ada, "on", host_keys=[line])
    off = attach(ada, "off", host_keys=[line], is_enabled=False)
    unknown = attach(ada, "unknown")
    changed = attach(ada, "changed", host_keys=[line], seen_host_keys=["ssh-ed25519 AAAA"])
    checks = TargetChecks()
    checks()
    clock.now += CHECK_SECONDS
    checks()
    checks()
    assert on.checks.count() == 1
    assert changed.errands.count() == 1, "it is looked whether the old key is back"
    for untouched in (off, unknown, local_target):
        assert (untouched.checks.count(), untouched.errands.count()) == (0, 0)
    on.checks.update(finished_at=on.created_at)
    clock.now += CHECK_SECONDS * 0.85
    checks()
    assert on.checks.count() == 1
    clock.now += CHECK_SECONDS * 0.3
    checks()
    assert on.checks.count() == 2


def test_they_are_spread_over_the_ten_minutes(ada: User, data_dir: Path, clock: Clock) -> None:
    line = " ".join(new_key_pair("")[1].split()[:2])
    for number in range(8):
        attach(ada, f"gpu{number}", host_keys=[line])
    checks = TargetChecks()
    checks()
    moments = sorted(checks.due.values())
    assert len(set(moments)) == 8
    assert clock.now <= moments[0]
    assert moments[-1] <= clock.now + CHECK_SECONDS


def test_the_controller_looks_after_it(data_dir: Path) -> None:
    assert any(isinstance(chore, TargetChecks) for chore in Chores().due)
