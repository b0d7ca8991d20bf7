"""The forms of all kinds: what they take, what they refuse beside its field, and what they never show again."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from computes.errors import StartFailed
from computes.executors.docker.container_config import device_request
from computes.forms.docker_target_forms import DockerTargetForm, RemoteDockerTargetForm
from computes.forms.remote_target_form import RemoteTargetForm
from computes.forms.target_form import TargetForm
from computes.host_access import new_key_pair
from computes.models import ComputeTarget
from computes.target_settings import settings_of

pytestmark = pytest.mark.django_db
COMMON = {"name": "gpu1", "slots": "2", "lost_after_seconds": "1 d", "environment_variables": ""}
SSH = {"address": "gpu1.lab.example:2222", "username": "trainer", "keep_alive_seconds": "15", "credential": "key_pair"}
CONTAINERS = {"base_docker_image": "python:3.11-slim", "network": "default", "docker_socket": "/var/run/docker.sock"}
REMOTE = {**COMMON, **SSH, "python_location": "python3"}
REMOTE_DOCKER = {**COMMON, **SSH, **CONTAINERS}


def filled(form_class: type[TargetForm], data: dict[str, Any], **changes: Any) -> Any:
    return form_class({**data, **changes}, is_new=True)


def test_a_remote_target_is_described_by_its_form() -> None:
    form = filled(RemoteTargetForm, REMOTE, jump_hosts="me@gate\r\n\r\n[::1]:2200")
    assert form.is_valid(), form.errors
    facts = form.facts()
    assert (facts["address"], facts["port"], facts["username"]) == ("gpu1.lab.example", 2222, "trainer")
    assert [(jump["host"], jump["port"], jump["username"]) for jump in facts["jump_hosts"]] == [
        ("gate", 22, "me"),
        ("::1", 2200, ""),
    ]
    assert form.wishes().credential.kind == "key_pair"
    assert "base_docker_image" not in facts


def test_containers_are_described_by_their_form() -> None:
    form = filled(
        DockerTargetForm, {**COMMON, **CONTAINERS}, memory_bytes="8 GiB", cpus="1.5", gpus="0,2", shared_volumes="on"
    )
    assert form.is_valid(), form.errors
    facts = form.facts()
    assert (facts["memory_bytes"], facts["cpus"], facts["gpus"], facts["shared_volumes"]) == (2**33, 1.5, "0,2", True)
    assert facts["user_managed_environment"] is False
    assert facts["python_location"] == "python3"
    assert "address" not in facts


@pytest.mark.parametrize(("form_class", "data"), [(DockerTargetForm, {}), (RemoteDockerTargetForm, SSH)])
@pytest.mark.parametrize("location", ["python", "/opt/venv/bin/python"])
def test_an_own_image_says_where_its_python_is(
    form_class: type[TargetForm], data: dict[str, Any], location: str
) -> None:
    form = filled(form_class, {**COMMON, **CONTAINERS, **data}, user_managed_environment="on", python_location=location)
    assert form.is_valid(), form.errors
    target = ComputeTarget(kind="localdocker", **form.facts())
    assert settings_of(target).python_location == location


@pytest.mark.parametrize(
    ("gpus", "request_for"),
    [
        ("all", {"Count": -1}),
        ("2", {"Count": 2}),
        ("0,2", {"DeviceIDs": ["0", "2"]}),
        ("device=1", {"DeviceIDs": ["1"]}),
    ],
)
def test_gpus_are_asked_for_as_the_form_takes_them(gpus: str, request_for: dict[str, Any]) -> None:
    form = filled(DockerTargetForm, {**COMMON, **CONTAINERS}, gpus=gpus)
    assert form.is_valid(), form.errors
    assert device_request(form.facts()["gpus"]).items() >= request_for.items()
    assert len({"Count", "DeviceIDs"} & device_request(gpus).keys()) == 1


@pytest.mark.parametrize("gpus", ["0", "00", "device=", "device=x", ",", "-1"])
def test_an_engine_is_never_asked_for_no_gpus_at_all(gpus: str) -> None:
    with pytest.raises(StartFailed, match="gpus of the target"):
        device_request(gpus)


@pytest.mark.parametrize(
    ("form_class", "data", "field", "value", "words"),
    [
        (RemoteTargetForm, REMOTE, "address", "", "required"),
        (RemoteTargetForm, REMOTE, "address", "gpu1:99999", "from 1 to 65535. Write host or host:port"),
        (RemoteTargetForm, REMOTE, "address", "me@gpu1", "into the field User"),
        (RemoteTargetForm, REMOTE, "address", "-oProxyCommand=id", "not the name or the IP address"),
        (RemoteTargetForm, REMOTE, "username", "a b", "not the name of an account"),
        (RemoteTargetForm, REMOTE, "jump_hosts", "gate\na b", "Line 2: This is not the name"),
        (RemoteTargetForm, REMOTE, "jump_hosts", "gate\ngate:22", "on the way once"),
        (RemoteTargetForm, REMOTE, "jump_hosts", "a\nb\nc\nd\ne\nf", "At most 5"),
        (RemoteTargetForm, REMOTE, "keep_alive_seconds", "1", "greater than or equal to 5"),
        (RemoteTargetForm, REMOTE, "credential", "password", "Type the password"),
        (RemoteTargetForm, REMOTE, "credential", "magic", "magic"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "base_docker_image", "--privileged", "Write name:tag"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "base_docker_image", "a b", "Write name:tag"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "python_location", "python3 -u", "without arguments"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "python_location", "bin/python", "begins with /"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "python_location", "~/bin/python", "in the image"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "memory_bytes", "much", "8 GiB"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "memory_bytes", "1 KiB", "From 6 MiB"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "cpus", "nan", "number"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "gpus", "both", "Write all"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "gpus", "0", "from 1"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "gpus", "1,", "device=1"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "network", "bridge", "bridge"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "container_user", "root", "in numbers"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "container_user", "0:0", "not run as root"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "container_user", "0:1000", "not run as root"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "container_user", "1000:0", "root's group"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "container_user", "1000:00", "root's group"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "docker_socket", "docker.sock", "begins with / or ~"),
        (RemoteDockerTargetForm, REMOTE_DOCKER, "registry_username", "", "Whose password"),
    ],
)
def test_bad_input_comes_back_on_its_field(
    form_class: type[TargetForm], data: dict[str, Any], field: str, value: str, words: str
) -> None:
    more = {"registry_password": "hush"} if field == "registry_username" else {}
    form = filled(form_class, data, **{field: value}, **more)
    assert not form.is_valid()
    at_fault = "password" if value == "password" else field
    assert list(form.errors) == [at_fault]
    assert words in " ".join(form.errors[at_fault])


def test_a_private_key_is_pasted_or_uploaded_and_never_shown_again() -> None:
    private, _ = new_key_pair("test")
    form = filled(RemoteTargetForm, REMOTE, credential="private_key", private_key=private, slots="0")
    assert list(form.errors) == ["slots"]
    assert "PRIVATE KEY" not in form.as_p()
    form = RemoteTargetForm(
        {**REMOTE, "credential": "private_key"},
        {"private_key_file": SimpleUploadedFile("id_ed25519", private.encode())},
        is_new=True,
    )
    assert form.is_valid(), form.errors
    wanted = form.wishes().credential
    assert wanted is not None
    assert (wanted.kind, wanted.private_key) == ("private_key", private)
    assert private[40:80] not in repr(wanted)


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({}, "private_key", "Paste the private key"),
        ({"private_key": "hush"}, "private_key", "no private key"),
        ({"private_key": new_key_pair("x")[1]}, "private_key", "This is a public key"),
    ],
)
def test_what_is_no_private_key_is_refused_beside_it(facts: dict[str, str], field: str, words: str) -> None:
    form = filled(RemoteTargetForm, REMOTE, credential="private_key", **facts)
    assert words in form.errors[field][0]


def test_a_password_is_kept_only_where_that_works_and_never_shown_again() -> None:
    form = filled(RemoteTargetForm, REMOTE, credential="password", password=" hush ")
    assert form.is_valid(), form.errors
    once = form.wishes().credential
    assert (once.kind, once.password) == ("key_pair", " hush ")
    assert "hush" not in form.as_p()
    assert "hush" not in repr(form.wishes())
    kept = filled(RemoteTargetForm, REMOTE, credential="password", password="hush", keep_password="on")
    assert kept.is_valid()
    assert kept.wishes().credential.kind == "password"
    docker = filled(RemoteDockerTargetForm, REMOTE_DOCKER, credential="password", password="hush", keep_password="on")
    assert docker.is_valid()
    assert docker.wishes().credential.kind == "key_pair"
    assert "keep_password" not in docker.fields


def test_every_field_is_in_a_section_and_names_its_key() -> None:
    for form_class in (RemoteTargetForm, DockerTargetForm, RemoteDockerTargetForm):
        form = form_class(is_new=True)
        shown = [field.name for group in form.sections() for row in group.rows for field in row]
        assert sorted(shown) == sorted(form.fields)
        assert len(set(shown)) == len(shown)
    keys = {
        "base_docker_image": "baseDockerImage",
        "shared_volumes": "sharedVolumes",
        "gpus": "nvidiaDocker",
        "native_shared_directory": "nativeSharedDirectory",
        "user_managed_environment": "userManagedEnvironment",
        "python_location": "pythonLocation",
        "address": "address:",
        "username": "username:",
        "private_key": "privateKey",
        "password": "password:",
    }
    fields = RemoteDockerTargetForm(is_new=True).fields
    assert all(fields[name].help_text.startswith(key) for name, key in keys.items())


@pytest.mark.parametrize("text", ["one\nTWO=2", "one\rTWO=2"])
def test_a_variable_that_the_page_could_not_show_as_one_line_is_refused(text: str) -> None:
    form = filled(RemoteTargetForm, REMOTE, environment_variables={"KEY": text})
    assert form.errors == {
        "environment_variables": ["The name 'KEY': a value here is one line. Give longer ones to runs."]
    }
