"""Pages about Spark clusters: attaching, the target's page, the submit form, readiness, configuration, comparison."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.models import Run
from tests.computes.django.cluster_parts import HEAD, LIVY

GIB = 2**30
RUN_CONFIGURATION = "Script: hello.py\nTarget: big\nFramework: PySpark\n"


@pytest.fixture
def big(project: Project, project_folder: object, ada: User, cluster_kinds: None) -> ComputeTarget:
    """A cluster that the project may use and has a run configuration for."""
    target: ComputeTarget = ComputeTarget.objects.create(
        name="big", kind="cluster", created_by=ada, default_executors=2, largest_executors=8,
        host_keys=["ssh-ed25519 AAAA"], user_managed_environment=False, **HEAD,
    )  # fmt: skip
    target.grants.create(project=project)
    return target


@pytest.fixture
def page_of(project: Project, client: Client, bob: User) -> Client:
    """Bob, signed in."""
    client.force_login(bob)
    return client


def give(project: Project, folder: object, **files: str) -> None:
    for name, text in files.items():
        (folder / "aml_config" / name.replace("__", ".")).write_text(text)  # type: ignore[operator]
    project.current_snapshot = take_snapshot(project, folder)  # type: ignore[arg-type]
    project.save()


def test_a_cluster_is_attached_by_its_page_and_shows_how_it_is_set_up(
    client: Client, ada: User, cluster_kinds: None, data_dir: object
) -> None:
    client.force_login(ada)
    address = reverse("compute_new") + "?kind=cluster"
    assert "any code on the cluster" in client.get(address).content.decode()
    sent = {
        "name": "big", "slots": "2", "lost_after_seconds": "1 d", "address": "head.lab.example", "username": "spark",
        "keep_alive_seconds": "15", "credential": "key_pair", "spark_master": "yarn", "yarn_deploy_mode": "cluster",
        "python_location": "python3", "default_executors": "2", "largest_executors": "8", "yarn_queue": "research",
    }  # fmt: skip
    page = client.post(address, sent, follow=True).content.decode()
    assert "Approve its host key" in page
    assert "2 executors" in page
    assert "8 executors" in page
    assert "research" in page
    assert "on a node of the cluster" in page
    assert "of the project&#x27;s conda file, sent along" in page or "of the project's conda file, sent along" in page


def test_livy_is_attached_by_its_page_and_shows_no_password(
    client: Client, ada: User, cluster_kinds: None, data_dir: object
) -> None:
    client.force_login(ada)
    sent = {
        "name": "far", "slots": "2", "lost_after_seconds": "1 d", "python_location": "python3", **LIVY,
        "livy_username": "admin", "livy_password": "hush-hush",
    }  # fmt: skip
    page = client.post(reverse("compute_new") + "?kind=livy", sent, follow=True).content.decode()
    assert "far is attached and being checked." in page
    assert LIVY["storage_uri"] in page
    edit = client.get(reverse("compute_edit", args=["far"])).content.decode()
    assert "hush" not in page + edit
    assert LIVY["livy_url"] in edit


def test_the_submit_form_asks_for_executors_where_pyspark_runs_on_a_cluster(
    page_of: Client, big: ComputeTarget, project: Project, project_folder: object, local_target: ComputeTarget
) -> None:
    give(project, project_folder, spark__runconfig=RUN_CONFIGURATION)
    assert 'name="executors"' not in page_of.get("/projects/hello/submit/").content.decode()
    page = page_of.get("/projects/hello/submit/?run_configuration=spark").content.decode()
    assert 'name="executors"' in page
    assert "gives 2 executors; at most 8 executors" in page
    sent = {
        "script": "hello.py", "target": "big", "run_configuration": "spark", "idempotency_key": "k",
        "executors": "9", "executor_memory_bytes": "4 GiB", "variables-TOTAL_FORMS": 0, "variables-INITIAL_FORMS": 0,
    }  # fmt: skip
    refused = page_of.post("/projects/hello/submit/", sent)
    assert refused.status_code == 422
    assert refused.context["form"].errors == {"executors": ["At most 8 on big; ask for less."]}
    assert 'value="4 GiB"' in refused.content.decode()
    assert page_of.post("/projects/hello/submit/", {**sent, "executors": "3"}).status_code == 302
    run = Run.objects.get()
    page = page_of.get(reverse("run_configuration", args=["hello", 1])).content.decode()
    assert "3 executors, 4 GiB each" in page
    assert "spark.executor.instances" in page
    again = page_of.get("/projects/hello/submit/?parent=1").context["form"]
    assert (again["executors"].value(), again["executor_memory_bytes"].value()) == (3, "4 GiB")
    assert run.configuration["resources"] == {"executors": 3, "executor_memory_bytes": 4 * GIB}


def test_executors_that_make_no_sense_are_refused_beside_their_field(
    page_of: Client, local_target: ComputeTarget
) -> None:
    sent = {
        "script": "hello.py",
        "target": "local",
        "executors": "2",
        "variables-TOTAL_FORMS": 0,
        "variables-INITIAL_FORMS": 0,
    }
    refused = page_of.post("/projects/hello/submit/", sent)
    assert refused.status_code == 422
    assert "Only PySpark runs on a Spark cluster take executors" in refused.content.decode()


def test_the_readiness_of_a_cluster_is_that_of_pyspark_and_names_keys_without_effect(
    page_of: Client, big: ComputeTarget, project: Project, project_folder: object
) -> None:
    file = "type: cluster\naddress: head.lab.example\nusername: spark\nqueue: mine\nbaseDockerImage: x:1\n"
    give(project, project_folder, big__compute=file)
    (each,) = page_of.get(project.get_absolute_url()).context["readiness"]
    assert (each.choice.refusal, each.packages) == ("", "made from the project's conda file")
    assert set(each.silent_keys) == {"queue", "baseDockerImage"}
    give(project, project_folder, big__compute=f"{file}nativeSharedDirectory: ~/share\n")
    (each,) = page_of.get(project.get_absolute_url()).context["readiness"]
    assert "a Spark cluster has none" in each.choice.refusal


def test_a_comparison_shows_what_applications_took(
    page_of: Client, big: ComputeTarget, project: Project, project_folder: object
) -> None:
    give(project, project_folder, spark__runconfig=RUN_CONFIGURATION)
    for executors in ("3", "4"):
        sent = {"script": "hello.py", "target": "big", "run_configuration": "spark", "executors": executors,
                "variables-TOTAL_FORMS": 0, "variables-INITIAL_FORMS": 0}  # fmt: skip
        assert page_of.post("/projects/hello/submit/", sent).status_code == 302
    page = page_of.get("/projects/hello/compare/?runs=1,2").content.decode()
    assert "3 executors" in page
    assert "4 executors" in page
