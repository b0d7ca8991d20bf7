"""A report says what was seen, never a secret, and in an anonymous one nobody's address."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from computes.contract import (
    ClusterSettings,
    ContainerSettings,
    Framework,
    LivySettings,
    RegistryLogin,
    SshAccess,
    TargetSettings,
)
from computes.verification.masking import Masks
from computes.verification.report import line_of, report_of, text_of
from computes.verification.steps import Outcome, Step
from computes.verification.verification import Asked, Verified

KEY = "-----BEGIN KEY-----\nhush-key-line-one\nhush-key-line-two\n-----END KEY-----\n"
JUMP = SshAccess("gate.lab.example", "porter", password="hush-gate", host_keys=("ssh-ed25519 AAAA",))
SETTINGS = TargetSettings(
    name="sparky",
    kind="cluster",
    work_folder="/home/trainer/.amlweb",
    environment={"API_TOKEN": "hush-token", "LANG": "C.UTF-8"},
    ssh=SshAccess(
        "head.lab.example", "trainer", 2222, ("ssh-rsa BBBB",), private_key=KEY, password="hush-login", jumps=(JUMP,)
    ),
    cluster=ClusterSettings(
        master="spark://master.lab.example:7077",
        principal="trainer@LAB.EXAMPLE",
        configuration={"spark.cores.max": "1", "spark.my.password": "hush-property"},
        nodes=("root@node1.lab.example:22",),
    ),
)
STEPS = [
    Step("Check: Login", Outcome.HELD, 12.3, "right", "trainer is let in at head.lab.example."),
    Step(
        "Exit code 7",
        Outcome.FAILED,
        4567.8,
        "code 7",
        "code 1 on node9.lab.example (10.1.2.3, ip-10-1-2-4, fe80:0:0:0:1:2:3:4)",
        "Look there.",
        "log:\nhush-login hush-key-line-one hush-token hush-property hush-gate at 16:23:27 on 127.0.0.1, worker-7",
    ),
]
FACTS = {
    "python": "3.11.9",
    "spark": "4.3.0",
    "java": "17.0.15",
    "system": "Ubuntu 24.04",
    "host": "head",
    "executors": [["3.11.9", "worker-7"], ["3.11.8", "worker-8"]],
}


def report(
    is_anonymous: bool, settings: TargetSettings = SETTINGS, steps: Sequence[Step] = tuple(STEPS)
) -> dict[str, object]:
    asked = Asked(settings, Framework.PYSPARK, "0123456789ab")
    return report_of(
        Verified(list(steps), dict(FACTS)), asked, Masks(settings, (), is_anonymous), "0.1.0", "2026-01-01"
    )


def test_a_report_says_versions_settings_and_steps_with_their_remedies() -> None:
    text = text_of(report(is_anonymous=False))
    for wanted in (
        "1 of 2 steps held.",
        "amlweb: 0.1.0",
        "executors' python: 3.11.8, 3.11.9",
        "address: trainer@head.lab.example:2222",
        "login: private key",
        "variables: API_TOKEN, LANG",
        "spark.cores.max: 1",
        "failed        4,568 ms  Exit code 7",
        "do:       Look there.",
        "| log:",
    ):
        assert wanted in text
    assert report(is_anonymous=False)["holds"] is False


@pytest.mark.parametrize("is_anonymous", [False, True])
def test_no_secret_is_in_a_report(is_anonymous: bool) -> None:
    found = report(is_anonymous)
    assert "hush" not in text_of(found)
    assert "hush" not in json.dumps(found)
    assert "*****" in text_of(found)


def test_an_anonymous_report_names_no_host_and_no_account() -> None:
    text = text_of(report(is_anonymous=True))
    for hidden in (
        "lab.example",
        "LAB.EXAMPLE",
        "trainer",
        "porter",
        "10.1.2.3",
        "10-1-2-4",
        "fe80",
        "worker-7",
        "sparky",
    ):
        assert hidden not in text
    for kept in (
        "spark://<host>:7077",
        "/home/<name>/.amlweb",
        "16:23:27",
        "127.0.0.1",
        "4.3.0",
        "3.11.9",
        "Ubuntu 24.04",
    ):
        assert kept in text


def test_a_line_of_a_step_is_masked_as_the_report_is() -> None:
    assert Masks(SETTINGS, (), True).text(line_of(STEPS[0])).endswith("<name> is let in at <host>.")


def test_livy_and_registries_are_shown_without_what_opens_them() -> None:
    livy = LivySettings(
        "https://livy.lab.example/livy", "hdfs://name.lab.example/amlweb", "olivia", "hush-livy", "oscar", "hush-dfs"
    )
    container = ContainerSettings(
        "registry.lab.example:5000/team/image:1", login=RegistryLogin("rita", "hush-registry")
    )
    settings = replace(SETTINGS, ssh=None, cluster=None, livy=livy, container=container)
    said = Step("Check: Livy", Outcome.FAILED, 1.0, "right", "olivia:hush-livy and oscar:hush-dfs, rita:hush-registry")
    text = text_of(report(False, settings, [said]))
    assert "url: https://livy.lab.example/livy" in text
    assert "olivia:*****" in text
    assert "hush" not in json.dumps(report(False, settings, [said]))
    anonymous = text_of(report(True, settings, [said]))
    assert not any(word in anonymous for word in ("livy.lab", "name.lab", "registry.lab", "olivia", "oscar", "rita"))
    assert "<host>:5000/team/image:1" in anonymous


def test_an_anonymous_report_of_jobs_that_never_told_their_host_can_be_read() -> None:
    facts = {"host": "", "executors": [["3.11.9", ""]]}
    asked = Asked(SETTINGS, Framework.PYSPARK, "0123456789ab")
    found = report_of(Verified(STEPS, facts), asked, Masks(SETTINGS, (), is_anonymous=True), "0.1.0", "2026-01-01")
    assert "<name> is let in at <host>." in text_of(found)
    assert "code 1 on <host> (<address>, <address>, <address>)" in text_of(found)


def test_an_anonymous_report_does_not_name_the_host_of_a_storage() -> None:
    assert SETTINGS.cluster is not None
    cluster = replace(SETTINGS.cluster, storage_uri="hdfs://names.elsewhere.example:8020/user/amlweb")
    steps = [Step("Log", Outcome.HELD, 1.0, "a log", "the run is placed in hdfs://names.elsewhere.example:8020/user")]
    text = text_of(report(is_anonymous=True, settings=replace(SETTINGS, cluster=cluster), steps=steps))
    assert "placed in hdfs://<host>:8020/user" in text
    assert "elsewhere" not in text
