"""The forms of Spark clusters: what they take, what they refuse beside its field, and what they never show again."""

from typing import Any

import pytest

from computes.forms.cluster_target_form import ClusterTargetForm
from computes.forms.livy_target_form import LivyTargetForm
from computes.forms.target_form import TargetForm

pytestmark = pytest.mark.django_db
COMMON = {
    "name": "big",
    "slots": "2",
    "lost_after_seconds": "1 d",
    "environment_variables": "",
    "python_location": "python3",
}
CLUSTER = {
    **COMMON,
    "address": "big-ssh.lab.example",
    "username": "sshuser",
    "keep_alive_seconds": "15",
    "credential": "key_pair",
    "spark_master": "yarn",
    "yarn_deploy_mode": "cluster",
}
LIVY = {
    **COMMON,
    "livy_url": "https://livy.lab.example:8998",
    "work_folder": "/mnt/amlweb",
    "storage_uri": "hdfs:///user/amlweb",
}


def filled(form_class: type[TargetForm], data: dict[str, Any], **changes: Any) -> Any:
    return form_class({**data, **changes}, is_new=True)


def test_a_cluster_is_described_by_its_form() -> None:
    form = filled(
        ClusterTargetForm,
        CLUSTER,
        yarn_queue="root.research",
        storage_uri="hdfs:///user/sshuser/amlweb",
        spark_home="/usr/hdp/current/spark2-client",
        spark_configuration="# more\r\nspark.sql.shuffle.partitions = 400\r\n\r\nspark.extra=a=b",
        default_executors="2",
        largest_executor_memory_bytes="16 GiB",
        kerberos_principal="amlweb/head@LAB.EXAMPLE",
        kerberos_keytab="/etc/amlweb.keytab",
        worker_nodes="node1\r\nroot@node2:2222\r\n",
        application_url="https://rm.lab.example:8090/cluster/app/{application}",
    )
    assert form.is_valid(), form.errors
    facts = form.facts()
    assert facts["spark_configuration"] == {"spark.sql.shuffle.partitions": "400", "spark.extra": "a=b"}
    assert (facts["default_executors"], facts["largest_executor_memory_bytes"]) == (2, 16 * 2**30)
    assert facts["storage_uri"] == "hdfs:///user/sshuser/amlweb"
    assert facts["worker_nodes"] == ["node1", "root@node2:2222"]
    assert (facts["address"], facts["user_managed_environment"]) == ("big-ssh.lab.example", False)
    assert "native_shared_directory" not in form.fields
    assert "batch_url" not in form.fields
    assert form.wishes().credential.kind == "key_pair"


def test_a_cluster_without_security_takes_a_password_as_other_machines_do() -> None:
    form = filled(ClusterTargetForm, CLUSTER, credential="password", password="hush", keep_password="on")
    assert form.is_valid()
    assert form.wishes().credential.kind == "password"
    assert "hush" not in form.as_p() + repr(form.wishes())


def test_livy_is_described_by_its_form_and_means_https() -> None:
    form = filled(
        LivyTargetForm,
        LIVY,
        livy_url=" NAME.azurehdinsight.net/livy/ ",
        livy_username="admin",
        livy_password=" hush ",
        livy_proxy_user="trainer",
        work_folder="https://NAME.azurehdinsight.net/webhdfs/v1/user/amlweb/",
        storage_uri="abfs://box@account.dfs.core.windows.net/amlweb",
        batch_url="https://NAME.azurehdinsight.net/livy/ui/batch/{batch}/log",
    )
    assert form.is_valid(), form.errors
    facts = form.facts()
    assert facts["livy_url"] == "https://NAME.azurehdinsight.net/livy"
    assert facts["work_folder"] == "https://NAME.azurehdinsight.net/webhdfs/v1/user/amlweb"
    assert form.wishes().cluster_passwords.livy_password == " hush "
    assert form.wishes().cluster_passwords.storage_password is None
    assert "hush" not in form.as_p() + repr(form.wishes())
    assert "native_shared_directory" not in form.fields
    assert filled(LivyTargetForm, LIVY, livy_url="http://10.0.0.4:8998").is_valid(), "http where one writes it"


