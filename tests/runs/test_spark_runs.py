"""What a project asks of Spark is read when a run is submitted, frozen with it, shown and repeated."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.contract import Framework, SparkSettings
from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.execution_requests import request_of
from runs.lifecycle.excerpt import Excerpt, failure_excerpt
from runs.lifecycle.outcome import Outcome
from runs.lifecycle.spark_outcome import outcome_with_spark
from runs.log_file import LogFile
from runs.models import Run
from runs.status import FailureReason, State
from runs.submission import Submission, SubmissionRefused, rerun, submit_run

DEPENDENCIES = """configuration:
  spark.executor.memory: 1g
  spark.master: yarn
  mine: 1
repositories: [https://repo.example/maven]
packages:
  - {group: org.example, artifact: towel, version: '1.0'}
"""
ASKED = SparkSettings(
    {"spark.executor.memory": "1g", "spark.master": "yarn", "mine": "1"},
    ("https://repo.example/maven",),
    ("org.example:towel:1.0",),
)
UNRESOLVED = (
    'Exception in thread "main" java.lang.RuntimeException: [unresolved dependency: org.example#towel;1.0: not found]\n'
)


@pytest.fixture
def spark(project: Project, project_folder: Path, local_target: ComputeTarget) -> Path:
    """Give the project a run configuration for PySpark and return its configuration folder."""
    folder = project_folder / "aml_config"
    (folder / "spark.runconfig").write_text("ArgumentVector: [hello.py]\nTarget: local\nFramework: PySpark\n")
    (folder / "spark_dependencies.yml").write_text(DEPENDENCIES)
    renew(project, folder)
    return folder


def renew(project: Project, folder: Path) -> None:
    project.current_snapshot = take_snapshot(project, folder.parent)
    project.save()


def test_what_is_asked_of_spark_is_frozen_and_repeated(spark: Path, project: Project, bob: User) -> None:
    run = submit_run(bob, project, Submission(run_configuration="spark"))
    (spark / "spark_dependencies.yml").write_text("packages: []\n")
    renew(project, spark)
    for each in (run, rerun(bob, run)):
        request = request_of(Run.objects.get(pk=each.pk))
        assert request.framework == Framework.PYSPARK
        assert request.spark == ASKED
    assert list(run.configuration["without_effect"]) == ["spark.master", "mine"]


def test_the_page_and_the_api_show_what_spark_is_told(spark: Path, project: Project, bob: User, client: Client) -> None:
    run = submit_run(bob, project, Submission(run_configuration="spark"))
    client.force_login(bob)
    page = client.get(f"/projects/hello/runs/{run.number}/configuration/").content.decode()
    for shown in ("spark.executor.memory", "local[*]", "org.example:towel:1.0", "https://repo.example/maven"):
        assert shown in page
    assert "<code>yarn</code>" not in page
    asked = client.get(f"/api/v1/projects/hello/runs/{run.number}").json()["spark"]
    assert asked["packages"] == ["org.example:towel:1.0"]


def test_a_secret_among_the_properties_reaches_spark_and_is_shown_nowhere(
    spark: Path, project: Project, bob: User, client: Client
) -> None:
    (spark / "spark_dependencies.yml").write_text(
        "configuration:\n  spark.hadoop.fs.s3a.secret.key: hush-hush\n"
        "repositories:\n  - https://bob:hush-hush@repo.example/maven\n"
    )
    renew(project, spark)
    runs = [submit_run(bob, project, Submission(run_configuration="spark")) for _ in range(2)]
    asked = request_of(runs[0]).spark
    assert asked.configuration == {"spark.hadoop.fs.s3a.secret.key": "hush-hush"}
    assert asked.repositories == ("https://bob:hush-hush@repo.example/maven",)
    client.force_login(bob)
    for address in (
        f"/projects/hello/runs/{runs[0].number}/configuration/",
        f"/projects/hello/compare/?runs={runs[0].number},{runs[1].number}",
        f"/api/v1/projects/hello/runs/{runs[0].number}",
    ):
        page = client.get(address).content.decode()
        assert "spark.hadoop.fs.s3a.secret.key" in page
        assert "hush-hush" not in page


def test_a_framework_can_be_named_without_a_run_configuration(spark: Path, project: Project, bob: User) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="local", framework="PySpark"))
    assert request_of(run).spark == ASKED
    plain = submit_run(bob, project, Submission(run_configuration="spark", framework="Python"))
    assert request_of(plain).framework == Framework.PYTHON
    assert request_of(plain).spark == SparkSettings()


def test_the_form_takes_a_framework_and_keeps_it_when_a_run_is_repeated(
    spark: Path, project: Project, bob: User, client: Client
) -> None:
    client.force_login(bob)
    typed = {"script": "hello.py", "target": "local", "framework": "PySpark", "variables-TOTAL_FORMS": "0"}
    answer = client.post("/projects/hello/submit/", {**typed, "variables-INITIAL_FORMS": "0"})
    assert answer.status_code == 302, answer.content.decode()
    run = Run.objects.get()
    assert request_of(run).framework == Framework.PYSPARK
    page = client.get(f"/projects/hello/submit/?parent={run.number}").content.decode()
    assert '<option value="PySpark" selected>' in page
    page = client.get(f"/projects/hello/submit/?parent={run.number}&run_configuration=spark").content.decode()
    assert '<option value="" selected>' in page


def test_a_file_that_is_named_and_not_there_is_refused(spark: Path, project: Project, bob: User) -> None:
    with (spark / "spark.runconfig").open("a") as file:
        file.write("SparkDependenciesFile: aml_config/gone.yml\n")
    renew(project, spark)
    with pytest.raises(SubmissionRefused, match=r"aml_config/gone\.yml, which the project does not have"):
        submit_run(bob, project, Submission(run_configuration="spark"))


def test_a_file_with_an_error_is_refused_with_its_line(spark: Path, project: Project, bob: User) -> None:
    (spark / "spark_dependencies.yml").write_text("packages:\n  - just-a-name\n")
    renew(project, spark)
    with pytest.raises(SubmissionRefused, match=r"spark_dependencies.yml, line 2: A package needs a group"):
        submit_run(bob, project, Submission(run_configuration="spark"))
    plain = submit_run(bob, project, Submission(run_configuration="spark", framework="Python"))
    assert plain.configuration["spark"] == {}


def verdict_on(tmp_path: Path, log: str) -> Outcome:
    (tmp_path / "log").write_text(log)
    file = LogFile(tmp_path / "log")
    return outcome_with_spark(Outcome(State.FAILED, FailureReason.SCRIPT_FAILED, "x"), failure_excerpt(file), file)


def test_a_package_that_cannot_be_had_is_the_reason_and_named(tmp_path: Path) -> None:
    outcome = verdict_on(tmp_path, f"some words\n{UNRESOLVED}\tat org.apache.spark.util\n")
    assert outcome.reason == FailureReason.PREPARATION_FAILED
    assert "org.example:towel:1.0" in outcome.detail


def test_a_traceback_of_the_script_counts_more_than_words_of_spark(tmp_path: Path) -> None:
    log = f"{UNRESOLVED}Traceback (most recent call last):\n  File 'x'\nValueError: mine\n"
    assert verdict_on(tmp_path, log).reason == FailureReason.SCRIPT_FAILED


@pytest.mark.parametrize(
    "words",
    [
        "ipc.Client: Retrying connect to server: head/10.0.0.4:8032. Already tried 9 time(s)",
        "WARN ipc.Client: GSSException: No valid credentials provided",
    ],
)
def test_a_traceback_counts_more_than_what_a_cluster_got_over(words: str, tmp_path: Path) -> None:
    assert verdict_on(tmp_path, f"{words}\n").reason == FailureReason.PREPARATION_FAILED
    log = f"{words}\nTraceback (most recent call last):\n  File 'x'\nValueError: mine\n"
    assert verdict_on(tmp_path, log).reason == FailureReason.SCRIPT_FAILED


def test_what_ends_every_application_counts_beside_the_traceback_that_repeats_it(tmp_path: Path) -> None:
    log = "All masters are unresponsive! Giving up.\nTraceback (most recent call last):\n  File 'x'\nPy4JError: y\n"
    assert verdict_on(tmp_path, log).reason == FailureReason.PREPARATION_FAILED


def test_java_without_memory_is_out_of_memory_whatever_the_traceback(tmp_path: Path) -> None:
    log = "java.lang.OutOfMemoryError: Java heap space\nTraceback (most recent call last):\n  File 'x'\nE: y\n"
    assert verdict_on(tmp_path, log).reason == FailureReason.OUT_OF_MEMORY


def test_java_without_memory_has_a_remedy_also_where_the_traceback_says_so(tmp_path: Path) -> None:
    error = "py4j.protocol.Py4JJavaError: An error occurred while calling o1.collect."
    log = f"Traceback (most recent call last):\n  File 'x'\n{error}\n: java.lang.OutOfMemoryError: Java heap space\n"
    (tmp_path / "log").write_text(log)
    file = LogFile(tmp_path / "log")
    excerpt = failure_excerpt(file)
    read_from_log = Outcome(State.FAILED, FailureReason.OUT_OF_MEMORY, excerpt.error)
    found = outcome_with_spark(read_from_log, excerpt, file)
    assert (found.reason, excerpt.error) == (FailureReason.OUT_OF_MEMORY, "java.lang.OutOfMemoryError: Java heap space")
    assert "Set spark.driver.memory higher." in found.detail
    by_the_kernel = Outcome(State.FAILED, FailureReason.OUT_OF_MEMORY, "The kernel ended a process of it.")
    assert outcome_with_spark(by_the_kernel, excerpt, file) is by_the_kernel


def test_only_a_failed_script_is_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(UNRESOLVED)
    outcome = Outcome(State.COMPLETED)
    assert outcome_with_spark(outcome, Excerpt(), LogFile(tmp_path / "log")) is outcome
