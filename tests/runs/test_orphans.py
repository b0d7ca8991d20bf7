"""What counts as an orphan, judged at the moment of the look and once more at that of the removal."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from computes.build_outcomes import record_outcome
from computes.errands import latest_errand
from computes.models import ComputeTarget, EnvironmentLock, TargetEnvironment, TargetErrand, TargetSurvey
from computes.survey import FoundEnvironment, RunRemains, StrayContainer, Survey
from computes.survey_requests import request_survey
from computes.survey_work import carry_out_survey
from computes.target_history import changes_of
from projects.models import Project
from runs import target_space
from runs.lifecycle.cleaning import carry_out_cleaning
from runs.lifecycle.ending import clean_up
from runs.models import Run
from runs.orphans import orphans_on
from runs.run_configuration import RunConfiguration
from runs.status import TERMINAL, State
from runs.target_cleaning import CleaningWishes, queue_cleaning, request_cleaning
from runs.target_space import space_on
from tests.computes.django.run_rows import add_run

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(days=2)
HASH = "ab" * 16


def keys(target: ComputeTarget, *runs: Run) -> list[str]:
    """Return the keys of the orphans where each of some runs has a folder."""
    survey = Survey(runs=tuple(RunRemains(run.pk.hex, 1.0, has_folder=True) for run in runs))
    return [orphan.key for orphan in orphans_on(target, survey)]


def placed(target: ComputeTarget, run_id: str, settings: Settings) -> Path:
    """Place a run folder as a launch does, with the mark of the installation beside it."""
    work = Path(target.work_folder)
    folder = work / "runs" / f"{settings.INSTALLATION_ID}-{run_id}"
    folder.mkdir(parents=True)
    (work / ".amlweb").write_text(f"{settings.INSTALLATION_ID}\n")
    (folder / "log").write_text("hello\n")
    return folder


def looked_at(target: ComputeTarget) -> Survey:
    """Have a target looked at."""
    survey = request_survey(target, None)
    carry_out_survey(survey.pk)
    survey.refresh_from_db()
    assert survey.problem == ""
    assert survey.survey is not None
    return survey.survey


@pytest.mark.parametrize("state", [state for state in State if state not in TERMINAL])
def test_a_live_run_is_none(project: Project, local_target: ComputeTarget, state: State) -> None:
    assert keys(local_target, add_run(project, local_target, 1, state=state)) == []


def test_an_ended_run_is_one_when_all_of_it_is_here_and_it_should_have_gone(
    project: Project, local_target: ComputeTarget
) -> None:
    ended = {"state": State.COMPLETED, "finished_at": timezone.now() - LONG_AGO}
    whole = add_run(project, local_target, 1, log_is_complete=True, **ended)
    assert keys(local_target, whole) == [f"run:{whole.pk.hex}"]
    unfetched = add_run(project, local_target, 2, log_is_complete=False, **ended)
    without_outputs = add_run(project, local_target, 3, log_is_complete=True, outputs_note="no contact", **ended)
    just_now = add_run(project, local_target, 4, log_is_complete=True, state=State.FAILED, finished_at=timezone.now())
    assert keys(local_target, unfetched, without_outputs, just_now) == []
    cleaned = add_run(project, local_target, 5, is_cleaned_up=True, **ended)
    assert keys(local_target, cleaned) == [f"run:{cleaned.pk.hex}"]


def test_what_was_seen_before_its_run_was_cleaned_up_is_none(
    project: Project, local_target: ComputeTarget, settings: Settings
) -> None:
    asked = RunConfiguration(script="hello.py", target="local").to_json()
    run = add_run(project, local_target, 1, state=State.RUNNING, configuration=asked)
    folder = placed(local_target, run.pk.hex, settings)
    looked_at(local_target)
    assert space_on(local_target).orphans == [], "it is live"
    Run.objects.update(state=State.COMPLETED, log_is_complete=True, finished_at=timezone.now())
    clean_up(run.pk)
    assert not folder.exists()
    assert space_on(local_target).orphans == [], "it went after the look"
    placed(local_target, run.pk.hex, settings)
    looked_at(local_target)
    assert [orphan.key for orphan in space_on(local_target).orphans] == [f"run:{run.pk.hex}"]


def test_what_another_target_has_not_cleaned_up_is_left_to_that(project: Project, local_target: ComputeTarget) -> None:
    other = ComputeTarget.objects.create(name="other", kind="local")
    run = add_run(project, other, 1, state=State.COMPLETED, log_is_complete=True, finished_at=timezone.now() - LONG_AGO)
    assert keys(local_target, run) == []
    assert keys(other, run) == [f"run:{run.pk.hex}"]


def test_things_of_builds_are_orphans_only_while_nothing_is_built(
    project: Project, local_target: ComputeTarget
) -> None:
    survey = Survey(
        containers=(StrayContainer("c1", "odd_name", "build", 1.0), StrayContainer("c2", "new", "build", 2**33)),
        environments=(FoundEnvironment(HASH, 1.0),),
    )
    found = [orphan.key for orphan in orphans_on(local_target, survey)]
    assert found == ["container:c1", f"environment:{HASH}"]
    row = TargetEnvironment.objects.create(target=local_target, digest="1" * 64, asked={}, state="building")
    assert orphans_on(local_target, survey) == []
    row.delete()
    add_run(project, local_target, 1, state=State.RUNNING, environment_hash=HASH)
    assert [orphan.key for orphan in orphans_on(local_target, survey)] == ["container:c1"]


def test_an_environment_that_was_removed_since_the_look_is_none(local_target: ComputeTarget) -> None:
    now, minute = timezone.now(), timedelta(minutes=1)
    lock = EnvironmentLock.objects.create(hash=HASH, text="{}")
    facts = {"digest": "1" * 64, "asked": {}, "lock": lock, "state": "missing", "finished_at": now}
    TargetEnvironment.objects.create(target=local_target, **facts)
    survey = Survey(environments=(FoundEnvironment(HASH, 1.0),))
    assert orphans_on(local_target, survey, now - minute) == []
    assert [orphan.key for orphan in orphans_on(local_target, survey, now + minute)] == [f"environment:{HASH}"]


def test_a_run_that_starts_between_the_look_and_the_click_is_left_alone(
    ada: User, project: Project, local_target: ComputeTarget, settings: Settings
) -> None:
    unknown, later = uuid4(), uuid4()
    gone, kept = (placed(local_target, run_id.hex, settings) for run_id in (unknown, later))
    found = looked_at(local_target)
    assert {orphan.key for orphan in orphans_on(local_target, found)} == {f"run:{unknown.hex}", f"run:{later.hex}"}
    assert all(run.bytes for run in found.runs)
    errand = queue_cleaning(local_target, ada, {"runs": [unknown.hex, later.hex], "containers": []})
    add_run(project, local_target, 1, pk=later, state=State.PREPARING)
    assert carry_out_cleaning(errand.pk) is None
    errand.refresh_from_db()
    assert errand.result == "Removed 1 orphan. 1 had gone meanwhile, or must not go any more."
    assert not gone.exists()
    assert (kept / "log").exists()
    assert carry_out_cleaning(errand.pk) is None, "a second delivery does nothing"
    assert "Removed 1 orphan." in [
        change.change_message.partition(". ")[0] + "." for change in changes_of(local_target)
    ]


def test_only_what_is_an_orphan_now_can_be_asked_for(
    ada: User, project: Project, local_target: ComputeTarget, settings: Settings
) -> None:
    run_id = uuid4()
    placed(local_target, run_id.hex, settings)
    looked_at(local_target)
    add_run(project, local_target, 1, pk=run_id, state=State.PREPARING)
    wishes = CleaningWishes(orphans=(f"run:{run_id.hex}", "run:../../etc", "environment:x"))
    receipt = request_cleaning(local_target, ada, wishes)
    assert (receipt.words, receipt.errand) == ("", None)
    assert not TargetErrand.objects.exists()


def test_nothing_is_said_of_a_work_folder_without_our_mark(local_target: ComputeTarget, settings: Settings) -> None:
    folder = placed(local_target, uuid4().hex, settings)
    (Path(local_target.work_folder) / ".amlweb").write_text("another\n")
    assert looked_at(local_target) == Survey()
    assert folder.exists()


def test_nothing_counts_as_removed_from_a_disk_that_is_not_there(
    ada: User, local_target: ComputeTarget, settings: Settings
) -> None:
    run_id = uuid4().hex
    folder = placed(local_target, run_id, settings)
    errand = queue_cleaning(local_target, ada, {"runs": [run_id], "containers": []})
    work = Path(local_target.work_folder)
    away = work.rename(work.with_name("away"))
    carry_out_cleaning(errand.pk)
    errand.refresh_from_db()
    assert "is its disk mounted?" in errand.problem
    assert not work.exists(), "an empty place of a disk gets no mark of ours"
    away.rename(work)
    assert folder.exists()


def test_an_environment_that_nobody_knows_is_removed_in_its_turn(ada: User, local_target: ComputeTarget) -> None:
    survey = request_survey(local_target, ada)
    survey.found = Survey(environments=(FoundEnvironment(HASH, 1.0),)).to_json()
    survey.save()
    receipt = request_cleaning(local_target, ada, CleaningWishes(orphans=(f"environment:{HASH}",)))
    assert receipt.words == "1 orphan"
    row = TargetEnvironment.objects.get()
    assert (row.state, row.key, row.lock) == (TargetEnvironment.State.REMOVING, HASH, None)
    record_outcome(row, {"state": "removed"})
    assert not TargetEnvironment.objects.exists()
    assert space_on(local_target).orphans == [], "though nobody has looked since"


def test_whatever_a_script_leaves_beside_its_run_it_is_looked_at_and_cleaned(
    ada: User, local_target: ComputeTarget, settings: Settings
) -> None:
    deep, no_run = placed(local_target, uuid4().hex, settings), placed(local_target, "ab", settings)
    (deep / "state.json").write_text('{"a": ' + "[" * 99_999 + "]" * 99_999 + "}")
    states = Path(local_target.work_folder) / "env" / ".states"
    states.mkdir(parents=True)
    for name in (HASH, ".states", "é" * 100):
        (states / name).write_text(f"complete {settings.INSTALLATION_ID} x\n")
    found = looked_at(local_target)
    assert [each.hash for each in found.environments] == [HASH]
    run_id = deep.name.rpartition("-")[2]
    assert [each.run_id for each in found.runs] == [run_id]
    receipt = request_cleaning(local_target, ada, CleaningWishes(orphans=(f"run:{run_id}",)))
    assert receipt.errand is not None
    carry_out_cleaning(receipt.errand.pk)
    receipt.errand.refresh_from_db()
    assert (receipt.errand.result, receipt.errand.problem) == ("Removed 1 orphan.", "")
    assert not deep.exists()
    assert no_run.exists()


@pytest.mark.parametrize("since", [1e15, -1e15, 1e300])
def test_a_time_that_is_none_does_not_take_the_page_away(local_target: ComputeTarget, since: float) -> None:
    survey = Survey(runs=(RunRemains(uuid4().hex, since, has_folder=True),))
    (orphan,) = orphans_on(local_target, survey)
    assert orphan.since is None


def test_who_asks_just_when_a_clean_up_ends_is_told_that_a_look_follows(
    local_target: ComputeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = TargetErrand.Kind.CLEAN
    errand = TargetErrand.objects.create(target=local_target, kind=kind, started_at=timezone.now())

    def end_and_tell(target: ComputeTarget, kind: str) -> TargetErrand | None:
        TargetErrand.objects.filter(pk=errand.pk).update(finished_at=timezone.now())
        TargetSurvey.objects.create(target=target)
        return latest_errand(target, kind)

    monkeypatch.setattr(target_space, "latest_errand", end_and_tell)
    assert space_on(local_target).is_going_on
