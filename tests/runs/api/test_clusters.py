"""Spark clusters over the API: attached, changed, read, and runs submitted to them."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.models import ComputeTarget
from computes.target_settings import secret_of
from projects.models import Project
from runs.api.answer_schemas import RunDetails
from runs.api.target_schemas import TargetDetails
from runs.models import Run
from tests.computes.django.cluster_parts import LIVY
from tests.runs.api.conftest import Api

CLUSTER: dict[str, Any] = {"name": "big", "kind": "cluster", "address": "head.lab.example:2222", "username": "spark"}


@pytest.fixture
def client(api: Api, ada: User, data_dir: object, cluster_kinds: None) -> Client:
    """Ada, who administers."""
    return api(ada)


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    return client.generic(method, f"/api/v1{path}", json.dumps(body), "application/json")


def test_a_cluster_is_attached_changed_and_read(client: Client) -> None:
    facts = {
        "spark_configuration": {"spark.sql.shuffle.partitions": "400"},
        "worker_nodes": ["node1", "root@node2:2222"],
        "default_executors": 2,
        "largest_executor_memory_bytes": 16 * 2**30,
        "yarn_deploy_mode": "client",
        "application_url": "https://rm.example/cluster/app/{application}",
    }
    answer = send(client, "POST", "/targets", {**CLUSTER, **facts})
    assert answer.status_code == 201, answer.content
    shown = TargetDetails(**answer.json())
    assert {name: getattr(shown, name) for name in facts} == facts
    assert (shown.spark_master, shown.port, shown.host_key_state) == ("yarn", 2222, "unseen")
    before = ComputeTarget.objects.values().get()
    changed = send(client, "PATCH", "/targets/big", {"yarn_queue": "q"})
    assert changed.status_code == 200, changed.content
    assert ComputeTarget.objects.values().get() == {**before, "yarn_queue": "q"}
    refused = send(client, "PATCH", "/targets/big", {"spark_configuration": {"spark.my.password": "hush"}})
    assert list(refused.json()["fields"]) == ["spark_configuration"]
    assert "hush" not in refused.content.decode()


def test_passwords_of_livy_go_in_and_never_come_out(client: Client) -> None:
    facts = {
        **LIVY,
        "livy_username": "admin",
        "livy_password": "hush",
        "storage_username": "me",
        "storage_password": "hush",
    }
    answers = [send(client, "POST", "/targets", {"name": "far", "kind": "livy", **facts})]
    assert answers[0].status_code == 201, answers[0].content
    shown = TargetDetails(**answers[0].json())
    assert (shown.has_livy_password, shown.has_storage_password, shown.work_folder) == (True, True, LIVY["work_folder"])
    answers.append(send(client, "PATCH", "/targets/far", {"livy_url": "https://evil.example"}))
    assert (answers[1].status_code, list(answers[1].json()["fields"])) == (422, ["livy_password"])
    answers.append(send(client, "PATCH", "/targets/far", {"livy_url": "http://169.254.169.254/"}))
    assert list(answers[2].json()["fields"]) == ["livy_url"]
    answers.append(client.get("/api/v1/targets/far"))
    assert all("hush" not in answer.content.decode() for answer in answers)
    assert secret_of(ComputeTarget.objects.get(), "livy_password") == "hush"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"native_shared_directory": "~/share"}, "native_shared_directory"),
        ({"base_docker_image": "x"}, "base_docker_image"),
        ({"livy_url": "https://x"}, "livy_url"),
        ({"spark_master": "k8s://x"}, "spark_master"),
        ({"worker_nodes": ["a b"]}, "worker_nodes"),
        ({"sealed_livy_password": "x"}, "sealed_livy_password"),
    ],
)
def test_fields_of_other_kinds_and_bad_ones_are_refused_by_name(
    body: dict[str, Any], field: str, client: Client
) -> None:
    answer = send(client, "POST", "/targets", {**CLUSTER, **body})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not ComputeTarget.objects.exists()


def test_only_administrators_say_where_livy_is(client: Client, api: Api, bob: User, project: Project) -> None:
    assert send(client, "POST", "/targets", {"name": "far", "kind": "livy", **LIVY}).status_code == 201
    target = ComputeTarget.objects.get()
    target.grants.create(project=project)
    assert send(api(bob), "PATCH", "/targets/far", {"livy_url": "https://evil.example"}).status_code == 403
    assert send(api(bob), "POST", "/targets", {"name": "x", "kind": "livy", **LIVY}).status_code == 403


def test_a_run_says_what_its_application_takes(client: Client, api: Api, bob: User, project: Project) -> None:
    send(client, "POST", "/targets", {"name": "far", "kind": "livy", "largest_executors": 8, **LIVY})
    ComputeTarget.objects.get().grants.create(project=project)
    wanted = {
        "script": "hello.py",
        "target": "far",
        "framework": "PySpark",
        "executors": 4,
        "executor_memory_bytes": 2**32,
    }
    answer = send(api(bob), "POST", "/projects/hello/runs", wanted)
    assert answer.status_code == 201, answer.content
    facts = RunDetails(**api(bob).get("/api/v1/projects/hello/runs/1").json())
    assert facts.resources == {"executors": 4, "executor_memory_bytes": 2**32}
    assert facts.spark["configuration"]["spark.executor.instances"] == "4"
    assert facts.application is None
    refused = send(api(bob), "POST", "/projects/hello/runs", {**wanted, "executors": 9})
    assert list(refused.json()["fields"]) == ["executors"]
    assert Run.objects.count() == 1


def test_what_is_left_behind_livy_is_looked_for(client: Client) -> None:
    assert send(client, "POST", "/targets", {"name": "far", "kind": "livy", **LIVY}).status_code == 201
    assert send(client, "POST", "/targets/far/survey", {}).status_code == 202
    assert ComputeTarget.objects.get().surveys.count() == 1
