"""Submitting to Spark clusters: what an application takes, what contradicts, and what a cluster refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from computes.models import ComputeTarget
from computes.spark_resources import Resources
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.execution_requests import request_of
from runs.models import Run
from runs.run_configuration import RunConfiguration
from runs.submission import Submission, SubmissionRefused, rerun, submit_run
from tests.computes.django.cluster_parts import HEAD, LIVY

GIB = 2**30
SPARK_FILE = "aml_config/spark_dependencies.yml"
Write = Callable[..., None]


@pytest.fixture
def big(project: Project, ada: User, cluster_kinds: None) -> ComputeTarget:
    """A cluster of YARN that the project may use."""
    target: ComputeTarget = ComputeTarget.objects.create(
        name="big",
        kind="cluster",
        default_executors=2,
        default_executor_memory_bytes=4 * GIB,
        largest_executors=8,
        largest_executor_memory_bytes=16 * GIB,
        created_by=ada,
        **HEAD,
    )
    target.grants.create(project=project)
    return target


@pytest.fixture
def write(project: Project, project_folder: Path) -> Write:
    """Write files of the project and make them its code."""

    def written(**files: str) -> None:
        for name, text in files.items():
            (project_folder / "aml_config" / name.replace("__", ".")).write_text(text)
        project.current_snapshot = take_snapshot(project, project_folder)
        project.save()

    return written


def submit(user: User, project: Project, **changes: Any) -> Run:
    asked = {"script": "hello.py", "target": "big", "framework": "PySpark", **changes}
    return submit_run(user, project, Submission(**asked))


def refusal(user: User, project: Project, **changes: Any) -> dict[str, list[str]]:
    with pytest.raises(SubmissionRefused) as refused:
        submit(user, project, **changes)
    return refused.value.errors


def test_what_is_asked_for_is_frozen_over_what_the_target_gives(
    bob: User, project: Project, big: ComputeTarget
) -> None:
    run = submit(bob, project, resources=Resources(executors=3, executor_cores=2))
    asked = RunConfiguration.from_json(run.configuration)
    assert asked.asked_resources == Resources(3, 2, 4 * GIB, None)
    assert asked.spark_settings.configuration == {
        "spark.executor.instances": "3",
        "spark.executor.cores": "2",
        "spark.executor.memory": "4g",
        "spark.dynamicAllocation.maxExecutors": "8",
    }
    big.default_executors, big.default_executor_memory_bytes = 1, GIB
    big.save()
    request = request_of(run)
    assert request.spark.configuration["spark.executor.memory"] == "4g"
    assert (request.resources.executors, request.resources.executor_memory) == (3, "4g")
    again = rerun(bob, run)
    assert again.configuration == run.configuration


def test_properties_of_the_project_count_before_the_target(
    bob: User, project: Project, big: ComputeTarget, write: Write
) -> None:
    write(spark_dependencies__yml="configuration:\n  spark.executor.memory: 8192m\n  spark.executor.instances: 5\n")
    run = submit(bob, project, resources=Resources(executors=5, executor_memory_bytes=8 * GIB))
    assert RunConfiguration.from_json(run.configuration).asked_resources == Resources(5, None, 8 * GIB, None)
    assert RunConfiguration.from_json(submit(bob, project).configuration).asked_resources.executors == 5


@pytest.mark.parametrize(
    ("properties", "wanted", "field", "words"),
    [
        ("spark.executor.memory: 8g", Resources(executor_memory_bytes=4 * GIB), "executor_memory_bytes",
         f"{SPARK_FILE} says spark.executor.memory: 8g. Leave this empty, or take that line out."),
        ("spark.executor.instances: 3", Resources(executors=4), "executors", "says spark.executor.instances: 3"),
        ("spark.driver.memory: lots", Resources(), "driver_memory_bytes",
         "which Spark cannot read. Write for example 4g."),
        ("spark.executor.cores: many", Resources(), "executor_cores", "Write for example 4."),
        ("", Resources(executors=9), "executors", "At most 8 on big; ask for less."),
        ("", Resources(executor_memory_bytes=32 * GIB), "executor_memory_bytes", "At most 16 GiB on big"),
        ("spark.executor.memory: 64g", Resources(), "executor_memory_bytes",
         f"{SPARK_FILE} asks for 64 GiB. At most 16 GiB"),
        ("", Resources(executors=0), "executors", "From 1 to"),
        ("", Resources(driver_memory_bytes=1), "driver_memory_bytes", "From 512 MiB to"),
        ("spark.dynamicAllocation.enabled: true\n  spark.dynamicAllocation.minExecutors: 50", Resources(), "executors",
         "minExecutors: 50. At most 8 on big"),
        (f"spark.dynamicAllocation.minExecutors: {'9' * 5000}", Resources(), "executors", "9. At most 8 on big"),
    ],
)  # fmt: skip
def test_what_contradicts_or_is_too_much_is_found_on_its_field(
    properties: str, wanted: Resources, field: str, words: str,
    bob: User, project: Project, big: ComputeTarget, write: Write,
) -> None:  # fmt: skip
    if properties:
        write(spark_dependencies__yml=f"configuration:\n  {properties}\n")
    errors = refusal(bob, project, resources=wanted)
    assert list(errors) == [field]
    assert words in errors[field][0]


def test_where_spark_decides_on_executors_it_may_not_take_more_than_is_allowed(
    bob: User, project: Project, big: ComputeTarget, write: Write
) -> None:
    write(spark_dependencies__yml="configuration:\n  spark.dynamicAllocation.enabled: true\n")
    said = RunConfiguration.from_json(submit(bob, project).configuration).spark_settings.configuration
    assert said["spark.dynamicAllocation.maxExecutors"] == "8"
    write(spark_dependencies__yml="configuration:\n  spark.dynamicAllocation.initialExecutors: 9\n")
    assert "At most 8 on big" in refusal(bob, project)["executors"][0], "the head node may switch it on"


def test_a_standalone_master_counts_cores(bob: User, project: Project, big: ComputeTarget, write: Write) -> None:
    big.spark_master, big.yarn_deploy_mode, big.default_executors, big.largest_executor_cores = (
        "spark://a:7077",
        "client",
        None,
        2,
    )
    big.save()
    said = RunConfiguration.from_json(submit(bob, project).configuration)
    assert said.spark_settings.configuration["spark.cores.max"] == "8", "the most, where nothing is asked"
    said = RunConfiguration.from_json(submit(bob, project, resources=Resources(executors=3)).configuration)
    assert said.spark_settings.configuration["spark.cores.max"] == "3"
    write(spark_dependencies__yml="configuration:\n  spark.cores.max: 100\n")
    assert "At most 16 on big" in refusal(bob, project)["executors"][0]


def test_executors_are_for_pyspark_on_clusters_only(
    bob: User, project: Project, big: ComputeTarget, local_target: ComputeTarget
) -> None:
    for changes in ({"target": "local"}, {"target": "local", "framework": "Python"}):
        errors = refusal(bob, project, resources=Resources(executors=2, driver_memory_bytes=GIB), **changes)
        assert list(errors) == ["executors", "driver_memory_bytes"]
        assert "Leave this empty" in errors["executors"][0]
    big.spark_master = "local[*]"
    big.save()
    assert list(refusal(bob, project, resources=Resources(executors=2))) == ["executors"]


def test_plain_python_on_a_cluster_is_refused_with_what_to_change(
    bob: User, project: Project, big: ComputeTarget
) -> None:
    assert "Change Framework to PySpark" in refusal(bob, project, framework="Python")["target"][0]


def test_a_shared_folder_on_a_cluster_is_refused_with_what_to_do(
    bob: User, project: Project, big: ComputeTarget, write: Write
) -> None:
    write(big__compute="type: cluster\naddress: head.lab.example\nusername: spark\nnativeSharedDirectory: ~/share\n")
    (told,) = refusal(bob, project)["target"]
    assert "aml_config/big.compute asks for a shared folder, and a Spark cluster has none" in told
    assert "hdfs:///data" in told


def test_the_projects_deploy_mode_is_frozen_and_keys_of_others_are_named(
    bob: User, project: Project, big: ComputeTarget, write: Write
) -> None:
    write(
        big__compute="type: cluster\naddress: head.lab.example\nusername: spark\nyarnDeployMode: client\n"
        "queue: mine\nsharedVolumes: true\n",
        spark_dependencies__yml="configuration:\n  spark.master: yarn\n  spark.sql.x: 1\n",
    )
    big.yarn_deploy_mode = "cluster"
    big.save()
    run = submit(bob, project)
    assert run.configuration["target_overrides"] == {"deploy_mode": "client"}
    assert set(run.configuration["without_effect"]) == {"queue", "sharedVolumes", "spark.master"}
    cluster = request_of(run).address.settings.cluster
    assert cluster is not None
    assert cluster.deploy_mode == "client"


@pytest.fixture
def far(project: Project, ada: User) -> ComputeTarget:
    """A cluster behind Livy that the project may use."""
    target: ComputeTarget = ComputeTarget.objects.create(name="far", kind="livy", created_by=ada, **LIVY)
    target.grants.create(project=project)
    return target


ASKING = "ArgumentVector: [hello.py]\nTarget: far\nFramework: PySpark\nCondaDependenciesFile: aml_config/packages.yml\n"


def test_packages_that_cannot_be_brought_to_livy_are_refused_unless_one_does_without(
    bob: User, project: Project, far: ComputeTarget, write: Write
) -> None:
    write(far__runconfig=ASKING, packages__yml="name: x\ndependencies: [numpy]\n")
    errors = refusal(bob, project, target="far", run_configuration="far")
    assert list(errors) == ["run_configuration"]
    assert "asks for the packages of aml_config/packages.yml" in errors["run_configuration"][0]
    assert "PrepareEnvironment: false" in errors["run_configuration"][0]
    write(far__runconfig=f"{ASKING}PrepareEnvironment: false\n")
    run = submit(bob, project, target="far", run_configuration="far")
    asked = RunConfiguration.from_json(run.configuration)
    assert (asked.without_effect, asked.environment_file) == (("CondaDependenciesFile",), "")
    write(far__runconfig=ASKING.replace("CondaDependenciesFile: aml_config/packages.yml\n", ""))
    assert submit(bob, project, target="far", run_configuration="far").environment_hash == ""
    assert list(refusal(bob, project, target="far", environment_lock="a" * 64)) == ["environment_lock"]


def test_packages_are_taken_along_where_environments_are_prepared_for_livy(
    bob: User, project: Project, far: ComputeTarget, write: Write
) -> None:
    far.user_managed_environment = False
    far.save()
    write(far__runconfig=f"{ASKING}PrepareEnvironment: true\n", packages__yml="name: x\ndependencies: [numpy]\n")
    asked = RunConfiguration.from_json(submit(bob, project, target="far", run_configuration="far").configuration)
    assert (asked.without_effect, asked.environment_file) == ((), "aml_config/packages.yml")
    assert submit(bob, project, target="far", environment_lock="a" * 64)


def test_properties_that_livy_sets_itself_are_listed_as_without_effect(
    bob: User, project: Project, far: ComputeTarget, write: Write
) -> None:
    properties = "spark.master: local\n  spark.app.name: x\n  spark.yarn.queue: mine\n  spark.ui.port: 1\n"
    write(spark_dependencies__yml=f"configuration:\n  {properties}")
    run = submit(bob, project, target="far")
    assert RunConfiguration.from_json(run.configuration).without_effect == ("spark.master", "spark.app.name")
