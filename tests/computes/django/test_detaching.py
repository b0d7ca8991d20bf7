"""Detaching a target: what is forgotten, what is kept, what is in the way, and that its name is free then."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.shortcuts import get_object_or_404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from computes.action_logs import folder_of
from computes.attaching import attach_target
from computes.check_work import carry_out_check
from computes.contact import note_answer, note_silence
from computes.detaching import KEPT, detach_target
from computes.models import ComputeTarget, ScriptAction, TargetCheck, TargetContact, TargetEnvironment, TargetGrant
from computes.refusals import TargetRefused
from computes.target_history import changes_of
from computes.views import finding
from projects.models import Project
from runs.models import Run
from runs.status import State
from runs.submission import Submission, SubmissionRefused, submit_run
from tests.computes.django.run_rows import add_run

SECRET = "hush-hush"
BLOCKED_SECONDS = 0.5


def as_person(person: User) -> Client:
    """Return a client that is signed in."""
    client = Client()
    client.force_login(person)
    return client


def something_in(field: "models.Field[Any, Any]", person: User) -> object:
    """Return a value that is none of a field's own accord."""
    match field:
        case models.BooleanField():
            return not field.get_default()
        case models.JSONField():
            return {SECRET: SECRET} if field.get_default() == {} else [SECRET]
        case models.ForeignKey():
            return person
        case models.DateTimeField():
            return timezone.now()
        case models.IntegerField() | models.FloatField():
            return 7
    return SECRET[: field.max_length]


