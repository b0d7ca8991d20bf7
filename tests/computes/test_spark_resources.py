"""Masters, sizes and counts of Spark: what is read, what is written, and what goes together."""

import pytest

from computes.forbidden_addresses import is_forbidden_host
from computes.spark_master import has_executors, problem_of_master, takes_deploy_mode
from computes.spark_resources import Resources, memory_for, memory_in, properties_for, said_in

GIB = 2**30


@pytest.mark.parametrize(
    ("text", "size"),
    [("4g", 4 * GIB), ("4G", 4 * GIB), ("4gb", 4 * GIB), ("512m", GIB // 2), ("512", GIB // 2),
     ("1048576k", GIB), ("1t", 1024 * GIB)],
)  # fmt: skip
def test_memory_is_read_as_spark_reads_it(text: str, size: int) -> None:
    assert memory_in(text) == size
    assert memory_in(memory_for(size)) == size


@pytest.mark.parametrize("text", ["", "lots", "1.5g", "-1g", "4 g", "4gib", "4x"])
def test_what_spark_cannot_read_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        memory_in(text)


@pytest.mark.parametrize(
    "master", ["yarn", "local", "local[*]", "local[4]", "local[4,2]", "spark://a:7077", "spark://a:7077,b:7077"]
)
def test_masters_of_pyspark_are_taken(master: str) -> None:
    assert problem_of_master(master) == ""


@pytest.mark.parametrize(
    "master",
    ["", "Yarn", "yarn-client", "local[0]", "local[x]", "spark://a", "spark://a:0", "spark://a:99999", "spark://a:1 b",
     "spark://user@a:7077", "k8s://https://a", "mesos://a:5050", "http://a", "yarn\n", "--conf"],
)  # fmt: skip
def test_other_masters_are_refused_in_words(master: str) -> None:
    assert problem_of_master(master).endswith(".")


def test_only_yarn_lets_the_driver_live_on_the_cluster_and_only_local_masters_have_no_executors() -> None:
    assert [takes_deploy_mode(master) for master in ("yarn", "spark://a:7077", "local[*]")] == [True, False, False]
    assert [has_executors(master) for master in ("yarn", "spark://a:7077", "local[*]")] == [True, True, False]


def test_what_is_asked_for_becomes_properties() -> None:
    resources = Resources(3, 2, 4 * GIB, GIB // 2)
    assert properties_for(resources, "yarn", {}) == {
        "spark.executor.instances": "3",
        "spark.executor.cores": "2",
        "spark.executor.memory": "4g",
        "spark.driver.memory": "512m",
    }
    assert said_in(properties_for(resources, "yarn", {})) == resources
    assert properties_for(Resources(), "yarn", {}) == {}


def test_a_standalone_master_is_told_the_cores_of_all_executors() -> None:
    said = properties_for(Resources(executors=3, executor_cores=2), "spark://a:7077", {})
    assert (said["spark.cores.max"], said["spark.executor.cores"]) == ("6", "2")
    said = properties_for(Resources(executors=3), "spark://a:7077", {})
    assert (said["spark.cores.max"], said["spark.executor.cores"]) == ("3", "1")


@pytest.mark.parametrize(("asked", "given"), [(None, "8"), ("5", "5"), ("50", "8"), ("many", "8")])
def test_where_spark_decides_on_executors_it_gets_no_more_than_is_allowed(asked: str | None, given: str) -> None:
    configuration = {"spark.dynamicAllocation.enabled": "TRUE"}
    configuration |= {"spark.dynamicAllocation.maxExecutors": asked} if asked else {}
    assert properties_for(Resources(), "yarn", configuration, 8)["spark.dynamicAllocation.maxExecutors"] == given
    by_the_head_node = {name: text for name, text in configuration.items() if not name.endswith("enabled")}
    assert properties_for(Resources(), "yarn", by_the_head_node, 8) == {"spark.dynamicAllocation.maxExecutors": given}


def test_a_standalone_master_gives_no_more_than_is_allowed_where_nothing_is_asked() -> None:
    master = "spark://a:7077"
    assert properties_for(Resources(), master, {}, 2)["spark.cores.max"] == "2"
    assert properties_for(Resources(executor_cores=3), master, {}, 2)["spark.cores.max"] == "6"
    assert properties_for(Resources(executors=1), master, {}, 2)["spark.cores.max"] == "1"
    assert properties_for(Resources(), master, {"spark.cores.max": "all"}, 2)["spark.cores.max"] == "2"
    assert "spark.cores.max" not in properties_for(Resources(), master, {"spark.cores.max": "1"}, 2)
    assert "spark.cores.max" not in properties_for(Resources(), master, {})


def test_resources_are_put_into_words() -> None:
    assert Resources(1, 1, 4 * GIB, 2 * GIB).words == "1 executor, 1 core each, 4 GiB each, driver 2 GiB"
    assert Resources(executors=1200).words == "1,200 executors"
    assert Resources().words == ""


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "169.254.0.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
     "[fd00:ec2::254]", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
     "fe80::1", "fe80::1%eth0", "fd20:ce::254", "100.100.100.200", "192.0.0.192",
     "metadata.google.internal", "METADATA.google.internal.", "instance-data.ec2.internal"],
)  # fmt: skip
def test_where_clouds_answer_with_credentials_is_forbidden(host: str) -> None:
    assert is_forbidden_host(host)


@pytest.mark.parametrize(
    "host", ["livy.lab.example", "10.0.0.4", "127.0.0.1", "localhost", "::1", "169.example", "metadata.example"]
)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_forbidden_host(host)
