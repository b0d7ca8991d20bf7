"""Names and values of variables that no program can be given are refused on their field, whichever way they come."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.models import Run
from runs.submission import Submission, SubmissionRefused, submit_run
from tests.runs.lists.test_submit_form import ADDRESS, form

LONG = "x" * 131_072
HOSTILE = [
    ("A=B", "c", "cannot be"),
    ("A\0B", "c", "NUL"),
    ("A\nB", "c", "cannot be"),
    ("AMLWEB_OUTPUTS", "/", "set by amlweb itself"),
    ("A", "c\0", "NUL"),
    ("A", LONG, "longer than 128 KiB"),
    ("A", LONG * 16, "longer than 128 KiB"),
]
LOADERS = {"LD_PRELOAD": "/nowhere.so", "PATH": "/nowhere", "PYTHONPATH": "lib"}


@pytest.fixture(autouse=True)
def _ready(project: Project, local_target: ComputeTarget, bob: User, client: Client) -> None:
    """Bob is signed in and has a place to run."""
    client.force_login(bob)


def in_form(client: Client, name: str, value: str) -> str:
    """Return the words of the form, which keeps its rows."""
    answer = client.post(ADDRESS, form((name, value, False)))
    assert answer.status_code == 422
    return answer.content.decode()


def over_the_api(client: Client, name: str, value: str) -> str:
    """Return the words on the field of the call."""
    body = {"script": "hello.py", "target": "local", "environment_variables": {name: value}}
    answer = client.post("/api/v1/projects/hello/runs", body, content_type="application/json")
    assert answer.status_code == 422
    return " ".join(answer.json()["fields"]["environment_variables"])


def in_a_file(folder: Path, project: Project, person: User, name: str, value: str) -> str:
    """Return the words about a run configuration of the project's code."""
    text = {"ArgumentVector": ["hello.py"], "Target": "local", "EnvironmentVariables": {name: value}}
    (folder / "aml_config" / "box.runconfig").write_text(json.dumps(text))
    project.current_snapshot = take_snapshot(project, folder)
    project.save()
    with pytest.raises(SubmissionRefused) as caught:
        submit_run(person, project, Submission(run_configuration="box"))
    return " ".join(caught.value.errors["run_configuration"])


@pytest.mark.parametrize(("name", "value", "words"), HOSTILE)
def test_what_no_program_can_be_given_is_refused_on_its_field_in_each_way(
    client: Client, project: Project, project_folder: Path, bob: User, name: str, value: str, words: str
) -> None:
    if "\n" not in name:  # a browser sends none in a line of text
        said = in_form(client, name, value)
        assert words.lower() in said.lower(), said
    assert words.lower() in over_the_api(client, name, value).lower()
    said = in_a_file(project_folder, project, bob, name, value)
    assert "box.runconfig: The file is larger" in said if len(value) > 1_000_000 else words.lower() in said.lower()
    assert not Run.objects.exists()


def test_an_empty_name_is_refused(client: Client, project: Project, project_folder: Path, bob: User) -> None:
    assert "Give the variable a name" in in_form(client, "", "c")
    assert "cannot be the name" in over_the_api(client, "", "c")
    assert "cannot be the name" in in_a_file(project_folder, project, bob, "", "c")


def test_a_body_larger_than_the_server_takes_is_no_run_and_no_failure_of_ours(client: Client) -> None:
    assert client.post(ADDRESS, form(("A", LONG * 24, False))).status_code in (400, 413)
    assert not Run.objects.exists()


def test_what_a_loader_reads_is_a_variable_like_any_other(project: Project, bob: User) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="local", environment_variables=LOADERS))
    assert run.configuration["environment_variables"] == LOADERS
