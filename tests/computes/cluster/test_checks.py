"""What the check of a head node says. *contract*: the commands of Hadoop, Kerberos and Spark are stood in for."""

from dataclasses import replace
from pathlib import Path

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import CheckItem, Framework
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.homes import with_homes
from computes.machines.local import LocalMachine
from tests.computes.on_targets import Bench
from tests.stack.yarn_contract import STORAGE, HeadNode


@pytest.fixture
def head(tmp_path: Path) -> HeadNode:
    """A head node with a blank in its folders' names."""
    node = HeadNode(tmp_path / "a b")
    node.install()
    return node


@pytest.fixture
def bench(head: HeadNode) -> Bench:
    """A bench whose variables alone lead to the commands."""
    cluster = ClusterSettings(deploy_mode=DeployMode.CLUSTER, java_home=str(head.root / "java"), storage_uri=STORAGE)
    return Bench(head.root, kind="cluster", framework=Framework.PYSPARK, cluster=cluster, environment=head.environment)


def found_on(bench: Bench) -> dict[str, CheckItem]:
    """Return the items of a check."""
    return {item.name: item for item in ClusterExecutor(LocalMachine()).check(bench.settings())}


def test_commands_are_found_in_the_path_among_the_targets_variables(head: HeadNode, bench: Bench) -> None:
    submit = head.root / "bin" / "spark-submit"
    (head.root / "home" / "bin" / "spark-submit").rename(submit)
    assert found_on(bench)["YARN"].detail == "YARN has 2 nodes running."
    assert with_homes(LocalMachine(), bench.settings()).spark_submit_location == str(submit)
    (head.root / "bin" / "yarn").unlink()
    submit.unlink()
    elsewhere = replace(bench, environment={**head.environment, "PATH": f"{head.root}/bin:/bin"})
    assert found_on(elsewhere)["YARN"].detail == "There is no yarn program in PATH on the head node."
    assert with_homes(LocalMachine(), elsewhere.settings()).spark_submit_location == "spark-submit"


def test_commands_are_asked_with_a_ticket_that_is_gone_afterwards(head: HeadNode, bench: Bench) -> None:
    assert bench.cluster is not None
    kinit = head.root / "bin" / "kinit"
    kinit.write_text('#!/bin/sh\necho "$@" > "${KRB5CCNAME#FILE:}"\necho "$@" > "$FAKE/asked"\n')
    kinit.chmod(0o755)
    keytab = head.root / "trainer.keytab"
    keytab.touch()
    secured = replace(bench, cluster=replace(bench.cluster, principal="trainer@LAB", keytab=str(keytab)))
    found = found_on(secured)
    assert all(found[name].ok for name in ("YARN", "Storage of drivers", "Keytab")), found
    assert (head.fake / "asked").read_text() == f"-k -t {keytab} trainer@LAB\n"
    caches = {call["environment"]["KRB5CCNAME"] for call in head.calls("yarn") + head.calls("hdfs")}
    assert len(caches) == 2
    assert not [cache for cache in caches if Path(cache.removeprefix("FILE:")).parent.exists()]
    kinit.write_text("#!/bin/sh\necho one\necho kinit: Keytab contains no suitable keys >&2\nexit 1\n")
    silent = found_on(secured)
    for name in ("YARN", "Storage of drivers"):
        assert not silent[name].ok
        assert "kinit gives no ticket: kinit: Keytab contains no suitable keys" in silent[name].detail
    (head.root / "bin" / "yarn").unlink()
    kinit.write_text("#!/bin/sh\n")
    elsewhere = replace(secured, environment={**head.environment, "PATH": f"{head.root}/bin:/usr/bin:/bin"})
    assert found_on(elsewhere)["YARN"].detail == "There is no yarn program in PATH on the head node."


@pytest.mark.parametrize(
    ("version", "is_managed_by_users", "keytab", "ok", "words"),
    [
        ("3.0.3", False, "", False, "Only from 3.1 on Spark sends packed environments"),
        ("3.0.3", True, "", True, "Only from 3.1 on Spark sends packed environments"),
        ("3.1.1", False, "/etc/k", True, ""),
        ("2.4.8", True, "/etc/k", False, "principal and keytab as amlweb writes them from 3.0 on"),
        ("10.0.0", False, "/etc/k", True, ""),
    ],
)
def test_a_spark_that_is_too_old_for_what_is_asked_is_named(
    version: str, is_managed_by_users: bool, keytab: str, ok: bool, words: str, head: HeadNode, bench: Bench
) -> None:
    assert bench.cluster is not None
    (head.root / "home" / "jars").mkdir()
    (head.root / "home" / "jars" / f"spark-core_2.12-{version}.jar").touch()
    cluster = replace(bench.cluster, spark_home=str(head.root / "home"), keytab=keytab, principal="trainer@LAB")
    settings = replace(bench, cluster=cluster).settings()
    settings = replace(settings, user_managed_environment=is_managed_by_users)
    items = ClusterExecutor(LocalMachine()).check(settings)
    found = next(item for item in items if item.name == "Spark")
    assert found.ok == ok
    assert found.detail.startswith(f"Spark {version}: {head.root}")
    assert words in found.detail
    assert ("3.1 or newer" in found.remedy) == (not ok)
