"""What a project's own `.compute` file may say instead of a shared target, and what it may not."""

from typing import Any

import pytest

from computes.compute_file_start import initial_of_file
from computes.forms.container_fields import check_gpus
from computes.models import ComputeTarget
from computes.project_overrides import overrides_for, overruled_keys
from computes.target_settings import settings_of
from projects.aml_config.folder import read_aml_config

DOCKER = {"kind": "localdocker", "base_docker_image": "python:3.11-slim", "gpus": "all"}


def file_of(text: str) -> Any:
    """Read a compute file as the projects' reader does."""
    return read_aml_config({"aml_config/box.compute": text.encode()}).computes["box"]


def target_of(**facts: Any) -> ComputeTarget:
    return ComputeTarget(name="box", **facts)


def test_image_volumes_and_no_gpus_are_the_projects_to_say() -> None:
    target = target_of(**DOCKER)
    file = file_of("type: docker\nbaseDockerImage: mine:1\nsharedVolumes: false\nnvidiaDocker: false\n")
    said = overrides_for(target, file)
    assert said == {"image": "mine:1", "is_shared": False, "gpus": ""}
    container = settings_of(target, said).container
    assert container is not None
    assert (container.image, container.is_shared, container.gpus) == ("mine:1", False, "")
    assert settings_of(target).container != container, "without the project's word the target's holds"


def test_what_a_file_does_not_say_or_says_alike_overrides_nothing() -> None:
    assert overrides_for(target_of(**DOCKER), file_of("type: docker\n")) == {}
    alike = file_of("type: docker\nbaseDockerImage: python:3.11-slim\nsharedVolumes: true\nnvidiaDocker: true\n")
    assert overrides_for(target_of(**DOCKER), alike) == {}
    assert overrides_for(target_of(**DOCKER), None) == {}


@pytest.mark.parametrize(
    ("gpus", "value", "is_overruled"),
    [
        ("2", "2", False),
        ("2", "true", False),
        ("2", "4", True),
        ("all", "[1]", True),
        ("device=1", "[1]", False),
        ("", "2", True),
    ],
)
def test_other_gpus_than_the_targets_have_no_effect(gpus: str, value: str, is_overruled: bool) -> None:
    target = target_of(**{**DOCKER, "gpus": gpus})
    file = file_of(f"type: docker\nnvidiaDocker: {value}\n")
    assert overruled_keys(target, file) == (("nvidiaDocker",) if is_overruled else ())
    assert settings_of(target, overrides_for(target, file)) == settings_of(target)


@pytest.mark.parametrize(("value", "gpus"), [("true", "all"), ("2", "2"), ("[0, 2]", "0,2"), ("[1]", "device=1")])
def test_a_file_fills_in_the_gpus_of_a_new_target(value: str, gpus: str) -> None:
    initial = initial_of_file(file_of(f"type: docker\nnvidiaDocker: {value}\n"))
    assert initial["gpus"] == gpus
    check_gpus(gpus)


@pytest.mark.parametrize(
    ("kind", "text", "overruled"),
    [
        ("remote", "type: remote\naddress: evil.example\nusername: root\npythonLocation: /tmp/py\n",
         ("address", "username", "pythonLocation")),
        ("remote", "type: remote\naddress: gpu1.lab.example\nusername: trainer\n", ()),
        ("remotedocker", "type: remotedocker\naddress: gpu1.lab.example:22\nusername: trainer\n"
         "userManagedEnvironment: true\nnativeSharedDirectory: /etc\nnvidiaDocker: true\n",
         ("nativeSharedDirectory", "nvidiaDocker")),
        ("localdocker", "type: docker\nnativeSharedDirectory: /\nnvidiaDocker: true\n",
         ("nativeSharedDirectory", "nvidiaDocker")),
        ("localdocker", "type: docker\nuserManagedEnvironment: false\npythonLocation: python\n",
         ("userManagedEnvironment", "pythonLocation")),
        ("local", "type: local\npythonLocation: /usr/bin/other\n", ("pythonLocation",)),
    ],
)  # fmt: skip
def test_address_user_interpreter_and_mounts_stay_the_targets(kind: str, text: str, overruled: tuple[str, ...]) -> None:
    facts = {"address": "gpu1.lab.example", "username": "trainer"} if kind.startswith("remote") else {}
    target = target_of(kind=kind, **facts)
    file = file_of(text)
    assert overruled_keys(target, file) == overruled
    assert settings_of(target, overrides_for(target, file)) == settings_of(target)


def test_the_share_folder_of_plain_processes_is_the_projects_to_say() -> None:
    target = target_of(kind="local", native_shared_directory="/srv/share")
    file = file_of("type: local\nnativeSharedDirectory: ~/mine\n")
    said = overrides_for(target, file)
    assert settings_of(target, said).native_shared_directory == "~/mine"
    assert overruled_keys(target, file) == ()
