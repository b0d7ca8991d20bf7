"""Compute files: every type, every key, and what is said about those that are wrong."""

import pytest

from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.effect import keys_without_effect_on
from projects.aml_config.reading import read_compute

REFERENCE = "AzureMlSecret=gpu-vm#trainer#00000000000000000000000000000000"
GPU = f"""\
type: remotedocker
address: gpu1.lab.example
username: trainer
password: {REFERENCE}   # a reference only
baseDockerImage: example.org/lab/base-gpu:2
nativeSharedDirectory: ~/.lab/share/
sharedVolumes: true
nvidiaDocker: true
userManagedEnvironment: false
"""


def read(text: str) -> ComputeFile:
    compute, problems = read_compute("x", text)
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert compute is not None
    return compute


def error_of(text: str) -> str:
    compute, problems = read_compute("x", text)
    assert compute is None
    return " ".join(f"{problem.text} {problem.remedy}" for problem in problems if problem.severity == "error")


def test_a_local_target_is_read() -> None:
    compute = read(
        "type: local\npythonLocation: python3\nsparkSubmitLocation: spark-submit\n"
        "nativeSharedDirectory: ~/.lab/share/\n"
    )
    assert compute.kind == "local"
    assert compute.python_location == "python3"
    assert compute.spark_submit_location == "spark-submit"
    assert compute.native_shared_directory == "~/.lab/share/"
    assert not compute.user_managed_environment
    assert not compute.credential_missing


@pytest.mark.parametrize("word", ["docker", "localdocker"])
def test_both_words_for_a_docker_target_mean_one_kind_and_are_kept(word: str) -> None:
    compute = read(f"type: {word}\nbaseDockerImage: example.org/lab/base:2\n")
    assert (compute.kind, compute.type) == ("docker", word)
    assert compute.shared_volumes
    assert not compute.nvidia_docker


def test_a_remote_docker_target_is_read_and_its_credential_is_missing() -> None:
    compute, problems = read_compute("gpu-vm", GPU)
    assert compute is not None
    assert compute.kind == "remotedocker"
    assert (compute.address, compute.username) == ("gpu1.lab.example", "trainer")
    assert compute.password == REFERENCE
    assert compute.credential_missing
    assert compute.nvidia_docker
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 4)]
    assert "credential is missing" in problems[0].text
    assert REFERENCE not in repr(compute)


def test_a_remote_target_uses_the_python_that_is_there_unless_it_says_otherwise() -> None:
    text = "type: remote\naddress: vm2.lab.example\nusername: trainer\npythonLocation: /opt/py/bin/python3\n"
    assert read(text).user_managed_environment
    assert not read(text + "userManagedEnvironment: false\n").user_managed_environment


def test_a_cluster_is_read_with_its_deploy_mode() -> None:
    text = "type: cluster\naddress: head.sparky.lab.example\nusername: sshuser\n"
    assert read(text).yarn_deploy_mode == "cluster"
    assert read(text + "yarnDeployMode: client\n").yarn_deploy_mode == "client"


def test_a_livy_target_has_the_url_of_its_service() -> None:
    assert read("type: livy\naddress: http://livy.lab.example:8998\n").kind == "livy"
    assert "Livy" in error_of("type: livy\naddress: livy.lab.example\n")


@pytest.mark.parametrize("kind", ["remotedocker", "remote", "cluster"])
def test_what_ssh_needs_is_asked_for(kind: str) -> None:
    text = error_of(f"type: {kind}\n")
    assert "`address`" in text
    assert "`username`" in text


@pytest.mark.parametrize("key", ["password", "privateKey"])
@pytest.mark.parametrize(
    "value", ["hunter2", "[hunter2]", "{a: hunter2}", "!hunter2 a", "*hunter2", "'hunter2", "|\n  hunter2"]
)
def test_a_secret_in_the_file_is_an_error_that_does_not_repeat_it(key: str, value: str) -> None:
    compute, problems = read_compute("x", f"type: remote\naddress: a\nusername: b\n{key}: {value}\n")
    assert compute is None
    assert "hunter2" not in repr(problems)


@pytest.mark.parametrize("line", ["Password: hunter2", "sshPassword: hunter2", "vault: {token: hunter2}"])
def test_the_value_of_an_unknown_key_that_sounds_secret_is_hidden(line: str) -> None:
    compute, problems = read_compute("x", f"type: local\n{line}\n")
    assert compute is not None
    assert "hunter2" not in repr(compute) + repr(problems)


def test_a_key_without_a_blank_after_its_colon_is_not_repeated() -> None:
    compute, problems = read_compute("x", "{type: local, password:hunter2}")
    assert compute is None
    assert "hunter2" not in repr(problems)


