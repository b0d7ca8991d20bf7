"""Spark clusters as targets: from form and file to what executors are given, and what a project may say instead."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from computes.application_links import links_of
from computes.attaching import TargetWishes, attach_target, edit_target
from computes.cluster_passwords import ClusterPasswords
from computes.compute_file_start import initial_of_file, kind_of_file
from computes.contract import ApplicationFacts
from computes.credentials import NewCredential
from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget
from computes.project_overrides import overrides_for, overruled_keys
from computes.refusals import TargetRefused
from computes.target_settings import secret_of, settings_of
from computes.trust import trust_statement_of
from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.folder import read_aml_config
from tests.computes.django.cluster_parts import HEAD, LIVY

pytestmark = pytest.mark.django_db
APPLICATION = "application_1700000000000_0007"


def file_of(text: str) -> ComputeFile:
    config = read_aml_config({"aml_config/big.compute": text.encode()})
    assert [problem for problem in config.problems if problem.severity == "error"] == []
    return config.computes["big"]


def attach_livy(ada: User, **passwords: str) -> ComputeTarget:
    facts = {**LIVY, "livy_username": "admin", "storage_username": "amlweb"}
    return attach_target(ada, "far", "livy", TargetWishes(facts, cluster_passwords=ClusterPasswords(**passwords)))


@pytest.mark.parametrize("kind", ["cluster", "livy"])
def test_clusters_can_be_attached(kind: str) -> None:
    assert kind_refusal(kind) == ""


@pytest.mark.usefixtures("cluster_kinds", "data_dir")
def test_a_head_node_is_scanned_first_and_its_settings_reach_the_executor(ada: User) -> None:
    facts = {**HEAD, "spark_home": "/opt/spark", "yarn_queue": "q", "spark_configuration": {"spark.x": "1"}}
    target = attach_target(ada, "big", "cluster", TargetWishes(facts, NewCredential("key_pair")))
    assert list(target.errands.values_list("kind", flat=True)) == ["scan"]
    settings = settings_of(target)
    assert settings.cluster is not None
    assert (settings.cluster.master, settings.cluster.deploy_mode, settings.cluster.queue) == ("yarn", "client", "q")
    assert settings.cluster.configuration == {"spark.x": "1"}
    assert settings.ssh is not None
    assert (settings.ssh.host, settings.livy, settings.container) == ("head.lab.example", None, None)
    assert target.has_executors
    edit_target(target, ada, {"spark_master": "local[*]"})
    assert not target.has_executors


@pytest.mark.usefixtures("cluster_kinds", "data_dir")
def test_passwords_of_services_are_sealed_and_reach_the_executor_only(ada: User) -> None:
    target = attach_livy(ada, livy_password="hush-livy", storage_password="hush-hdfs")
    livy = settings_of(target).livy
    assert livy is not None
    assert (livy.url, livy.username, livy.password) == (LIVY["livy_url"], "admin", "hush-livy")
    assert (livy.storage_username, livy.storage_password) == ("amlweb", "hush-hdfs")
    assert "hush" not in repr(settings_of(target)) + target.sealed_livy_password + target.sealed_storage_password
    assert target.checks.count() == 1, "there is no host key to wait for"
    edit_target(target, ada, TargetWishes({}, cluster_passwords=ClusterPasswords(livy_password="")))
    assert secret_of(target, "livy_password") == ""
    assert secret_of(target, "storage_password") == "hush-hdfs"


@pytest.mark.usefixtures("cluster_kinds", "data_dir")
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"livy_url": "https://evil.example"}, "livy_password"),
        ({"livy_url": "http://livy.lab.example:8998"}, "livy_password"),
        ({"work_folder": "https://evil.example/webhdfs/v1/x"}, "storage_password"),
    ],
)
def test_a_stored_password_is_not_sent_to_another_host(facts: dict[str, str], field: str, ada: User) -> None:
    target = attach_livy(ada, livy_password="hush-livy", storage_password="hush-hdfs")
    with pytest.raises(TargetRefused, match="Type the password again") as refused:
        edit_target(target, ada, facts)
    assert refused.value.field == field
    passwords: dict[str, Any] = {field: "another"}
    assert edit_target(target, ada, TargetWishes(facts, cluster_passwords=ClusterPasswords(**passwords)))
    edit_target(target, ada, {"livy_url": f"{target.livy_url}/livy"})
    assert secret_of(target, field) == "another", "another path of the same host is the same host"


def test_a_file_fills_in_the_form_with_all_that_it_says() -> None:
    file = file_of("type: cluster\naddress: head.lab.example\nusername: spark\nyarnDeployMode: client\nqueue: q\n")
    assert kind_of_file(file) == "cluster"
    assert initial_of_file(file).items() >= {
        "name": "big", "address": "head.lab.example", "username": "spark", "yarn_deploy_mode": "client",
        "yarn_queue": "q",
        "user_managed_environment": False,
    }.items()  # fmt: skip
    file = file_of(
        "type: livy\naddress: https://livy.lab.example\nusername: admin\nproxyUser: me\n"
        "storageFolder: /mnt/x\nstorageUri: file:///mnt/x\n"
    )
    said = initial_of_file(file)
    assert said.items() >= {
        "livy_url": "https://livy.lab.example", "livy_username": "admin", "livy_proxy_user": "me",
        "work_folder": "/mnt/x", "storage_uri": "file:///mnt/x",
    }.items()  # fmt: skip
    assert "address" not in said


def test_the_deploy_mode_is_the_projects_to_say_on_yarn_alone() -> None:
    target = ComputeTarget(name="big", kind="cluster", yarn_deploy_mode="cluster", **HEAD)
    file = file_of("type: cluster\naddress: head.lab.example\nusername: spark\nyarnDeployMode: client\n")
    said = overrides_for(target, file)
    assert said == {"deploy_mode": "client"}
    cluster = settings_of(target, said).cluster
    assert cluster is not None
    assert cluster.deploy_mode == "client"
    assert overruled_keys(target, file) == ()
    target.yarn_deploy_mode = "client"
    assert overrides_for(target, file) == {}
    standalone = ComputeTarget(
        name="big", kind="cluster", spark_master="spark://a:7077", yarn_deploy_mode="client", **HEAD
    )
    asking = file_of("type: cluster\naddress: head.lab.example\nusername: spark\nyarnDeployMode: cluster\n")
    assert overrides_for(standalone, asking) == {}
    assert overruled_keys(standalone, asking) == ("yarnDeployMode",)


@pytest.mark.parametrize(
    ("kind", "text", "overruled"),
    [
        ("cluster", "type: cluster\naddress: evil.example\nusername: root\nsparkMaster: local\nqueue: mine\n",
         ("address", "username", "sparkMaster", "queue")),
        ("livy", "type: livy\naddress: https://evil.example\nusername: root\nproxyUser: root\nstorageUri: hdfs:///x\n",
         ("address", "username", "proxyUser", "storageUri")),
        ("livy", "type: livy\naddress: https://livy.lab.example:8998/\n", ()),
    ],
)  # fmt: skip
def test_the_rest_stays_the_targets(kind: str, text: str, overruled: tuple[str, ...]) -> None:
    target = ComputeTarget(name="big", kind=kind, **(HEAD if kind == "cluster" else LIVY))
    file = file_of(text)
    assert set(overruled_keys(target, file)) == set(overruled)
    assert settings_of(target, overrides_for(target, file)) == settings_of(target)


def test_links_are_built_from_the_administrators_words_and_an_id_that_is_one() -> None:
    target = ComputeTarget(
        name="big",
        kind="livy",
        application_url="https://rm.example/cluster/app/{application}",
        spark_ui_url="https://rm.example/proxy/{application}/",
        history_url="http://history.example/history/{application}/",
        batch_url="https://livy.example/ui/batch/{batch}/log",
    )
    facts = ApplicationFacts(id=APPLICATION, batch="7", state="RUNNING")
    assert [(link.title, link.url) for link in links_of(target, facts, is_over=False)] == [
        ("YARN page", f"https://rm.example/cluster/app/{APPLICATION}"),
        ("Spark page", f"https://rm.example/proxy/{APPLICATION}/"),
        ("Livy batch", "https://livy.example/ui/batch/7/log"),
    ]
    assert [link.title for link in links_of(target, facts, is_over=True)] == [
        "YARN page",
        "History server",
        "Livy batch",
    ]
    waiting = ApplicationFacts(id=APPLICATION, state="ACCEPTED", is_waiting=True)
    assert [link.title for link in links_of(target, waiting, is_over=False)] == ["YARN page"]
    for odd in ("", "../../evil", 'x" onclick="y', "https://evil", "a b", "x" * 201, "{batch}"):
        assert links_of(target, ApplicationFacts(id=odd, batch=odd), is_over=False) == []
    target.application_url = "javascript:alert('{application}')"
    assert "YARN page" not in [link.title for link in links_of(target, facts, is_over=False)]


def test_pages_that_livy_names_stand_beside_the_administrators_links() -> None:
    target = ComputeTarget(name="big", kind="livy", spark_ui_url="https://rm.example/proxy/{application}/")
    log = "http://node1.example:8042/logs"
    facts = ApplicationFacts(id=APPLICATION, state="RUNNING", spark_page="http://rm:8088/proxy/1/", driver_log=log)
    pages = [("Spark page by Livy", "http://rm:8088/proxy/1/"), ("Driver log by Livy", log)]
    ours = f"https://rm.example/proxy/{APPLICATION}/"
    assert [(link.title, link.url) for link in links_of(target, facts, is_over=False)] == [("Spark page", ours), *pages]
    assert [(link.title, link.url) for link in links_of(target, facts, is_over=True)] == pages
    same = replace(facts, spark_page=ours, driver_log="javascript:alert(1)")
    assert [(link.title, link.url) for link in links_of(target, same, is_over=False)] == [("Spark page", ours)]


def test_what_using_a_cluster_means_is_said() -> None:
    for kind in ("cluster", "livy"):
        assert "any code on the cluster" in trust_statement_of(kind).title
