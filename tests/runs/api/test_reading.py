"""Reading projects, targets and runs over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from computes.models import ComputeTarget
from projects.models import Project
from runs.api.answer_schemas import CheckFacts, ProjectDetails, ProjectList, RunDetails, RunList, TargetList
from runs.models import LatestMetric, Run, Tag
from runs.status import FailureReason, State
from runs.submission import Submission, submit_run
from tests.runs.api.conftest import Api


def pages_of(client: Client, query: str) -> list[int]:
    """Follow the cursors of a list and return the runs' numbers in order."""
    numbers: list[int] = []
    cursor = ""
    for _ in range(50):
        response = client.get(f"/api/v1/projects/hello/runs?{query}&cursor={cursor}")
        assert response.status_code == 200, response.content
        page = RunList(**response.json())
        numbers += [run.number for run in page.runs]
        if page.next is None:
            return numbers
        cursor = page.next
    raise AssertionError("the list has no end")


@pytest.fixture
def runs(project: Project, local_target: ComputeTarget, bob: User) -> list[Run]:
    """Seven runs: odd ones completed after as many seconds as their number, even ones queued."""
    made = []
    for number in range(1, 8):
        run = submit_run(bob, project, Submission(script="hello.py", target="local"))
        if number % 2:
            Run.objects.filter(pk=run.pk).update(state=State.COMPLETED, script_seconds=float(number))
            LatestMetric.objects.create(run=run, name="accuracy", step=0, time=0.0, value=1 / number)
        made.append(run)
    return made


def test_projects_are_listed_for_their_members_only(api: Api, project: Project, vera: User, charlie: User) -> None:
    listed = ProjectList(**api(vera).get("/api/v1/projects").json())
    assert [found.slug for found in listed.projects] == ["hello"]
    assert listed.projects[0].snapshot is not None
    assert listed.projects[0].snapshot.files == 2
    assert api(charlie).get("/api/v1/projects").json() == {"projects": []}


def test_a_project_tells_what_can_be_run(api: Api, project: Project, vera: User) -> None:
    details = ProjectDetails(**api(vera).get("/api/v1/projects/hello").json())
    assert details.scripts == ["hello.py"]


def test_targets_tell_slots_and_load(api: Api, run: Run, bob: User, charlie: User) -> None:
    listed = TargetList(**api(bob).get("/api/v1/targets").json())
    assert [(target.name, target.slots, target.running, target.waiting) for target in listed.targets] == [
        ("local", 2, 0, 1)
    ]
    assert api(charlie).get("/api/v1/targets").json() == {"targets": []}


def test_a_check_is_asked_for_and_can_be_read(api: Api, local_target: ComputeTarget, bob: User, charlie: User) -> None:
    asked = api(bob).post("/api/v1/targets/local/check")
    assert asked.status_code == 202
    check = CheckFacts(**asked.json())
    assert not check.is_finished
    local_target.checks.update(
        finished_at=timezone.now(), items=[{"name": "disk", "ok": True, "detail": "", "remedy": "", "milliseconds": 1}]
    )
    read = CheckFacts(**api(bob).get(f"/api/v1/targets/local/checks/{check.id}").json())
    assert read.is_finished
    assert [item["name"] for item in read.items] == ["disk"]
    assert api(bob).get(f"/api/v1/targets/local/checks/{check.id + 1}").status_code == 404
    assert api(charlie).get(f"/api/v1/targets/local/checks/{check.id}").status_code == 404
    hidden = api(charlie).post("/api/v1/targets/local/check")
    assert hidden.status_code == 404
    assert "ask an administrator" in hidden.json()["remedy"]


