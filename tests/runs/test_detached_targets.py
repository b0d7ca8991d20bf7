"""Runs whose target was detached: they are shown as before, with a quiet mark, and nobody goes there for them."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from computes.attaching import attach_target
from computes.cache_cleaning import targets_with_caches
from computes.detaching import detach_target
from computes.models import ComputeTarget, TargetEnvironment
from computes.survey import RunRemains, Survey
from projects.models import Project
from runs.controller.admission import admit_on, explain_waiting, targets_with_waiting_runs
from runs.controller.chores import Chores
from runs.controller.target_checks import TargetChecks
from runs.environment_preparation import begin, can_be_prepared_for, prepare_for_run
from runs.lifecycle.ending import clean_up
from runs.models import Run
from runs.orphans import DETACHED, orphans_on
from runs.status import FailureReason, State
from runs.submission import Submission, SubmissionRefused, rerun, submit_run
from runs.target_cleaning import CleaningWishes, request_cleaning
from tests.computes.django.environment_parts import Workshop, asked, is_over, work_until
from tests.runs.pages.conftest import SeenBy, seen_by

__all__ = ["seen_by"]
pytestmark = pytest.mark.django_db(transaction=True)
RUN = "/projects/hello/runs/1/"
MARK = ">detached</span>"


@pytest.fixture
def run(project: Project, local_target: ComputeTarget, bob: User, ada: User) -> Run:
    """An ended run of Bob's on a target that was detached since."""
    submitted = submit_run(bob, project, Submission(script="hello.py", target="local"))
    long_ago = timezone.now() - timedelta(days=1)
    ended = {"state": State.COMPLETED, "log_is_complete": True, "preparing_at": long_ago, "finished_at": long_ago}
    Run.objects.filter(pk=submitted.pk).update(**ended)
    detach_target(local_target, ada)
    return Run.objects.select_related("target").get(pk=submitted.pk)


