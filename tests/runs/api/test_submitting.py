"""Submitting, cancelling and repeating runs over the API."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.api.answer_schemas import RunDetails, RunReceipt
from runs.models import Run
from runs.status import State
from tests.runs.api.conftest import Api

WANTED: dict[str, Any] = {"script": "hello.py", "target": "local"}


def submit(client: Client, body: object = WANTED, **headers: str) -> Any:
    """Post a run and return the response."""
    return client.post("/api/v1/projects/hello/runs", body, content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def _target(local_target: ComputeTarget) -> None:
    """Every test here has a place to run."""


def test_a_runner_submits_a_run_and_is_told_its_number_and_address(api: Api, bob: User) -> None:
    response = submit(
        api(bob),
        WANTED
        | {
            "arguments": ["--rate", "0.1", ""],
            "environment_variables": {"MODE": "fast"},
            "secret_variables": {"KEY": "hush-hush"},
            "time_limit_seconds": 60,
            "description": "first",
            "tags": ["iris"],
        },
    )
    assert response.status_code == 201
    receipt = RunReceipt(**response.json())
    assert (receipt.number, receipt.state) == (1, "queued")
    read = api(bob).get("/api/v1/projects/hello/runs/1")
    body = RunDetails(**read.json())
    assert body.url.endswith("/projects/hello/runs/1/")
    assert body.arguments == ["--rate", "0.1", ""]
    assert body.environment_variables == {"MODE": "fast"}
    assert body.secret_variables == ["KEY"]
    assert body.tags == ["iris"]
    assert body.time_limit_seconds == 60
    assert b"hush-hush" not in response.content + read.content


def test_a_viewer_may_see_the_project_but_not_run_anything(api: Api, vera: User) -> None:
    response = submit(api(vera))
    assert response.status_code == 403
    assert response.json()["error"] == "forbidden"
    assert not Run.objects.exists()


def test_a_stranger_is_told_the_same_as_for_an_unknown_project(api: Api, charlie: User) -> None:
    hidden = submit(api(charlie))
    unknown = api(charlie).post("/api/v1/projects/nowhere/runs", WANTED, content_type="application/json")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content


def test_a_repeated_key_gives_the_same_run(api: Api, bob: User) -> None:
    client = api(bob)
    first = submit(client, **{"idempotency-key": "k1"})
    second = submit(client, **{"idempotency-key": "k1"})
    third = submit(client, **{"idempotency-key": "k2"})
    assert [first.status_code, second.status_code, third.status_code] == [201, 200, 201]
    assert first.json() == second.json()
    assert third.json()["number"] == 2


@pytest.mark.parametrize("key", ["x" * 101, "a\0b", "é", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(api: Api, bob: User, key: str) -> None:
    response = submit(api(bob), **{"idempotency-key": key})
    assert response.status_code == 422
    assert list(response.json()["fields"]) == ["idempotency_key"]
    assert not Run.objects.exists()


def test_every_wrong_field_is_named(api: Api, bob: User) -> None:
    response = submit(api(bob), {"script": "gone.py", "target": "moon", "tags": ["x" * 51], "time_limit_seconds": 0})
    assert response.status_code == 422
    assert set(response.json()) == {"error", "detail", "remedy", "fields"}
    refused = submit(api(bob), {"script": "gone.py", "target": "moon", "tags": ["x" * 51]})
    assert {"target", "tags"} <= set(refused.json()["fields"])


def test_submitting_takes_few_queries(
    api: Api, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(bob)
    submit(client)
    with django_assert_max_num_queries(16):
        submit(client)


def test_a_misspelt_field_is_refused_rather_than_ignored(api: Api, bob: User) -> None:
    response = submit(api(bob), WANTED | {"time_limit": 5})
    assert response.status_code == 422
    assert response.json()["fields"] == {"time_limit": ["There is no such field; look for a misspelling."]}


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        ([], {"body": ["Send one JSON object."]}),
        ("", {"body": ["This is missing."]}),
        (WANTED | {"arguments": "--rate 1"}, {"arguments": ["Send a list."]}),
        (WANTED | {"arguments": [1]}, {"arguments.0": ["Send a text."]}),
        (WANTED | {"environment_variables": []}, {"environment_variables": ["Send an object of names and values."]}),
        (WANTED | {"time_limit_seconds": "60"}, {"time_limit_seconds": ["Send a whole number."]}),
    ],
)
def test_a_value_of_another_kind_is_refused_in_plain_words(
    api: Api, bob: User, wanted: object, fields: dict[str, list[str]]
) -> None:
    response = submit(api(bob), wanted)
    assert response.status_code == 422
    assert response.json()["fields"] == fields


def test_a_waiting_run_is_cancelled_and_a_finished_one_is_a_conflict(api: Api, bob: User, run: Run) -> None:
    client = api(bob)
    response = client.post(f"/api/v1/projects/hello/runs/{run.number}/cancel")
    assert response.status_code == 202
    assert response.json()["state"] == "canceled"
    again = client.post(f"/api/v1/projects/hello/runs/{run.number}/cancel")
    assert again.status_code == 409
    assert again.json()["error"] == "run_has_ended"


def test_cancelling_twice_while_it_runs_is_no_error(api: Api, bob: User, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING)
    address = f"/api/v1/projects/hello/runs/{run.number}/cancel"
    assert [api(bob).post(address).status_code for _ in range(2)] == [202, 202]


def test_a_viewer_may_not_cancel(api: Api, vera: User, run: Run) -> None:
    assert api(vera).post(f"/api/v1/projects/hello/runs/{run.number}/cancel").status_code == 403


def test_a_rerun_keeps_its_parent(api: Api, alice: User, run: Run) -> None:
    response = api(alice).post(f"/api/v1/projects/hello/runs/{run.number}/rerun", content_type="application/json")
    assert response.status_code == 201
    assert response.json()["parent"] == run.number
    assert response.json()["created_by"] == "alice"


def test_secrets_of_another_persons_run_must_be_given_again(api: Api, bob: User, alice: User) -> None:
    number = submit(api(bob), WANTED | {"secret_variables": {"KEY": "hush-hush"}}).json()["number"]
    address = f"/api/v1/projects/hello/runs/{number}/rerun"
    refused = api(alice).post(address, content_type="application/json")
    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == ["secret_variables"]
    body = json.dumps({"secret_variables": {"KEY": "my-own-secret"}})
    assert api(alice).post(address, body, content_type="application/json").status_code == 201
    assert api(bob).post(address, content_type="application/json").status_code == 201


def test_a_viewer_is_told_that_a_rerun_needs_the_role_not_the_secrets(api: Api, bob: User, vera: User) -> None:
    number = submit(api(bob), WANTED | {"secret_variables": {"KEY": "hush-hush"}}).json()["number"]
    refused = api(vera).post(f"/api/v1/projects/hello/runs/{number}/rerun", content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


@pytest.mark.parametrize("wanted", [{}, {"script": "hello.py"}, {"target": "local"}])
def test_a_run_configuration_that_is_not_there_is_the_only_complaint(
    api: Api, bob: User, wanted: dict[str, str]
) -> None:
    refused = submit(api(bob), wanted | {"run_configuration": "nightly"})
    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == ["run_configuration"]


def test_beside_a_missing_run_configuration_wrong_names_are_still_told(api: Api, bob: User) -> None:
    refused = submit(api(bob), {"run_configuration": "nightly", "script": "nope.py", "target": "nowhere"})
    assert set(refused.json()["fields"]) == {"run_configuration", "script", "target"}


def test_a_target_file_promises_nothing_about_targets_that_one_may_not_use(
    api: Api, bob: User, project: Project, project_folder: Path, local_target: ComputeTarget
) -> None:
    (project_folder / "aml_config" / "local.compute").write_text("type: local\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    local_target.grants.all().delete()
    [sentence] = submit(api(bob)).json()["fields"]["target"]
    assert "no target local that you may use" in sentence
    assert "Ask an administrator to attach one of this name, or to grant it" in sentence


def test_the_session_works_with_the_csrf_token_only(bob: User, project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    refused = submit(client)
    assert refused.status_code == 403
    assert refused.json()["error"] == "csrf_failed"
    client.get("/login/")
    client.cookies["csrftoken"] = "a" * 32
    assert submit(client, **{"x-csrftoken": "a" * 32}).status_code == 201
