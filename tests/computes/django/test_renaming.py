"""Another name for a target: what follows it, and when it is refused."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.renaming import rename_target
from computes.target_history import changes_of
from computes.target_settings import settings_of
from projects.models import Project
from runs.status import State
from runs.submission import Submission, rerun, submit_run
from tests.computes.django.run_rows import add_run


def test_a_renamed_target_keeps_its_folder_and_its_runs_can_be_repeated(
    local_target: ComputeTarget, project: Project, bob: User, ada: User
) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="local"))
    type(run).objects.update(state=State.COMPLETED)
    folder = settings_of(local_target).work_folder
    assert rename_target(local_target, ada, "attic")
    assert (local_target.name, settings_of(local_target).work_folder) == ("attic", folder)
    assert "from local to attic" in changes_of(local_target)[0].change_message
    again = rerun(bob, type(run).objects.get(pk=run.pk))
    assert (again.target, again.configuration["target"]) == (local_target, "attic")


def test_the_folder_named_after_a_target_stays_where_it_is(shed: ComputeTarget, ada: User) -> None:
    rename_target(shed, ada, "attic")
    assert settings_of(shed).work_folder == str(Path(settings.LOCAL_WORK_FOLDER) / "shed")


@pytest.mark.parametrize("state", [State.QUEUED, State.PREPARING, State.RUNNING, State.FINALIZING])
def test_a_target_is_not_renamed_while_runs_are_on_or_wait(
    state: State, shed: ComputeTarget, project: Project, ada: User
) -> None:
    add_run(project, shed, 1, state=state)
    with pytest.raises(TargetRefused, match="Drain the target") as refused:
        rename_target(shed, ada, "attic")
    assert refused.value.field == "name"
    assert ComputeTarget.objects.filter(name="shed").exists()


@pytest.mark.parametrize("name", ["LOCAL", "new", "a/b", "", "x" * 61])
def test_a_name_that_cannot_be_given_is_refused(
    name: str, shed: ComputeTarget, local_target: ComputeTarget, ada: User
) -> None:
    with pytest.raises(TargetRefused) as refused:
        rename_target(shed, ada, name)
    assert refused.value.field == "name"


def test_the_same_name_is_no_change_and_another_case_is_one(shed: ComputeTarget, ada: User) -> None:
    assert not rename_target(shed, ada, "shed")
    assert not changes_of(shed).exists()
    assert rename_target(shed, ada, "Shed")
