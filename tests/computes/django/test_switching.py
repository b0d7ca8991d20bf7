"""Turning targets on and off, and draining them."""

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from computes.models import ComputeTarget, TargetCheck
from computes.refusals import TargetRefused
from computes.switching import disable_target, drain_target, enable_target, resume_target
from computes.target_history import changes_of
from computes.target_state import state_of


def test_in_team_mode_a_local_target_is_turned_on_only_by_somebody_who_says_so(
    shed: ComputeTarget, ada: User, settings: Settings
) -> None:
    settings.MODE = "team"
    with pytest.raises(TargetRefused) as refused:
        enable_target(shed, ada)
    assert refused.value.field == "understood"
    assert state_of(shed, None).key == "off"
    enable_target(shed, ada, understood=True)
    shed.refresh_from_db()
    assert shed.is_on
    assert shed.trusted_by == ada


def test_turning_a_target_off_takes_the_trust_back(shed: ComputeTarget, ada: User, settings: Settings) -> None:
    settings.MODE = "team"
    enable_target(shed, ada, understood=True)
    disable_target(shed, ada)
    assert not shed.is_on
    with pytest.raises(TargetRefused):
        enable_target(shed, ada)


def test_a_target_that_was_on_for_one_person_is_off_when_a_team_comes(shed: ComputeTarget, settings: Settings) -> None:
    assert shed.is_on
    settings.MODE = "team"
    assert not shed.is_on
    assert state_of(shed, None).word == "Off"


def test_draining_states_its_reason_and_can_be_undone(shed: ComputeTarget, ada: User) -> None:
    drain_target(shed, ada, "new disk")
    drain_target(shed, ada, "new disk")
    shed.refresh_from_db()
    state = state_of(shed, None)
    assert (state.word, state.text) == ("Draining", "new disk. What runs goes on; nothing new starts.")
    shed.drain_reason = "New disk."
    assert state_of(shed, None).text == "New disk. What runs goes on; nothing new starts."
    resume_target(shed, ada)
    resume_target(shed, ada)
    shed.refresh_from_db()
    assert (shed.is_draining, shed.drain_reason) == (False, "")
    assert [change.change_message for change in changes_of(shed)] == [
        "Ended the draining.",
        "Drained the target: new disk",
    ]


def test_the_first_state_that_applies_is_shown(shed: ComputeTarget, ada: User) -> None:
    wrong = TargetCheck(target=shed, finished_at=shed.created_at, items=[{"ok": False}])
    assert state_of(shed, None).key == "ready"
    assert state_of(shed, wrong).key == "attention"
    shed.contact_problem = "The machine does not answer."
    assert state_of(shed, wrong).key == "unreachable"
    drain_target(shed, ada, "moving")
    assert state_of(shed, wrong).key == "draining"
    disable_target(shed, ada)
    assert state_of(shed, wrong).key == "off"