def call(person: User, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    client = Client()
    client.force_login(person)
    return client.generic(method, f"/api/v1{path}", json.dumps(body or {}), "application/json")


@pytest.mark.parametrize(
    "address", [RUN, f"{RUN}configuration/", "/projects/hello/runs/", "/runs/", "/runs/?target=local"]
)
def test_its_name_is_shown_with_a_quiet_mark(address: str, run: Run, seen_by: SeenBy, bob: User) -> None:
    page = seen_by(bob).get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert "local" in text
    assert MARK in text
    assert "/computes/local/" not in text


def test_every_tab_of_a_run_and_the_comparison_still_answer(run: Run, seen_by: SeenBy, bob: User) -> None:
    client = seen_by(bob)
    for tab in ("", "outputs/", "metrics/", "code/", "configuration/", "environment/", "events/"):
        assert client.get(RUN + tab).status_code == 200, tab
    second = Run.objects.get(pk=run.pk)
    second.pk, second.number = uuid4(), 2
    second.save(force_insert=True)
    page = client.get("/projects/hello/compare/?runs=1,2").content.decode()
    assert "local (detached)" in page


def test_calls_tell_that_it_is_detached_and_do_not_know_it_as_a_target(run: Run, bob: User, ada: User) -> None:
    facts = call(bob, "GET", "/projects/hello/runs/1").json()
    assert (facts["target"], facts["target_is_detached"]) == ("local", True)
    listed = call(bob, "GET", "/projects/hello/runs?target=local").json()["runs"]
    assert [each["target_is_detached"] for each in listed] == [True]
    assert call(ada, "GET", "/targets").json() == {"targets": []}
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/check"), ("GET", "/survey")):
        assert call(ada, method, f"/targets/local{path}").status_code == 404, path


def test_no_page_of_targets_shows_it(run: Run, seen_by: SeenBy, bob: User, ada: User) -> None:
    for person, words in ((bob, "You may not use any target yet"), (ada, "No target is attached")):
        client = seen_by(person)
        assert client.get("/computes/local/").status_code == 404
        assert words in client.get("/computes/").content.decode()
        assert "/computes/local/" not in client.get("/").content.decode()
        assert "/computes/local/" not in client.get("/projects/hello/").content.decode()


@pytest.mark.parametrize("has_another", [True, False])
def test_repeating_it_is_refused_with_the_other_targets_offered(
    has_another: bool, run: Run, seen_by: SeenBy, bob: User, ada: User
) -> None:
    if has_another:
        for name in ("attic", "local"):
            attach_target(ada, name, "local", {}).grants.create(user=bob)
    words = "Choose another target: attic, local." if has_another else "Ask an administrator for another target."
    with pytest.raises(SubmissionRefused) as refused:
        rerun(bob, run)
    assert refused.value.errors == {"target": [f"local, where run 1 ran, is detached. {words}"]}
    answer = call(bob, "POST", "/projects/hello/runs/1/rerun")
    assert answer.status_code == 422
    assert words in answer.json()["fields"]["target"][0]
    page = seen_by(bob).post(f"{RUN}rerun/", follow=True)
    assert page.redirect_chain == [("/projects/hello/submit/?parent=1", 302)]
    assert words in page.content.decode()
    assert Run.objects.count() == 1


def test_the_form_chooses_no_other_target_by_itself(run: Run, seen_by: SeenBy, bob: User, ada: User) -> None:
    attach_target(ada, "attic", "local", {}).grants.create(user=bob)
    form = seen_by(bob).get("/projects/hello/submit/?parent=1").content.decode()
    assert "Run 1 ran there; the target is detached since. Choose another one." in form
    assert 'value="attic"' in form
    assert "checked" not in form.split('name="target"')[1].split(">")[0]


def test_the_form_chooses_the_target_that_has_the_name_now(run: Run, seen_by: SeenBy, bob: User, ada: User) -> None:
    for name in ("attic", "local"):
        attach_target(ada, name, "local", {}).grants.create(user=bob)
    form = seen_by(bob).get("/projects/hello/submit/?parent=1").content.decode()
    assert "is detached since" not in form
    assert 'value="local" checked' in form
    sent = {"script": "hello.py", "target": "local", "parent": "1", "variables-TOTAL_FORMS": 0}
    answer = seen_by(bob).post("/projects/hello/submit/", {**sent, "variables-INITIAL_FORMS": 0})
    assert answer.status_code == 302
    repeated = Run.objects.get(number=2)
    assert (repeated.target.name, repeated.target_id == run.target_id) == ("local", False)


def test_another_target_of_the_name_has_nothing_to_do_with_its_runs(
    run: Run, seen_by: SeenBy, bob: User, ada: User
) -> None:
    new = attach_target(ada, "local", "local", {})
    assert seen_by(bob).get("/computes/local/").status_code == 404, "grants are forgotten"
    page = seen_by(ada).get("/computes/local/").content.decode()
    assert "No run has ended here yet" in page
    assert RUN not in page
    assert MARK in seen_by(ada).get(RUN).content.decode()
    assert "/computes/local/" not in seen_by(ada).get(RUN).content.decode()
    detach_target(new, ada)


def test_the_controller_and_the_workers_leave_it_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("runs.tasks.nudge_clean_up", asked.append)
    Chores().repeat_clean_ups()
    clean_up(run.pk)
    assert asked == []
    assert not Run.objects.get(pk=run.pk).is_cleaned_up
    checks = TargetChecks()
    checks()
    assert checks.due == {}
    assert targets_with_caches() == []


def test_a_target_that_goes_while_the_controller_looks_around_is_passed_by(
    local_target: ComputeTarget, ada: User
) -> None:
    class Due(dict[int, float]):
        """Has the target detached between its listing and the look at it."""

        def setdefault(self, key: int, default: float = 0.0) -> float:
            if key == local_target.pk:
                detach_target(local_target, ada)
            return 0.0

    other = attach_target(ada, "zoo", "local", {})
    checks = TargetChecks()
    checks.due = Due()
    checks()
    assert not local_target.surveys.exists()
    assert other.surveys.count() == 1


def test_a_run_that_cannot_be_does_not_stop_the_admission_of_others(
    run: Run, project: Project, bob: User, ada: User
) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.QUEUED)
    attach_target(ada, "attic", "local", {}).grants.create(user=bob)
    other = submit_run(bob, project, Submission(script="hello.py", target="attic"))
    assert admit_on(run.target_id) == 0
    explain_waiting()
    assert sum(admit_on(target_id) for target_id in targets_with_waiting_runs()) == 1
    other.refresh_from_db()
    assert other.admitted_at is not None


