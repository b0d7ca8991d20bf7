"""A run that may prepare nothing says which button to press, and that button prepares what this very run needs."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes.models import ComputeTarget, TargetEnvironment
from computes.preparing_environments import forget_environment
from runs.controller.admission import admit_waiting
from runs.models import Run
from runs.status import State
from runs.submission import rerun
from tests.computes.django.environment_parts import Workshop, is_over
from tests.computes.django.environment_parts import work_until as build_until
from tests.runs.pages.conftest import SeenBy
from tests.runs.test_runs_with_environments import UNPREPARED, runs_or_ended, submit, work_off_tasks, work_until

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGES = "name: own\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip:\n    - pandas\n"


def failed_unprepared(run: Run) -> Run:
    """Return a run that ended at once because nothing was prepared."""
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert "Press Prepare on this run's Environment page" in run.reason_detail
    return run


def press_prepare(seen_by: SeenBy, user: User, run: Run) -> TargetEnvironment:
    """Press the button of the run's page, and wait for the build that it leads to."""
    page = seen_by(user).get(f"{run.get_absolute_url()}environment/").content.decode()
    address = f"{run.get_absolute_url()}prepare/"
    assert f'action="{address}"' in page
    answer = seen_by(user).post(address)
    row = TargetEnvironment.objects.going_on().get()
    assert answer["Location"] == row.get_absolute_url()
    return build_until(is_over, row)


def test_what_is_prepared_is_what_the_run_configuration_names(
    seen_by: SeenBy, vera: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    (project_folder / "aml_config" / "own.yml").write_text(PACKAGES)
    own = f"{UNPREPARED}CondaDependenciesFile: aml_config/own.yml\n"
    (project_folder / "aml_config" / "own.runconfig").write_text(own)
    run = failed_unprepared(submit(bob, workshop, project_folder, "numpy", run_configuration="own"))
    assert "/prepare/" not in seen_by(vera).get(f"{run.get_absolute_url()}environment/").content.decode()
    assert seen_by(vera).post(f"{run.get_absolute_url()}prepare/").status_code == 404
    row = press_prepare(seen_by, bob, run)
    assert (row.state, row.asked["source"], row.asked["pip"]) == ("ready", "aml_config/own.yml", ["pandas"])
    again = rerun(bob, run)
    admit_waiting()
    again = work_until(runs_or_ended, again)
    assert (again.state, again.environment) == (State.RUNNING, row)
    assert "/prepare/" not in seen_by(bob).get(f"{again.get_absolute_url()}environment/").content.decode()


def test_a_repeated_run_is_prepared_for_by_its_lock_and_keeps_it(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    ComputeTarget.objects.filter(pk=workshop.target.pk).update(slots=4)
    (project_folder / "aml_config" / "quick.runconfig").write_text(UNPREPARED)
    work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    first = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy", run_configuration="quick"))
    assert first.environment is not None
    assert forget_environment(first.environment.pk, first.environment_hash)
    second = rerun(bob, first)
    admit_waiting()
    row = press_prepare(seen_by, bob, failed_unprepared(second))
    assert (row.from_lock_id, row.lock_id) == (first.environment_hash, first.environment_hash)
    third = rerun(bob, second)
    admit_waiting()
    third = work_until(runs_or_ended, third)
    assert (third.state, third.environment_hash) == (State.RUNNING, first.environment_hash)