def in_a_thread(deed: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Start a deed beside the test; its result, or its refusal, is in the list when it has ended."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(deed())
        except (TargetRefused, SubmissionRefused) as error:
            results.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def test_everything_but_what_history_needs_is_forgotten(shed: ComputeTarget, ada: User) -> None:
    fields = {field.name: field for field in ComputeTarget._meta.concrete_fields}
    others = [field for name, field in fields.items() if name not in KEPT | {"detached_at"}]
    ComputeTarget.objects.filter(pk=shed.pk).update(
        **{field.name: something_in(field, ada) for field in others} | {"address": "gpu.lab.example"}
    )
    before = ComputeTarget.objects.values().get(pk=shed.pk)
    assert all(before[field.attname] != field.get_default() for field in others)
    detach_target(shed, ada)
    after = ComputeTarget.with_detached.values().get(pk=shed.pk)
    assert {name: after[fields[name].attname] for name in KEPT} == {name: before[fields[name].attname] for name in KEPT}
    wrong = [field.name for field in others if after[field.attname] != field.get_default()]
    assert wrong == ["is_enabled"]
    assert not after["is_enabled"]
    assert SECRET not in str(after)
    assert after["detached_at"] is not None


@pytest.mark.parametrize("name", [field.name for field in ComputeTarget._meta.concrete_fields if field.name in KEPT])
def test_nothing_sealed_and_no_login_is_among_what_is_kept(name: str) -> None:
    assert not name.startswith("sealed_")
    assert not any(word in name for word in ("key", "credential", "password", "login", "user", "variables", "jump"))


def test_what_belongs_to_it_goes_and_its_history_says_who(
    shed: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    shed.grants.create(user=bob)
    shed.checks.create(finished_at=timezone.now())
    shed.contacts.create(is_reachable=True)
    shed.surveys.create(finished_at=timezone.now())
    shed.errands.create(kind="scan", finished_at=timezone.now())
    facts = {"node_seconds": 1, "total_seconds": 1, "at_once": 1, "finished_at": timezone.now()}
    action = shed.script_actions.create(name="x", script=SECRET, **facts)
    folder_of(action.pk).mkdir(parents=True)
    run = add_run(project, shed, 1, state=State.COMPLETED, grant=shed.grants.get())
    with transaction.atomic():
        detach_target(shed, ada)
    assert not any(getattr(shed, rows).exists() for rows in ("checks", "contacts", "surveys", "errands"))
    assert not TargetGrant.objects.exists()
    assert not ScriptAction.objects.exists()
    run.refresh_from_db()
    assert (run.target, run.target.name, run.target.is_detached, run.grant) == (shed, "shed", True, None)
    change = changes_of(shed).get()
    assert (change.user, change.change_message, change.object_repr) == (ada, "Detached the target.", "shed")
    pages = as_person(ada)
    assert "shed" in pages.get("/admin/computes/computetarget/").content.decode()
    assert "Detached the target." in pages.get(f"/admin/computes/computetarget/{shed.pk}/history/").content.decode()
    assert pages.get(f"/admin/computes/computetarget/{shed.pk}/change/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_logs_of_its_script_actions_go_with_it(shed: ComputeTarget, ada: User) -> None:
    facts = {"node_seconds": 1, "total_seconds": 1, "at_once": 1, "finished_at": timezone.now()}
    folder = folder_of(shed.script_actions.create(name="x", script="true", **facts).pk)
    folder.mkdir(parents=True)
    detach_target(shed, ada)
    assert not folder.exists()


def test_another_target_may_have_its_name_and_only_one(shed: ComputeTarget, ada: User, project: Project) -> None:
    add_run(project, shed, 1, state=State.COMPLETED)
    detach_target(shed, ada)
    new = attach_target(ada, "shed", "local", {})
    assert new.pk != shed.pk
    assert list(ComputeTarget.objects.filter(name="shed")) == [new]
    assert new.runs.count() == 0
    with pytest.raises(TargetRefused, match="There is a target named shed already"):
        attach_target(ada, "shed", "local", {})
    with pytest.raises(IntegrityError), transaction.atomic():
        ComputeTarget.objects.create(name="shed")
    detach_target(new, ada)
    assert ComputeTarget.with_detached.filter(name="shed").count() == 2


@pytest.mark.parametrize("state", [State.QUEUED, State.PREPARING, State.RUNNING, State.FINALIZING])
def test_runs_that_are_on_or_wait_are_in_the_way_and_linked(
    state: State, shed: ComputeTarget, project: Project, ada: User
) -> None:
    add_run(project, shed, 1, state=state)
    add_run(project, shed, 2, state=state)
    add_run(project, shed, 3, state=State.COMPLETED)
    client, address = as_person(ada), reverse("compute_detach", args=["shed"])
    for answer, status in ((client.get(address), 200), (client.post(address), 409)):
        assert answer.status_code == status
        assert '<a href="/runs/?target=shed&amp;state=active">2 runs</a>' in answer.content.decode()
    assert "2 runs are on shed or wait for it." in answer.content.decode()
    assert client.get("/runs/?target=shed&state=active").content.decode().count('class="run-name"') == 2
    shed.refresh_from_db()
    assert not shed.is_detached


@pytest.mark.parametrize("state", [TargetEnvironment.State.BUILDING, TargetEnvironment.State.REMOVING])
def test_a_build_or_a_removal_is_in_the_way(state: str, shed: ComputeTarget, ada: User) -> None:
    shed.environments.create(digest="a" * 64, asked={}, state=state)
    with pytest.raises(TargetRefused, match="cancel the build"):
        detach_target(shed, ada)
    assert not changes_of(shed).exists()


@pytest.mark.parametrize("rows", ["checks", "surveys", "errands"])
def test_what_a_worker_does_there_is_in_the_way_and_what_nobody_began_is_not(
    rows: str, shed: ComputeTarget, ada: User
) -> None:
    deed = getattr(shed, rows).create(started_at=timezone.now())
    with pytest.raises(TargetRefused, match="is going on at shed"):
        detach_target(shed, ada)
    type(deed).objects.update(started_at=timezone.now() - timedelta(minutes=5))
    detach_target(shed, ada)
    assert not type(deed).objects.exists()


def test_who_comes_late_finds_nothing_to_do(shed: ComputeTarget, ada: User) -> None:
    check = TargetCheck.objects.create(target=shed)
    detach_target(shed, ada)
    assert not carry_out_check(check.pk)
    note_answer(shed.pk)
    note_silence(shed.pk, "It does not answer.")
    assert not TargetContact.objects.exists()
    kept = ComputeTarget.with_detached.get(pk=shed.pk)
    assert (kept.last_contact_at, kept.contact_problem) == (None, "")
    with pytest.raises(TargetRefused, match="detached already"):
        detach_target(shed, ada)


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("compute_edit", {}),
        ("compute_rename", {"name": "barn"}),
        ("compute_check", {}),
        ("compute_grants", {"kind": "everyone"}),
        ("compute_disable", {}),
        ("compute_drain", {"reason": "moving"}),
    ],
)
def test_a_page_that_changes_it_while_it_goes_finds_nothing_there(
    page: str, sent: dict[str, str], shed: ComputeTarget, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = as_person(ada), reverse(page, args=["shed"])
    if page == "compute_edit":
        form = client.get(address).context["form"]
        sent = {field.name: field.value() for field in form if field.value() not in (None, False)} | {"slots": "7"}

    def find_and_lose(*known: Any, **wanted: Any) -> Any:
        found = get_object_or_404(*known, **wanted)
        detach_target(found, ada)
        return found

    monkeypatch.setattr(finding, "get_object_or_404", find_and_lose)
    assert client.post(address, sent).status_code == 404
    kept = ComputeTarget.with_detached.get(pk=shed.pk)
    assert (kept.name, kept.is_draining, kept.is_enabled) == ("shed", False, False)
    assert kept.slots != 7
    assert not kept.grants.exists()
    assert not kept.checks.exists()


def test_environments_are_kept_as_what_is_not_there(shed: ComputeTarget, ada: User) -> None:
    ready = shed.environments.create(digest="a" * 64, asked={}, state="ready", size_bytes=9, sealed_credentials=SECRET)
    failed = shed.environments.create(digest="b" * 64, asked={}, state="failed", sealed_credentials=SECRET)
    detach_target(shed, ada)
    ready.refresh_from_db()
    failed.refresh_from_db()
    assert (ready.state, ready.size_bytes, failed.state) == ("missing", None, "failed")
    assert (ready.sealed_credentials, failed.sealed_credentials) == ("", "")


def test_the_page_says_what_goes_what_stays_and_what_is_left_there(
    shed: ComputeTarget, project: Project, ada: User
) -> None:
    add_run(project, shed, 1, state=State.COMPLETED)
    add_run(project, shed, 2, state=State.FAILED, is_cleaned_up=True)
    shed.environments.create(digest="a" * 64, asked={}, state="ready", size_bytes=9)
    ComputeTarget.objects.update(public_key="ssh-ed25519 AAAA amlweb", work_folder="/srv/shed")
    client = as_person(ada)
    page = client.get(reverse("compute_detach", args=["shed"])).content.decode()
    said = ("This cannot be taken back.", "Kept: 2 recorded runs with logs", "/srv/shed", "What 1 ended run left there")
    assert [words for words in said if words not in page] == []
    assert "ssh-ed25519 AAAA amlweb" in page
    assert client.post(reverse("compute_detach", args=["shed"])).headers["Location"] == "/computes/"
    for address in ("compute", "compute_detach", "compute_edit", "compute_grants"):
        assert client.get(reverse(address, args=["shed"])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_detach_it_at_once_one_does(shed: ComputeTarget, ada: User) -> None:
    with transaction.atomic():
        detach_target(shed, ada)
        other, results = in_a_thread(lambda: detach_target(shed, ada))
        other.join(BLOCKED_SECONDS)
        assert other.is_alive(), "the other one waits for the first"
    other.join()
    assert str(results[0]) == "shed is detached already. There is nothing left to do."
    assert changes_of(shed).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_submitted_meanwhile_is_in_the_way(
    local_target: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    with transaction.atomic():
        run = submit_run(bob, project, Submission(script="hello.py", target="local"))
        other, results = in_a_thread(lambda: detach_target(local_target, ada))
        other.join(BLOCKED_SECONDS)
        assert other.is_alive(), "detaching waits for the submission"
    other.join()
    assert isinstance(results[0], TargetRefused)
    run.refresh_from_db()
    assert not run.target.is_detached


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_submitted_while_its_target_goes_is_refused(
    local_target: ComputeTarget, project: Project, ada: User, bob: User
) -> None:
    with transaction.atomic():
        detach_target(local_target, ada)
        other, results = in_a_thread(lambda: submit_run(bob, project, Submission(script="hello.py", target="local")))
        other.join(BLOCKED_SECONDS)
        assert other.is_alive(), "the submission waits for the end"
    other.join()
    assert isinstance(results[0], SubmissionRefused)
    assert list(results[0].errors) == ["target"]
    assert not Run.objects.exists()