def test_a_run_tells_how_it_failed_and_what_to_do(api: Api, run: Run, vera: User) -> None:
    Run.objects.filter(pk=run.pk).update(
        state=State.FAILED, reason=FailureReason.OUT_OF_MEMORY, exit_code=137, finished_at=timezone.now()
    )
    run.folder.mkdir(parents=True)
    (run.folder / "log").write_bytes(b"12345")
    details = RunDetails(**api(vera).get("/api/v1/projects/hello/runs/1").json())
    assert (details.state, details.reason, details.exit_code) == ("failed", "out_of_memory", 137)
    assert "memory" in details.reason_text
    assert details.remedy
    assert details.log_bytes == 5
    assert details.log_is_complete
    assert details.finished_at
    assert details.finished_at.endswith("Z")
    assert details.command[1:] == ["hello.py"]


def test_reading_a_run_takes_few_queries(
    api: Api, run: Run, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(bob)
    client.get("/api/v1/projects/hello/runs/1")
    with django_assert_max_num_queries(5):
        client.get("/api/v1/projects/hello/runs/1")


def test_a_list_takes_as_many_queries_for_seven_runs_as_for_one(
    api: Api, runs: list[Run], bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(bob)
    client.get("/api/v1/projects/hello/runs")
    with django_assert_max_num_queries(5):
        client.get("/api/v1/projects/hello/runs")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [7, 6, 5, 4, 3, 2, 1]),
        ("sort=number", [1, 2, 3, 4, 5, 6, 7]),
        ("sort=-duration", [7, 5, 3, 1, 6, 4, 2]),
        ("sort=duration", [1, 3, 5, 7, 6, 4, 2]),
        ("sort=-metric:accuracy", [1, 3, 5, 7]),
        ("sort=metric:accuracy", [7, 5, 3, 1]),
        ("state=completed", [7, 5, 3, 1]),
        ("state=active", [6, 4, 2]),
        ("target=local&script=hello.py&person=bob", [7, 6, 5, 4, 3, 2, 1]),
        ("target=moon", []),
        ("tag=iris", [2]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_any_size_show_every_run_once_in_order(
    api: Api, runs: list[Run], bob: User, query: str, numbers: list[int], limit: int
) -> None:
    Tag.objects.create(run=runs[1], name="iris")
    assert pages_of(api(bob), f"{query}&limit={limit}") == numbers


def test_runs_that_arrive_while_pages_are_turned_shift_nothing(
    api: Api, runs: list[Run], project: Project, bob: User
) -> None:
    client = api(bob)
    first = client.get("/api/v1/projects/hello/runs?limit=3").json()
    submit_run(bob, project, Submission(script="hello.py", target="local"))
    second = client.get(f"/api/v1/projects/hello/runs?limit=3&cursor={first['next']}").json()
    assert [run["number"] for run in first["runs"] + second["runs"]] == [7, 6, 5, 4, 3, 2]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=sleeping", "state"),
        ("sort=colour", "sort"),
        ("cursor=abc", "cursor"),
        ("cursor=%F0%9F%98%80", "cursor"),
        ("cursor=WyItbnVtYmVyIiwgMWU5OTksIDFd", "cursor"),
        ("cursor=WyJudW1iZXIiLCBudWxsLCAxXQ", "cursor"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
    ],
)
def test_nonsense_in_the_address_of_a_list_is_refused_on_its_field(
    api: Api, project: Project, bob: User, query: str, field: str
) -> None:
    response = api(bob).get(f"/api/v1/projects/hello/runs?{query}")
    assert response.status_code == 422
    assert list(response.json()["fields"]) == [field]


@pytest.mark.parametrize(
    "address",
    ["", "/log", "/metrics", "/outputs", "/outputs/a.txt", "/snapshot.tar.gz"],
    ids=lambda text: text or "run",
)
def test_a_strangers_404_is_the_404_of_a_run_that_is_not_there(api: Api, run: Run, charlie: User, address: str) -> None:
    client = api(charlie)
    hidden: Any = client.get(f"/api/v1/projects/hello/runs/{run.number}{address}")
    unknown: Any = client.get(f"/api/v1/projects/hello/runs/999{address}")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
