"""The pages of script actions: what is reviewed is what runs, hostile text does nothing, others see none of it."""

import html
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from computes.action_logs import log_of
from computes.cluster_nodes import nodes_of
from computes.granting import grant_use
from computes.models import ActionNode, ComputeTarget, ScriptAction
from runs.api.script_action_schemas import ScriptActionDetails
from tests.computes.django.conftest import AttachGpu
from tests.computes.django.test_compute_pages import as_person
from tests.computes.django.test_host_keys import new_line

NEW = "/computes/spark/script-actions/new/"
RUN = "/computes/spark/script-actions/run/"
SCRIPT = "\n#!/bin/bash\r\necho '<script>alert(1)</script>' \"&amp;\"\r\n\techo ü\r"
FORM = {"name": "<b>try</b>", "script": SCRIPT, "node_seconds": "5 min", "total_seconds": "1 h", "at_once": "3"}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def spark(attach_gpu: AttachGpu, ada: User) -> ComputeTarget:
    """A cluster of three nodes, of which two are approved."""
    line = new_line()
    target = attach_gpu("spark", "cluster", worker_nodes=["node1", "root@node2:2222", "node3"])
    keys = {name: {"host_keys": [line], "seen_host_keys": [line]} for name in ("node1", "node2:2222")}
    ComputeTarget.objects.filter(pk=target.pk).update(node_keys=keys, host_keys=[line], seen_host_keys=[line])
    target.refresh_from_db()
    return target


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields as a browser sends them: lines end with CR LF."""
    found = {name: html.unescape(value) for name, value in HIDDEN.findall(page) if name != "csrfmiddlewaretoken"}
    return {name: re.sub(r"\r\n|\r|\n", "\r\n", value) for name, value in found.items()}


def test_what_was_reviewed_is_what_runs(spark: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    page = client.post(NEW, FORM).content.decode()
    assert "Run on 2 nodes" in page
    assert "<script>alert(1)" not in page
    assert "<b>try</b>" not in page
    for node in nodes_of(spark)[:2]:
        assert node.hop.approved[0].fingerprint in page
    assert "it gets nothing" in page
    assert not ScriptAction.objects.exists(), "nothing runs before it was reviewed"
    sent = fields_of(page)
    answer = client.post(RUN, sent)
    action = ScriptAction.objects.get()
    assert answer["Location"] == action.get_absolute_url()
    assert action.script == SCRIPT.replace("\r\n", "\n").replace("\r", "\n")
    assert action.sha256 in page
    assert (action.node_seconds, action.total_seconds, action.at_once) == (300, 3600, 3)
    assert [(node.address, node.state) for node in action.nodes.all()] == [
        ("trainer@node1", "waiting"),
        ("root@node2:2222", "waiting"),
        ("trainer@node3", "unreachable"),
    ]
    assert client.post(RUN, sent)["Location"] == action.get_absolute_url(), "sent twice, run once"
    assert ScriptAction.objects.count() == 1


def test_nodes_that_changed_after_the_review_are_reviewed_again(spark: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    sent = fields_of(client.post(NEW, FORM).content.decode())
    keys = {**spark.node_keys, "node1": {"host_keys": [new_line()]}}
    ComputeTarget.objects.filter(pk=spark.pk).update(node_keys=keys)
    again = client.post(RUN, sent)
    assert again.status_code == 409
    assert "has changed" in again.content.decode()
    assert not ScriptAction.objects.exists()
    client.post(RUN, fields_of(again.content.decode()))
    assert ScriptAction.objects.count() == 1
    client.post(RUN, {**sent, "reviewed": "0" * 64, "key": "another"})
    assert ScriptAction.objects.count() == 1


def test_a_file_is_taken_and_changing_goes_back_to_the_form(spark: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    file = SimpleUploadedFile("x.sh", b"echo from a file\n")
    page = client.post(NEW, {**FORM, "script": "", "script_file": file}).content.decode()
    assert "echo from a file" in page
    back = client.post(NEW, {**fields_of(page), "change": "1"}).content.decode()
    assert re.search(r"<textarea[^>]*>\s*echo from a file\s*</textarea>", back)
    refused = client.post(NEW, {**FORM, "script": "", "at_once": "0", "node_seconds": "9 d"})
    assert refused.status_code == 422
    assert refused.content.decode().count("field-errors") >= 3


def test_the_page_shows_each_node_and_the_log_without_what_acts(spark: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    client.post(RUN, fields_of(client.post(NEW, FORM).content.decode()))
    action = ScriptAction.objects.get()
    node = action.nodes.get(number=2)
    log_of(node).parent.mkdir(parents=True)
    log_of(node).write_bytes(b"\x1b]0;x\x07<img src=x onerror=alert(1)>\n")
    ActionNode.objects.filter(pk=node.pk).update(state="ended", exit_code=9, log_bytes=40, problem="<i>odd</i>")
    page = client.get(f"{action.get_absolute_url()}?node=2").content.decode()
    assert "Ended with code 9" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<i>odd</i>" not in page
    assert "\x1b" not in page
    raw = client.get(f"{action.get_absolute_url()}nodes/2/log/")
    assert b"".join(raw) == b"\x1b]0;x\x07<img src=x onerror=alert(1)>\n"
    assert "sandbox" in raw["Content-Security-Policy"]
    assert raw["Content-Type"].startswith("text/plain")
    live = client.get(action.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in live
    assert "hx-get" in live
    target_page = client.get("/computes/spark/").content.decode()
    assert action.get_absolute_url() in target_page
    client.post(f"{action.get_absolute_url()}stop/")
    action.refresh_from_db()
    assert action.stopped_by == ada
    again = client.get(f"{NEW}?again={action.pk}").content.decode()
    assert "alert(1)" in html.unescape(again)


def test_who_may_use_the_target_sees_nothing_of_it(spark: ComputeTarget, ada: User, bob: User) -> None:
    grant_use(spark, ada, bob)
    client = as_person(bob)
    assert client.get("/computes/spark/").status_code == 200
    assert "script actions" not in client.get("/computes/spark/").content.decode()
    for path in (NEW, RUN, "/computes/spark/nodes/scan/", "/computes/spark/nodes/approve/"):
        assert client.post(path, FORM).status_code == 404
    assert not ScriptAction.objects.exists()


def test_calls_say_the_same_as_the_pages(spark: ComputeTarget, ada: User, bob: User) -> None:
    grant_use(spark, ada, bob)

    def call(person: User, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        client: Client = as_person(person)
        sent = json.dumps(body) if body is not None else ""
        return client.generic(method, f"/api/v1/targets/spark{path}", sent, "application/json", headers=headers)

    wanted = {"name": "try", "script": "true"}
    assert call(bob, "POST", "/script-actions", wanted).status_code == 403
    assert call(bob, "GET", "/nodes").status_code == 403
    states = [node["state"] for node in call(ada, "GET", "/nodes").json()["nodes"]]
    assert states == ["approved", "approved", "unseen"]
    wrong = call(ada, "POST", "/script-actions", {**wanted, "sha256": "0" * 64})
    assert list(wrong.json()["fields"]) == ["sha256"]
    assert list(call(ada, "POST", "/script-actions", {"name": "try"}).json()["fields"]) == ["script"]
    made = call(ada, "POST", "/script-actions", wanted, **{"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    details = ScriptActionDetails(**made.json())
    assert (details.nodes, details.over, details.script) == (3, 1, "true\n")
    assert call(ada, "POST", "/script-actions", wanted, **{"Idempotency-Key": "k"}).status_code == 200
    assert call(ada, "POST", "/script-actions", wanted).status_code == 409
    assert [each["id"] for each in call(ada, "GET", "/script-actions").json()["actions"]] == [details.id]
    assert call(ada, "GET", f"/script-actions/{details.id + 1}").status_code == 404
    assert call(ada, "GET", f"/script-actions/{details.id}/nodes/1/log").headers["X-Log-Complete"] == "false"
    assert call(ada, "POST", f"/script-actions/{details.id}/stop").status_code == 202
    key = {"keys": [{"node": "node3", "fingerprint": "SHA256:none"}]}
    assert call(ada, "POST", "/nodes/approve", key).status_code == 422


def test_a_target_is_not_detached_from_under_a_script(spark: ComputeTarget, ada: User) -> None:
    client = as_person(ada)
    client.post(RUN, fields_of(client.post(NEW, FORM).content.decode()))
    assert client.post("/computes/spark/detach/").status_code == 409
    ScriptAction.objects.update(finished_at=spark.created_at)
    assert client.post("/computes/spark/detach/").status_code == 302
    assert not ScriptAction.objects.exists()