@pytest.mark.parametrize(
    ("form_class", "data", "field", "value", "words"),
    [
        (ClusterTargetForm, CLUSTER, "spark_master", "k8s://https://a", "Kubernetes"),
        (ClusterTargetForm, CLUSTER, "spark_master", "yarn --conf x=y", "spark://host:7077"),
        (ClusterTargetForm, CLUSTER, "yarn_queue", "a b", "name of a queue"),
        (ClusterTargetForm, CLUSTER, "spark_home", "spark", "begins with / or ~"),
        (ClusterTargetForm, CLUSTER, "kerberos_principal", "amlweb", "not a principal"),
        (ClusterTargetForm, CLUSTER, "worker_nodes", "node1\nnode1\n-oX", "Line 2: node1 is there already"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "a b=c", "is not the name of a Spark property"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "mine.x=1", "does not begin with spark."),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.x=1\nspark.x=2", "spark.x is set twice"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.master=yarn", "field of its own: Master"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.executor.memory=4g", "What an application takes"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.yarn.tags=x", "set by amlweb itself"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.ui.port=abc", "ui.port is the number of a port"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.ui.port=65536", "at most 65535"),
        (ClusterTargetForm, CLUSTER, "spark_configuration", "spark.master.ui.port=", "is the number of a port"),
        (ClusterTargetForm, CLUSTER, "default_executors", "0", "greater than or equal to 1"),
        (ClusterTargetForm, CLUSTER, "default_executor_memory_bytes", "64 MiB", "From 512 MiB"),
        (ClusterTargetForm, CLUSTER, "application_url", "javascript:alert({application})", "begins with https://"),
        (ClusterTargetForm, CLUSTER, "application_url", "https://rm/app", "Write {application} where the id goes"),
        (ClusterTargetForm, CLUSTER, "application_url", "https://rm/{batch}", "nothing else in braces"),
        (ClusterTargetForm, CLUSTER, "application_url", "https://{application}.evil/x", "begins with https://"),
        (ClusterTargetForm, CLUSTER, "application_url", "https://a{application}/x", "behind the name of the host"),
        (ClusterTargetForm, CLUSTER, "history_url", "https://me:hush@rm/{application}", "without a login"),
        (LivyTargetForm, LIVY, "livy_url", "", "required"),
        (LivyTargetForm, LIVY, "livy_url", "ftp://livy", "begins with https://"),
        (LivyTargetForm, LIVY, "livy_url", "https://me:hush@livy", "fields of their own"),
        (LivyTargetForm, LIVY, "livy_url", "https://livy/?x=1", "https://livy.lab.example:8998"),
        (LivyTargetForm, LIVY, "livy_url", "https://livy:0/", "https://livy.lab.example:8998"),
        (LivyTargetForm, LIVY, "livy_url", "http://169.254.169.254/latest", "Clouds answer with credentials"),
        (LivyTargetForm, LIVY, "livy_url", "http://[fd00:ec2::254]/", "Clouds answer with credentials"),
        (LivyTargetForm, LIVY, "livy_url", "http://2852039166/", "Clouds answer with credentials"),
        (LivyTargetForm, LIVY, "work_folder", "http://169.254.169.254/webhdfs/v1/x", "Clouds answer with credentials"),
        (LivyTargetForm, LIVY, "work_folder", "https://livy/other", "ends with /webhdfs/v1/ and a folder"),
        (LivyTargetForm, LIVY, "work_folder", "~/x", "whole path"),
        (LivyTargetForm, LIVY, "storage_uri", "/mnt/amlweb", "with its file system"),
        (LivyTargetForm, LIVY, "storage_uri", "hdfs://me:hush@host/x", "with its file system"),
        (ClusterTargetForm, CLUSTER, "storage_uri", "hdfs://me:hush@host/x", "hdfs:///user/amlweb or file:///mnt"),
        (ClusterTargetForm, CLUSTER, "storage_uri", "hdfs:///user/{a,b}", "hdfs:///user/amlweb or file:///mnt"),
        (LivyTargetForm, LIVY, "livy_proxy_user", "a b", "not the name of an account"),
        (LivyTargetForm, LIVY, "livy_ca_bundle", "ca.pem", "begins with /, and not with ~"),
        (LivyTargetForm, LIVY, "livy_ca_bundle", "~/ca.pem", "begins with /, and not with ~"),
    ],
)  # fmt: skip
def test_bad_input_comes_back_on_its_field_and_no_login_is_repeated(
    form_class: type[TargetForm], data: dict[str, Any], field: str, value: str, words: str
) -> None:
    form = filled(form_class, data, **{field: value})
    assert list(form.errors)[:1] == [field]
    told = " ".join(form.errors[field])
    assert words in told
    assert "hush" not in told


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"spark_master": "spark://a:7077"}, "yarn_deploy_mode", "Choose client"),
        ({"spark_master": "local[*]", "yarn_deploy_mode": "client", "yarn_queue": "x"}, "yarn_queue",
         "Only YARN has queues"),
        ({"kerberos_principal": "a@B"}, "kerberos_keytab", "go together"),
        ({"kerberos_keytab": "/etc/x"}, "kerberos_principal", "go together"),
        ({"default_executors": "9", "largest_executors": "8"}, "default_executors", "more than is allowed: 8"),
        ({"default_driver_memory_bytes": "4 GiB", "largest_driver_memory_bytes": "2 GiB"},
         "default_driver_memory_bytes", "more than is allowed: 2 GiB"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(changes: dict[str, str], field: str, words: str) -> None:
    form = filled(ClusterTargetForm, CLUSTER, **changes)
    assert list(form.errors) == [field]
    assert words in form.errors[field][0]


@pytest.mark.parametrize(
    "name",
    ["spark.hadoop.fs.azure.account.key.box.dfs.core.windows.net", "spark.ssl.keyPassword", "spark.authenticate.secret",
     "spark.hadoop.fs.s3a.access.key", "spark.my.Token", "spark.x.passphrase"],
)  # fmt: skip
def test_secrets_are_no_properties_and_the_refusal_says_where_they_go(name: str) -> None:
    form = filled(ClusterTargetForm, CLUSTER, spark_configuration=f"{name}=hush-hush")
    told = " ".join(form.errors["spark_configuration"])
    assert f"{name} would be shown" in told
    assert "spark-defaults.conf" in told
    assert "secret variable" in told
    assert "hush" not in told
    switch = filled(ClusterTargetForm, CLUSTER, spark_configuration="spark.authenticate.secretBitLength=256")
    assert switch.is_valid(), "a mere number is no secret"


def test_a_password_in_the_address_of_a_property_is_refused_and_not_repeated() -> None:
    address = "spark.jars.repositories=https://bob:hush-hush@repo.example/maven"
    told = " ".join(filled(ClusterTargetForm, CLUSTER, spark_configuration=address).errors["spark_configuration"])
    assert "spark.jars.repositories would be shown" in told
    assert "hush" not in told
    assert filled(ClusterTargetForm, CLUSTER, spark_configuration=address.replace("bob:hush-hush@", "")).is_valid()


def test_every_field_is_in_a_section() -> None:
    for form_class in (ClusterTargetForm, LivyTargetForm):
        form = form_class(is_new=True)
        shown = [field.name for group in form.sections() for row in group.rows for field in row]
        assert sorted(shown) == sorted(form.fields)
        assert len(set(shown)) == len(shown)