def test_what_it_left_may_be_removed_by_another_target_on_the_same_host(run: Run, ada: User) -> None:
    attic = attach_target(ada, "attic", "local", {})
    survey = Survey(runs=(RunRemains(run.pk.hex, 1.0, has_folder=True),))
    assert [orphan.why for orphan in orphans_on(attic, survey)] == [DETACHED]


def test_nothing_is_removed_or_prepared_on_it_by_who_comes_late(
    run: Run, local_target: ComputeTarget, project: Project, bob: User, ada: User
) -> None:
    assert request_cleaning(local_target, ada, CleaningWishes(contents_days=1)).words == ""
    assert not local_target.errands.exists()
    with pytest.raises(SubmissionRefused, match="was detached at this very moment"):
        begin(bob, project, local_target, asked)
    configuration = {**run.configuration, "prepare_environment": False}
    Run.objects.update(reason=FailureReason.PREPARATION_FAILED, configuration=configuration, state=State.FAILED)
    ComputeTarget.with_detached.update(kind="remote", user_managed_environment=False)
    failed = Run.objects.select_related("target", "project").get()
    assert not can_be_prepared_for(failed)
    with pytest.raises(SubmissionRefused, match="is detached"):
        prepare_for_run(bob, failed)
    assert not TargetEnvironment.objects.exists()


def test_the_lock_of_its_environment_is_still_had(
    workshop: Workshop, project: Project, seen_by: SeenBy, bob: User, ada: User
) -> None:
    client = seen_by(bob)
    client.post("/projects/hello/prepare/", {"target": "bench"})
    row = work_until(is_over, TargetEnvironment.objects.get())
    run = submit_run(bob, project, Submission(script="hello.py", target="bench"))
    facts = {"environment": row, "environment_hash": row.lock_id, "state": State.COMPLETED}
    Run.objects.filter(pk=run.pk).update(**facts)
    assert row.key[:12] in client.get("/environments/").content.decode()
    detach_target(workshop.target, ada)
    assert row.key[:12] not in client.get("/environments/").content.decode()
    assert call(bob, "GET", "/environments").json() == {"environments": []}
    page = client.get(f"/environments/{row.key}/").content.decode()
    assert "The targets that it was made on are detached. Its lock is kept." in page
    assert MARK in page
    assert "/computes/bench/" not in page
    assert ">Prepare again" not in page
    assert call(bob, "GET", f"/environments/{row.key}").json()["targets"] == []
    for form in ("lock", "explicit"):
        assert client.get(f"/environments/{row.key}/as/{form}/").status_code == 200, form
    assert f"/environments/{row.key}/" in client.get(f"/projects/hello/runs/{run.number}/environment/").content.decode()


def test_a_call_detaches_a_target_or_says_what_is_in_the_way(
    local_target: ComputeTarget, project: Project, bob: User, ada: User
) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="local"))
    refused = call(ada, "DELETE", "/targets/local")
    assert (refused.status_code, refused.json()["detail"]) == (409, "1 run is on local or waits for it.")
    assert call(bob, "DELETE", "/targets/local").status_code == 403
    Run.objects.filter(pk=run.pk).update(state=State.CANCELED)
    gone = call(ada, "DELETE", "/targets/local")
    assert (gone.status_code, gone.content) == (204, b"")
    assert call(ada, "DELETE", "/targets/local").status_code == 404
    assert Run.objects.get().target.is_detached
