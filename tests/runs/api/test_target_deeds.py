"""Attaching and changing targets, and approving host keys, over the API."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.host_access import new_key_pair
from computes.host_keys import hops_of, store_shown
from computes.models import ComputeTarget
from computes.target_settings import secret_of
from runs.api.target_schemas import ErrandFacts, HostKeyFacts, TargetChanges, TargetDetails
from tests.runs.api.conftest import Api

REMOTE: dict[str, Any] = {
    "name": "gpu1",
    "kind": "remote",
    "address": "gpu1.lab.example:2222",
    "username": "trainer",
}


@pytest.fixture
def client(api: Api, ada: User, data_dir: object) -> Client:
    """Ada, who administers."""
    return api(ada)


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    return client.generic(method, f"/api/v1/targets{path}", json.dumps(body), "application/json")


def attach(client: Client, **changes: Any) -> Any:
    return send(client, "POST", "", {**REMOTE, **changes})


def test_a_target_is_attached_and_the_answer_has_the_public_key(client: Client) -> None:
    answer = attach(
        client, slots=3, longest_run_seconds=7200, environment_variables={"A": "b=c"}, jump_hosts=["me@gate"]
    )
    assert answer.status_code == 201, answer.content
    facts = TargetDetails(**answer.json())
    target = ComputeTarget.objects.get()
    assert facts.public_key == target.public_key
    assert facts.public_key.startswith("ssh-ed25519 ")
    assert (facts.credential, facts.host_key_state, facts.port, facts.jump_hosts) == (
        "key_pair",
        "unseen",
        2222,
        ["me@gate"],
    )
    assert (target.slots, target.longest_run_seconds, target.environment_variables) == (3, 7200, {"A": "b=c"})
    assert target.user_managed_environment
    assert list(target.errands.values_list("kind", flat=True)) == ["scan"]


def test_the_python_of_an_own_image_is_set_by_a_call(client: Client) -> None:
    made = {"name": "own", "kind": "localdocker", "base_docker_image": "lab/own:1", "user_managed_environment": True}
    answer = send(client, "POST", "", {**made, "python_location": "/opt/venv/bin/python"})
    assert answer.status_code == 201, answer.content
    assert TargetDetails(**answer.json()).python_location == "/opt/venv/bin/python"
    changed = send(client, "PATCH", "/own", {"python_location": "python"})
    assert changed.status_code == 200, changed.content
    assert ComputeTarget.objects.get().python_location == "python"
    refused = send(client, "PATCH", "/own", {"python_location": "~/python"})
    assert list(refused.json()["fields"]) == ["python_location"]


def test_secrets_go_in_and_never_come_out(client: Client) -> None:
    private, public = new_key_pair("mine")
    answers = [attach(client, private_key=private).content.decode()]
    answers.append(attach(client, name="gpu2", password="hush-once").content.decode())
    answers.append(attach(client, name="gpu3", password="hush-kept", keep_password=True).content.decode())
    answers += [client.get(f"/api/v1/targets/gpu{number}").content.decode() for number in (1, 2, 3)]
    answers.append(client.get("/api/v1/targets/gpu2/host-key").content.decode())
    for answer in answers:
        assert '"error"' not in answer, answer
        for secret in (private.splitlines()[1], "hush", "sealed"):
            assert secret not in answer
    stored = {target.name: target for target in ComputeTarget.objects.all()}
    assert stored["gpu1"].public_key.split()[1] == public.split()[1]
    assert secret_of(stored["gpu2"], "install_password") == "hush-once"
    assert secret_of(stored["gpu3"], "password") == "hush-kept"
    assert stored["gpu3"].credential == "password"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "new"}, "name", "address of a page"),
        ({"kind": "fake"}, "kind", "not a kind"),
        ({"kind": ""}, "kind", "not a kind"),
        ({"address": "a b"}, "address", "host:port"),
        ({"address": ""}, "address", "required"),
        ({"username": ""}, "username", "required"),
        ({"jump_hosts": ["ok", "a b"]}, "jump_hosts", "Line 2"),
        ({"private_key": "hush"}, "private_key", "no private key"),
        ({"private_key": "hush", "password": "hush"}, "private_key", "Send one of"),
        ({"slots": 0}, "slots", "greater than or equal to 1"),
        ({"slots": "2"}, "slots", "whole number"),
        ({"work_folder": "work"}, "work_folder", "begins with / or ~"),
        ({"environment_variables": {"A=B": "1"}}, "environment_variables", "The name 'A=B' must look like"),
        ({"environment_variables": {"AMLWEB_X": "1"}}, "environment_variables", "set by amlweb"),
        ({"base_docker_image": "python"}, "base_docker_image", "no such field"),
        ({"sealed_password": "x"}, "sealed_password", "no such field"),
        ({"host_keys": ["x"]}, "host_keys", "no such field"),
    ],
)
def test_bad_fields_are_refused_by_name(changes: dict[str, Any], field: str, words: str, client: Client) -> None:
    answer = attach(client, **changes)
    assert answer.status_code == 422, answer.content
    body = answer.json()
    assert set(body) == {"error", "detail", "remedy", "fields"}
    assert list(body["fields"]) == [field]
    assert words in body["fields"][field][0]
    assert "hush" not in answer.content.decode()
    assert not ComputeTarget.objects.exists()


def test_what_is_left_out_of_a_change_stays(client: Client) -> None:
    attach(client, description="big", jump_hosts=["me@gate"], environment_variables={"A": "1"})
    before = ComputeTarget.objects.values().get()
    answer = send(client, "PATCH", "/gpu1", {"slots": 9})
    assert answer.status_code == 200, answer.content
    assert TargetDetails(**answer.json()).slots == 9
    assert ComputeTarget.objects.values().get() == {**before, "slots": 9}
    assert send(client, "PATCH", "/gpu1", {}).status_code == 200
    assert ComputeTarget.objects.values().get() == {**before, "slots": 9}
    changed = send(client, "PATCH", "/gpu1", {"new_key_pair": True, "longest_run_seconds": 60})
    assert changed.json()["public_key"] != before["public_key"]
    assert send(client, "PATCH", "/gpu1", {"longest_run_seconds": None}).json()["longest_run_seconds"] is None


def test_a_change_can_rename(client: Client) -> None:
    attach(client)
    assert send(client, "PATCH", "/gpu1", {"name": "gpu9", "slots": 5}).json()["name"] == "gpu9"
    attach(client)
    taken = send(client, "PATCH", "/gpu1", {"name": "GPU9", "slots": 7})
    assert (taken.status_code, list(taken.json()["fields"])) == (422, ["name"])
    assert ComputeTarget.objects.get(name="gpu1").slots == 2, "all or nothing"


def test_a_key_is_scanned_compared_and_approved(client: Client) -> None:
    attach(client)
    target = ComputeTarget.objects.get()
    scan = client.post("/api/v1/targets/gpu1/host-key/scan")
    assert scan.status_code == 202
    assert not ErrandFacts(**scan.json()).is_finished
    line = " ".join(new_key_pair("")[1].split()[:2])
    store_shown(target, hops_of(target)[0], [line])
    target.save()
    facts = HostKeyFacts(**client.get("/api/v1/targets/gpu1/host-key").json())
    (host,) = facts.hosts
    assert (host.host, host.port, host.state, host.is_jump_host) == ("gpu1.lab.example", 2222, "shown", False)
    fingerprint = host.shown[0]["fingerprint"]
    wrong = send(client, "POST", "/gpu1/host-key/approve", {"fingerprint": "SHA256:no"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["fingerprint"])
    approved = send(client, "POST", "/gpu1/host-key/approve", {"fingerprint": fingerprint})
    assert HostKeyFacts(**approved.json()).hosts[0].state == "approved"
    target.refresh_from_db()
    store_shown(target, hops_of(target)[0], [" ".join(new_key_pair("")[1].split()[:2])])
    target.save()
    new = client.get("/api/v1/targets/gpu1/host-key").json()["hosts"][0]["shown"][0]["fingerprint"]
    refused = send(client, "POST", "/gpu1/host-key/approve", {"fingerprint": new})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["understood"])
    assert send(client, "POST", "/gpu1/host-key/approve", {"fingerprint": new, "understood": True}).status_code == 200


def test_a_local_target_has_no_host_key(client: Client, local_target: ComputeTarget) -> None:
    assert client.get("/api/v1/targets/local/host-key").json()["hosts"] == []
    assert client.post("/api/v1/targets/local/host-key/scan").status_code == 409
    assert TargetDetails(**client.get("/api/v1/targets/local").json()).host_key_state == ""
    assert send(client, "PATCH", "/local", {"slots": 3}).status_code == 200
    wrong = send(client, "PATCH", "/local", {"address": "elsewhere"})
    assert wrong.json()["fields"] == {"address": ["A target of this kind has no such field. Leave it out."]}


def test_members_see_that_they_may_not_and_strangers_see_nothing(
    api: Api, local_target: ComputeTarget, bob: User, charlie: User
) -> None:
    assert api(bob).get("/api/v1/targets/local").status_code == 403
    assert send(api(bob), "PATCH", "/local", {"slots": 3}).status_code == 403
    assert attach(api(bob)).status_code == 403
    assert send(api(charlie), "PATCH", "/local", {"slots": 3}).status_code == 404


def test_the_description_marks_secrets_as_write_only(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    secrets = {"private_key", "passphrase", "password", "registry_password", "livy_password", "storage_password"}
    for schema in ("TargetWanted", "TargetChanges"):
        text = {name: str(field) for name, field in described[schema]["properties"].items()}
        assert {name for name, field in text.items() if "'writeOnly': True" in field} == secrets
    assert not secrets & set(described["TargetDetails"]["properties"])
    assert set(TargetChanges.model_fields) >= secrets
