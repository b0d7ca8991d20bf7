"""The project's page says of each environment that run configurations ask for on a target how it is there."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from computes.models import ComputeTarget, TargetEnvironment
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.environment_needs import needs_on
from runs.environment_readiness import EnvironmentReadiness
from tests.computes.django.environment_parts import Workshop, is_over, work_until
from tests.runs.pages.conftest import SeenBy

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "aml_config/conda_dependencies.yml"


def conda_file(folder: Path, path: str, *packages: str) -> None:
    listed = "".join(f"  - {package}\n" for package in packages)
    (folder / path).write_text(f"name: own\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n{listed}")


def run_configuration(folder: Path, name: str, **keys: str) -> None:
    said = {"ArgumentVector": "[hello.py]", "Framework": "Python", "Target": "bench", **keys}
    text = "".join(f"{key}: {value}\n" for key, value in said.items() if value)
    (folder / "aml_config" / f"{name}.runconfig").write_text(text)


def new_code(project: Project, folder: Path) -> None:
    project.current_snapshot = take_snapshot(project, folder)
    project.save()


def environments_on(client: Client, name: str = "bench") -> list[EnvironmentReadiness]:
    rows = {row.choice.name: row for row in client.get("/projects/hello/").context["readiness"]}
    return list(rows[name].environments)


def names_of(found: list[EnvironmentReadiness]) -> list[tuple[str, ...]]:
    return [each.configurations for each in found]


def test_run_configurations_that_ask_for_the_same_are_one_environment_without_a_word_about_them(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    conda_file(project_folder, FILE, "numpy")
    conda_file(project_folder, "aml_config/same.yml", "numpy")
    run_configuration(project_folder, "train")
    run_configuration(project_folder, "score", CondaDependenciesFile="aml_config/same.yml")
    new_code(workshop.project, project_folder)
    client = seen_by(bob)
    assert names_of(environments_on(client)) == [("score", "train")]
    page = client.get("/projects/hello/").content.decode()
    assert page.count("Its environment is not built there yet.") == 1
    assert "<span>For <code>" not in page


def test_each_environment_is_judged_and_prepared_by_itself(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    conda_file(project_folder, FILE, "numpy")
    conda_file(project_folder, "aml_config/gpu.yml", "torch")
    run_configuration(project_folder, "train", CondaDependenciesFile="aml_config/gpu.yml")
    run_configuration(project_folder, "score")
    run_configuration(project_folder, "again", Target="bench.compute")
    run_configuration(project_folder, "elsewhere", Target="other", CondaDependenciesFile="aml_config/none.yml")
    new_code(workshop.project, project_folder)
    client = seen_by(bob)
    assert names_of(environments_on(client)) == [("again", "score"), ("train",)]
    page = client.get("/projects/hello/").content.decode()
    assert "<span>For <code>again</code>, <code>score</code>:</span>" in page
    assert "<span>For <code>train</code>:</span>" in page
    forms = re.findall(r'name="target" value="bench"><input type="hidden" name="run_configuration" value="(\w+)"', page)
    assert forms == ["again", "train"]
    client.post("/projects/hello/prepare/", {"target": "bench", "run_configuration": "train"})
    row = work_until(is_over, TargetEnvironment.objects.get())
    assert "torch" in row.asked["conda"]
    first, second = environments_on(client)
    assert (first.environment, first.can_be_prepared) == (None, True)
    assert (second.environment, second.can_be_prepared) == (row, False)


def test_without_run_configurations_for_a_target_it_is_what_any_code_needs(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run_configuration(project_folder, "elsewhere", Target="other")
    new_code(workshop.project, project_folder)
    (only,) = environments_on(seen_by(bob))
    assert (only.configurations, only.run_configuration, only.can_be_prepared) == ((), "", True)


def test_run_configurations_that_prepare_nothing_say_so_until_it_is_there(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run_configuration(project_folder, "train")
    run_configuration(project_folder, "quick", PrepareEnvironment="false")
    new_code(workshop.project, project_folder)
    client = seen_by(bob)
    assert [each.waiting for each in environments_on(client)] == [("quick",)]
    words = "Runs of <code>quick</code> build nothing and fail until it is prepared."
    assert words in client.get("/projects/hello/").content.decode()
    client.post("/projects/hello/prepare/", {"target": "bench", "run_configuration": "quick"})
    work_until(is_over, TargetEnvironment.objects.get())
    assert [each.waiting for each in environments_on(client)] == [()]
    assert words not in client.get("/projects/hello/").content.decode()


def test_what_keeps_a_run_configuration_from_its_environment_is_said(
    seen_by: SeenBy, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run_configuration(project_folder, "train")
    run_configuration(project_folder, "lost", CondaDependenciesFile="aml_config/none.yml")
    new_code(workshop.project, project_folder)
    found = {each.configurations: each for each in environments_on(seen_by(bob))}
    assert found[("train",)].problem == ""
    assert "the project has no such file" in found[("lost",)].problem
    assert not found[("lost",)].can_be_prepared


def test_a_framework_that_a_target_does_not_run_is_said(
    workshop: Workshop, project_folder: Path, cluster_kinds: None
) -> None:
    head = ComputeTarget(name="head", kind=ComputeTarget.Kind.CLUSTER)
    run_configuration(project_folder, "plain", Target="head")
    run_configuration(project_folder, "spark", Target="head", Framework="PySpark")
    new_code(workshop.project, project_folder)
    assert workshop.project.current_snapshot is not None
    found = {need.name: need.problem for need in needs_on(head, workshop.project.current_snapshot)}
    assert set(found) == {"plain", "spark"}
    assert "does not run Python scripts" in found["plain"]
    assert found["spark"] == ""


def test_many_run_configurations_on_many_targets_cost_no_more_queries(
    seen_by: SeenBy, bob: User, ada: User, workshop: Workshop, project_folder: Path
) -> None:
    conda_file(project_folder, "aml_config/first.yml", "numpy")
    run_configuration(project_folder, "first", CondaDependenciesFile="aml_config/first.yml")
    new_code(workshop.project, project_folder)
    client = seen_by(bob)
    few = queries_of(client)
    for number in range(30):
        conda_file(project_folder, f"aml_config/many{number}.yml", f"package{number}")
        path = f"aml_config/many{number}.yml"
        run_configuration(project_folder, f"many{number}", Target=f"bench{number % 10}", CondaDependenciesFile=path)
    new_code(workshop.project, project_folder)
    for number in range(19):
        target = ComputeTarget.objects.create(
            name=f"bench{number}",
            kind=ComputeTarget.Kind.REMOTE,
            user_managed_environment=False,
            address="bench.example",
            created_by=ada,
        )
        target.grants.create(project=workshop.project)
    assert queries_of(client) == few
    assert len(environments_on(client, "bench9")) == 3
    assert len(environments_on(client, "bench18")) == 1


def queries_of(client: Client) -> int:
    """Return how many queries the page costs once the code was read."""
    client.get("/projects/hello/")
    with CaptureQueriesContext(connection) as context:
        assert client.get("/projects/hello/").status_code == 200
    return len(context)