def test_unknown_keys_are_kept_with_a_guess_at_what_was_meant() -> None:
    compute, problems = read_compute("x", "type: local\npythonlocation: python3\nother: [1, {a: b}]\nbaseImage: x\n")
    assert compute is not None
    assert compute.unknown == {"pythonlocation": "python3", "other": "[1, {a: b}]", "baseImage": "x"}
    assert [(problem.line, problem.severity) for problem in problems] == [
        (2, "warning"),
        (3, "warning"),
        (4, "warning"),
    ]
    assert "`pythonLocation`" in problems[0].remedy
    assert "baseDockerImage" in problems[2].remedy


def test_the_type_is_asked_for_in_the_words_that_fit() -> None:
    assert "type: local" in error_of("pythonLocation: python3\n")
    assert "oldest form" in error_of("cluster: true\nnative: false\n")
    assert "remotedocker" in error_of("type: batchai\n")
    assert "`type` is missing" in error_of("type:\n")


@pytest.mark.parametrize(
    "address", ["vm", "10.0.0.1", "vm.example:2222", "[fe80::1]:22", "[::1]", "fe80::1", "c-ssh.azurehdinsight.net"]
)
def test_an_address_that_ssh_can_reach_is_taken(address: str) -> None:
    assert read(f"type: remote\naddress: '{address}'\nusername: u\n").address == address


@pytest.mark.parametrize(
    "address", ["-oProxyCommand=x", "a b", "user@host", "vm:0", "vm:70000", "vm:22:22x", "ssh://vm", "a" * 2_000]
)
def test_an_address_that_ssh_cannot_reach_is_refused(address: str) -> None:
    assert "`address`" in error_of(f"type: remote\naddress: '{address}'\nusername: u\n")


@pytest.mark.parametrize("user", ["-l", "a b", "a;b", "$(id)"])
def test_a_name_that_is_no_account_is_refused(user: str) -> None:
    assert "`username`" in error_of(f"type: remote\naddress: vm\nusername: '{user}'\n")


def test_a_boolean_must_be_one() -> None:
    assert read("type: docker\nsharedVolumes: No\n").shared_volumes is False
    assert "true or false" in error_of("type: docker\nsharedVolumes: 1e3\n")
    assert "single value" in error_of("type: docker\nsharedVolumes: [true]\n")


@pytest.mark.parametrize(
    ("value", "gpus"),
    [
        ("true", "all"), ("Yes", "all"), ("all", "all"), ("false", ""), ("no", ""), ("", ""), ("2", "2"), ("'2'", "2"),
        ("0,2", "0,2"), ("'0, 2'", "0,2"), ("[0, 2]", "0,2"), ("\n- 0\n- 2", "0,2"), ("[1]", "device=1"),
        ("device=1", "device=1"), ("device=0,3", "device=0,3"),
    ],
)  # fmt: skip
def test_gpus_are_all_how_many_or_which(value: str, gpus: str) -> None:
    compute = read(f"type: docker\nnvidiaDocker: {value}\n")
    assert (compute.gpus, compute.nvidia_docker) == (gpus, gpus != "")


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "1.5", "1,", "1000", "many", "[]", "[true]", "[-1]", "[[1]]", "{a: 1}", "device=", "device=all"],
)
def test_what_says_neither_how_many_gpus_nor_which_is_an_error(value: str) -> None:
    assert "device=1 for one certain GPU" in error_of(f"type: docker\nnvidiaDocker: {value}\n")


def test_an_image_that_is_gone_is_warned_about() -> None:
    _, problems = read_compute("x", "type: docker\nbaseDockerImage: microsoft/mmlspark:plus-0.7.91\n")
    assert [(problem.severity, problem.line, problem.column) for problem in problems] == [("warning", 2, 18)]


def test_a_share_without_shared_volumes_is_warned_about_and_named() -> None:
    compute, problems = read_compute("x", "type: docker\nnativeSharedDirectory: ~/s\nsharedVolumes: false\n")
    assert compute is not None
    assert [problem.line for problem in problems] == [2]
    assert keys_without_effect_on(compute) == ("nativeSharedDirectory",)


def test_keys_that_do_nothing_for_a_kind_are_named() -> None:
    local = read("type: local\nsharedVolumes: true\nyarnDeployMode: client\npythonLocation: python3\n")
    assert keys_without_effect_on(local) == ("sharedVolumes", "yarnDeployMode")
    cluster = read("type: cluster\naddress: a\nusername: b\nnativeSharedDirectory: ~/s\npythonLocation: p\n")
    assert keys_without_effect_on(cluster) == ("nativeSharedDirectory", "pythonLocation")
    assert keys_without_effect_on(read(GPU)) == ()
    own_image = read("type: docker\nuserManagedEnvironment: true\npythonLocation: /opt/venv/bin/python\n")
    assert keys_without_effect_on(own_image) == ()
