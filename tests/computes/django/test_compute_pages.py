"""The pages of targets: who sees what, who may do what, and what strangers learn (nothing)."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from computes.granting import grant_use
from computes.models import ComputeTarget, TargetCheck, TargetGrant
from projects.models import Project
from runs.status import FailureReason, State
from tests.computes.django.cluster_parts import let_kind_wait
from tests.computes.django.run_rows import add_run

ADMINISTRATORS_PAGES = ["compute_edit", "compute_drain", "compute_enable", "compute_grants", "compute_detach"]
ADMINISTRATORS_BUTTONS = ["compute_resume", "compute_disable"]
FACTS = {
    "slots": "3",
    "longest_run_seconds": "2 h",
    "python_location": "python3",
    "lost_after_seconds": "1 d",
    "environment_variables": "A=1\r\nB=x = y\r\n",
}


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def attic(shed: ComputeTarget, project: Project, ada: User) -> ComputeTarget:
    """A target that the project was granted."""
    grant_use(shed, ada, project)
    return shed


def test_a_member_with_a_grant_sees_the_target_and_a_stranger_does_not(
    attic: ComputeTarget, bob: User, charlie: User
) -> None:
    assert "shed" in as_person(bob).get(reverse("computes")).content.decode()
    assert as_person(bob).get(attic.get_absolute_url()).status_code == 200
    assert "shed" not in as_person(charlie).get(reverse("computes")).content.decode()
    assert as_person(charlie).get(attic.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", [*ADMINISTRATORS_PAGES, *ADMINISTRATORS_BUTTONS])
def test_only_administrators_change_a_target(
    name: str, attic: ComputeTarget, ada: User, bob: User, charlie: User
) -> None:
    address = reverse(name, args=["shed"])
    for person in (bob, charlie):
        assert as_person(person).post(address).status_code == 404
        assert as_person(person).get(address).status_code == (404 if name in ADMINISTRATORS_PAGES else 405)
    if name in ADMINISTRATORS_PAGES:
        assert as_person(ada).get(address).status_code == 200
        assert as_person(ada).put(address).status_code == 405
    assert as_person(ada).post(reverse(name, args=["nowhere"])).status_code == 404
    assert Client().post(address).status_code == 302


def test_only_administrators_attach_targets(ada: User, bob: User, data_dir: object) -> None:
    assert as_person(bob).get(reverse("compute_new")).status_code == 404
    assert as_person(ada).get(reverse("compute_new")).status_code == 200
    assert as_person(ada).put(reverse("compute_new")).status_code == 405


def test_an_administrator_attaches_a_target_by_the_form(ada: User, data_dir: object) -> None:
    answer = as_person(ada).post(reverse("compute_new"), {**FACTS, "name": "attic"}, follow=True)
    target = ComputeTarget.objects.get()
    assert (target.slots, target.longest_run_seconds, target.lost_after_seconds) == (3, 7200, 86400)
    assert target.environment_variables == {"A": "1", "B": "x = y"}
    assert "attic is attached and being checked." in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "new", "is the address of a page"),
        ("name", "SHED", "There is a target named SHED already"),
        ("name", "a/b", "letters, digits"),
        ("slots", "0", "greater than or equal to 1"),
        ("longest_run_seconds", "soon", "2 h 30 min"),
        ("python_location", "python3 -u", "without arguments"),
        ("work_folder", "work", "begins with / or ~"),
        ("environment_variables", "A=1\n=2\nAMLWEB_X=3\nA=4", "Line 2 must look like NAME=value."),
        ("environment_variables", "A=1\nAMLWEB_X=3", "Line 2: names that begin with AMLWEB_"),
        ("environment_variables", "A=1\nA=4", "Line 2 sets A a second time."),
    ],
)
def test_bad_input_comes_back_on_its_field_and_nothing_is_lost(
    field: str, value: str, words: str, shed: ComputeTarget, ada: User
) -> None:
    facts = {**FACTS, "name": "attic", "description": "kept <b>text</b>", field: value}
    answer = as_person(ada).post(reverse("compute_new"), facts)
    assert answer.status_code == 422
    assert any(words in error for error in answer.context["form"].errors[field])
    assert "kept &lt;b&gt;text&lt;/b&gt;" in answer.content.decode()
    assert ComputeTarget.objects.count() == 1


def test_kinds_without_an_executor_are_shown_and_refused_in_words(
    ada: User, data_dir: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_kind_wait(monkeypatch, "livy")
    page = as_person(ada).get(reverse("compute_new") + "?kind=livy").content.decode()
    assert "Spark through Livy" in page
    assert "is not supported yet. Choose a target of another kind" in page
    refused = as_person(ada).post(reverse("compute_new") + "?kind=livy", {**FACTS, "name": "attic"})
    assert refused.status_code == 422
    assert not ComputeTarget.objects.exists()
    assert as_person(ada).get(reverse("compute_new") + "?kind=nonsense").status_code == 404


def test_the_edit_form_shows_what_is_stored_and_saves_it_unchanged(attic: ComputeTarget, ada: User) -> None:
    attic.longest_run_seconds, attic.environment_variables = 5405, {"A": " b=c "}
    attic.save()
    client = as_person(ada)
    form = client.get(reverse("compute_edit", args=["shed"])).context["form"]
    shown = {field.name: field.value() or "" for field in form}
    assert (shown["longest_run_seconds"], shown["environment_variables"]) == ("1 h 30 min 5 s", "A= b=c ")
    answer = client.post(reverse("compute_edit", args=["shed"]), shown, follow=True)
    assert "Nothing was changed." in answer.content.decode()


def test_a_frozen_field_is_refused_beside_it(attic: ComputeTarget, project: Project, ada: User) -> None:
    add_run(project, attic, 1, state=State.RUNNING, preparing_at=timezone.now())
    facts = {**FACTS, "python_location": "/other/python"}
    answer = as_person(ada).post(reverse("compute_edit", args=["shed"]), facts)
    assert "Drain the target" in answer.context["form"].errors["python_location"][0]
    assert "The work folder and the interpreter cannot change" in answer.content.decode()


def test_draining_and_its_end_by_buttons(attic: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    assert client.post(reverse("compute_drain", args=["shed"]), {"reason": ""}).status_code == 422
    page = client.post(reverse("compute_drain", args=["shed"]), {"reason": "new <disk>"}, follow=True).content.decode()
    assert "new &lt;disk&gt;. What runs goes on; nothing new starts." in page
    client.post(reverse("compute_resume", args=["shed"]))
    attic.refresh_from_db()
    assert not attic.is_draining


def test_in_team_mode_turning_on_asks_for_confirmation(attic: ComputeTarget, ada: User, settings: Settings) -> None:
    settings.MODE = "team"
    client = as_person(ada)
    address = reverse("compute_enable", args=["shed"])
    assert "as its own user account" in client.get(address).content.decode()
    assert client.post(address).status_code == 422
    assert client.post(address, {"understood": "on"}).status_code == 302
    attic.refresh_from_db()
    assert attic.is_on
    client.post(reverse("compute_disable", args=["shed"]))
    attic.refresh_from_db()
    assert not attic.is_on


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("user", "nobody", "no active person"),
        ("group", "nobody", "no group"),
        ("project", "Hello", "no project"),
        ("user", "", "Say who is meant"),
        ("everyone", "bob", "Everyone has no name"),
    ],
)
def test_a_grant_to_nobody_is_refused_beside_the_name(
    kind: str, name: str, words: str, shed: ComputeTarget, project: Project, ada: User
) -> None:
    answer = as_person(ada).post(reverse("compute_grants", args=["shed"]), {"kind": kind, "name": name})
    assert words in answer.context["form"].errors["name"][0]
    assert not TargetGrant.objects.exists()


def test_a_grant_is_given_and_taken_back_by_the_page(shed: ComputeTarget, ada: User, bob: User) -> None:
    client = as_person(ada)
    facts = {"kind": "user", "name": "bob", "slots": "2", "longest_run_seconds": "90 min"}
    page = client.post(reverse("compute_grants", args=["shed"]), facts, follow=True).content.decode()
    assert "Person bob" in page
    assert "2 slots, runs up to 1 h 30 min" in page
    grant = TargetGrant.objects.get()
    address = reverse("compute_revoke", args=["shed", grant.pk])
    assert as_person(bob).post(address).status_code == 404
    assert client.get(address).status_code == 405
    client.post(address)
    assert not TargetGrant.objects.exists()


def test_a_grant_of_another_target_is_not_taken_back(
    shed: ComputeTarget, local_target: ComputeTarget, ada: User
) -> None:
    grant = local_target.grants.get()
    assert as_person(ada).post(reverse("compute_revoke", args=["shed", grant.pk])).status_code == 404
    assert TargetGrant.objects.filter(pk=grant.pk).exists()


def test_whoever_sees_a_target_may_ask_for_a_check_and_watch_it(attic: ComputeTarget, bob: User, charlie: User) -> None:
    address = reverse("compute_check", args=["shed"])
    assert as_person(charlie).post(address).status_code == 404
    assert as_person(bob).get(address).status_code == 405
    assert as_person(bob).post(address).status_code == 302
    check = attic.checks.get()
    progress = reverse("compute_check_progress", args=["shed", check.pk])
    assert as_person(charlie).get(progress, headers={"HX-Request": "true"}).status_code == 404
    assert as_person(bob).get(progress).status_code == 302
    part = as_person(bob).get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "every 500ms" in part
    TargetCheck.objects.update(
        finished_at=timezone.now(),
        items=[{"name": "Disk", "ok": False, "detail": "<full>", "remedy": "Free some.", "milliseconds": 3.2}],
    )
    part = as_person(bob).get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "every 500ms" not in part
    assert "&lt;full&gt;" in part
    assert "Free some." in part
    assert "Needs attention" in part


def test_the_page_shows_what_runs_what_waits_and_what_was(attic: ComputeTarget, project: Project, bob: User) -> None:
    now = timezone.now()
    add_run(project, attic, 1, state=State.FAILED, reason=FailureReason.OUT_OF_MEMORY, finished_at=now, created_by=bob)
    add_run(project, attic, 2, state=State.RUNNING, preparing_at=now, script="busy.py")
    add_run(project, attic, 3, state=State.QUEUED, wait_reason="behind run 2")
    add_run(project, attic, 4, state=State.QUEUED, admitted_at=now)
    answer = as_person(bob).get(attic.get_absolute_url())
    activity = answer.context["activity"]
    assert [run.number for run in activity.current.runs] == [2, 4]
    assert [run.number for run in activity.waiting.runs] == [3]
    assert [run.number for run in activity.past] == [1]
    assert activity.slots.used == 2
    page = answer.content.decode()
    for words in ("busy.py", "Behind run 2", "Out of memory", "2 free slots", "2 of 4 in use"):
        assert words in page
    part = as_person(bob).get(attic.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="activity"')


def test_runs_and_grants_of_other_projects_are_counted_and_not_shown(
    attic: ComputeTarget, project: Project, ada: User, bob: User, charlie: User
) -> None:
    hidden = Project.objects.create(slug="hidden", name="Hidden", current_snapshot=project.current_snapshot)
    grant_use(attic, ada, hidden)
    grant_use(attic, ada, charlie)
    for number, state in enumerate((State.RUNNING, State.QUEUED, State.COMPLETED), start=1):
        add_run(hidden, attic, number, state=state, script="secret.py")
    page = as_person(bob).get(attic.get_absolute_url()).content.decode()
    page += as_person(bob).get(reverse("computes")).content.decode()
    assert "1 run of projects that you are not a member of." in page
    for words in ("secret.py", "Hidden", "charlie"):
        assert words not in page
    assert "secret.py" in as_person(ada).get(attic.get_absolute_url()).content.decode()


def test_the_page_names_the_account_that_scripts_run_as(attic: ComputeTarget, bob: User) -> None:
    page = as_person(bob).get(attic.get_absolute_url()).content.decode()
    assert re.search(r"Scripts run on this server as its own user account, \w+", page)


def test_a_member_sees_no_button_that_he_may_not_press(attic: ComputeTarget, ada: User, bob: User) -> None:
    page = as_person(bob).get(attic.get_absolute_url()).content.decode()
    for name in (*ADMINISTRATORS_PAGES, *ADMINISTRATORS_BUTTONS):
        assert reverse(name, args=["shed"]) not in page
    assert reverse("compute_new") not in as_person(bob).get(reverse("computes")).content.decode()


def test_the_list_takes_the_same_queries_for_one_and_for_many_targets(
    attic: ComputeTarget, project: Project, ada: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person(bob)
    with django_assert_num_queries(6):
        client.get(reverse("computes"))
    for number in range(5):
        more = ComputeTarget.objects.create(name=f"more-{number}")
        grant_use(more, ada, project)
        TargetCheck.objects.create(target=more, finished_at=timezone.now())
        add_run(project, more, 10 + number, state=State.RUNNING)
    with django_assert_num_queries(6):
        page = client.get(reverse("computes")).content.decode()
    assert page.count("1 of 2 in use") == 5
