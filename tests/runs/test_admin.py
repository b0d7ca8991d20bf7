"""What Django's administration lets an administrator see and change."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from computes.models import ComputeTarget, TargetGrant
from projects.models import Project
from runs.models import Run, RunEvent
from runs.status import State
from tests.computes.django.run_rows import add_run

MODELS = ["projects_project", "projects_membership", "computes_computetarget", "computes_targetgrant"]


@pytest.fixture
def run(project: Project, local_target: ComputeTarget) -> Run:
    run = add_run(project, local_target, 7, state=State.RUNNING, lease_token="11111111-2222-3333-4444-555555555555")
    run.secret_variables.create(name="TOKEN", sealed_value="sealed-text")
    RunEvent.objects.create(run=run, kind="note", text="something happened")
    return run


@pytest.fixture
def desk(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.mark.parametrize("model", [*MODELS, "runs_run", "runs_runevent", "auth_user", "auth_group"])
def test_each_list_opens(model: str, run: Run, desk: Client) -> None:
    assert desk.get(reverse(f"admin:{model}_changelist")).status_code == 200


def test_a_run_is_shown_and_cannot_be_changed(run: Run, desk: Client) -> None:
    address = reverse("admin:runs_run_change", args=[run.pk])
    page = desk.get(address).content.decode()
    assert "running" in page
    assert 'name="state"' not in page
    assert desk.post(address, {"state": "completed"}).status_code == 403
    assert desk.post(reverse("admin:runs_run_delete", args=[run.pk]), {"post": "yes"}).status_code == 403
    assert desk.get(reverse("admin:runs_run_add")).status_code == 403
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_events_cannot_be_changed(run: Run, desk: Client) -> None:
    event = RunEvent.objects.get(text="something happened")
    address = reverse("admin:runs_runevent_change", args=[event.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"text": "nothing happened"}).status_code == 403


def test_nothing_secret_is_shown(run: Run, desk: Client) -> None:
    page = desk.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    assert "sealed-text" not in page
    assert "11111111" not in page
    index = desk.get(reverse("admin:index")).content.decode()
    for word in ("secretvariable", "accesstoken", "sharelink", "sourceimport"):
        assert word not in index


def test_a_target_is_changed_on_its_own_page_only(run: Run, local_target: ComputeTarget, desk: Client) -> None:
    address = reverse("admin:computes_computetarget_change", args=[local_target.pk])
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"work_folder": "/elsewhere"}).status_code == 403


def test_a_grant_names_exactly_one_holder(local_target: ComputeTarget, bob: User, ada: User, desk: Client) -> None:
    address = reverse("admin:computes_targetgrant_add")
    both = desk.post(address, {"target": local_target.pk, "user": bob.pk, "everyone": "on"})
    assert both.status_code == 200
    assert "Name exactly one: a person" in both.content.decode()
    assert desk.post(address, {"target": local_target.pk, "user": bob.pk}).status_code == 302
    assert TargetGrant.objects.get(user=bob).granted_by == ada


def test_a_project_keeps_its_code_and_a_project_with_runs_is_not_deleted(
    run: Run, project: Project, desk: Client
) -> None:
    address = reverse("admin:projects_project_change", args=[project.pk])
    assert 'name="slug"' not in desk.get(address).content.decode()
    desk.post(reverse("admin:projects_project_delete", args=[project.pk]), {"post": "yes"})
    assert Project.objects.filter(pk=project.pk).exists()
