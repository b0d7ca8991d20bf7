"""The first page: the team at a glance, and the first run one click away."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from computes.models import ComputeTarget
from projects.models import Membership, Project, Role
from projects.snapshots import take_snapshot
from runs.models import Run
from runs.status import State
from tests.runs.lists.conftest import MakeRun


@pytest.fixture
def sample(project: Project, local_target: ComputeTarget, tmp_path: Path, bob: User) -> Project:
    """A project like the one that comes along, with Bob in it."""
    folder = tmp_path / "iris"
    folder.mkdir()
    (folder / "iris_sklearn.py").write_text("print(1)\n")
    iris: Project = Project.objects.create(slug="iris", name="Iris", source="template", source_location="iris")
    Membership.objects.create(project=iris, user=bob, role=Role.RUNNER)
    iris.current_snapshot = take_snapshot(iris, folder)
    iris.save()
    local_target.grants.create(everyone=True)
    return iris


def test_the_first_run_is_one_click_away(client: Client, sample: Project, bob: User) -> None:
    client.force_login(bob)
    page = client.get("/").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    response = client.post("/projects/iris/submit/", fields)
    run = Run.objects.get(project=sample)
    assert response.headers["Location"] == run.get_absolute_url()
    assert (run.script, run.target.name, run.state) == ("iris_sklearn.py", "local", State.QUEUED)
    assert "first-run-title" not in client.get("/").content.decode()


def test_people_who_may_only_look_at_the_sample_are_offered_no_run(client: Client, sample: Project, bob: User) -> None:
    Membership.objects.filter(project=sample, user=bob).update(role=Role.VIEWER)
    client.force_login(bob)
    assert "first-run-title" not in client.get("/").content.decode()


def test_a_stranger_sees_nothing_of_others(client: Client, make_run: MakeRun, charlie: User) -> None:
    make_run(state=State.RUNNING)
    make_run(state=State.FAILED, reason="script_failed")
    client.force_login(charlie)
    page = client.get("/").content.decode()
    assert "Hello" not in page
    assert "local" not in page


def test_the_live_part_stops_asking_when_nothing_runs(client: Client, make_run: MakeRun, bob: User) -> None:
    run = make_run(state=State.RUNNING)
    client.force_login(bob)
    news = {"HX-Request": "true"}
    assert 'hx-trigger="every 2s"' in client.get("/", headers=news).content.decode()
    run.state = State.COMPLETED
    run.save()
    assert "hx-trigger" not in client.get("/", headers=news).content.decode()


def test_an_administrator_of_a_team_is_led_to_the_first_target(
    client: Client, local_target: ComputeTarget, ada: User, bob: User, settings: Settings
) -> None:
    settings.MODE = "team"
    local_target.trusted_at = None
    local_target.save()
    client.force_login(ada)
    assert re.search(r'href="/computes/local/enable/">.*Turn on local', client.get("/").content.decode())
    client.post("/computes/local/enable/", {"understood": "on"})
    assert "first-target-title" not in client.get("/").content.decode()
    local_target.delete()
    assert re.search(r'href="/computes/new/">.*Attach a target', client.get("/").content.decode())
    client.force_login(bob)
    assert "first-target-title" not in client.get("/").content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow(
    client: Client, make_run: MakeRun, bob: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_run(state=State.RUNNING)
        make_run()
    client.force_login(bob)
    client.get("/")
    with django_assert_num_queries(10):
        client.get("/")
