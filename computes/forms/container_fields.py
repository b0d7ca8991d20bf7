"""The fields of a target whose runs get containers of their own."""

import re
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.attaching import TargetWishes
from computes.contract import Network
from computes.forms.credential_fields import NotRemembered
from computes.forms.process_target_form import check_interpreter
from computes.forms.sections import Section
from computes.forms.size_field import SizeField
from computes.forms.target_form import TargetForm, check_folder
from projects.aml_config.gpus import GPUS

CONTAINERS = Section(
    "containers",
    "Containers",
    (
        ("base_docker_image",),
        ("shared_volumes",),
        ("user_managed_environment",),
        ("python_location",),
        ("registry_username", "registry_password"),
    ),
    "Each run gets a container without privileges, which is removed after it.",
)
LIMITS = Section(
    "limits",
    "What a container may take",
    (("cpus", "memory_bytes"), ("shm_bytes", "most_processes"), ("gpus", "network")),
    "Each run gets this much. Empty means as much as there is.",
)
ENGINE = Section("engine", "Docker on the host", (("docker_socket", "container_user"),))
IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]*\Z")
USER = re.compile(r"(?:[0-9]{1,9}:[0-9]{1,9})?\Z")
NETWORKS = (
    (Network.DEFAULT.value, "The engine's default network"),
    (Network.NONE.value, "None: no network at all"),
    (Network.HOST.value, "The host's own: also services that listen on the host only"),
)


def check_image(name: str) -> None:
    """An image is one word and no option of a command."""
    if not IMAGE.match(name):
        raise ValidationError("This is not the name of an image. Write name:tag, such as python:3.11-slim.")


def check_python_of_image(path: str) -> None:
    """A whole path in the image or the bare name of a command; nothing there stands for a home."""
    if path.startswith("~"):
        raise ValidationError("Give the whole path in the image: it begins with /.")
    check_interpreter(path)


def check_gpus(text: str) -> None:
    """All, how many, or which."""
    if text and not GPUS.fullmatch(text):
        raise ValidationError(
            "Write all, how many GPUs from 1, device=1 for one certain GPU, or several with commas, such as 0,2."
        )


def check_container_user(text: str) -> None:
    """Two numbers, because names mean other accounts in other images; and neither root nor root's group."""
    if not USER.match(text):
        raise ValidationError("Write uid:gid in numbers, such as 1000:1000.")
    if text and 0 in map(int, text.split(":")):
        raise ValidationError("Containers do not run as root or in root's group. Choose a uid and a gid above 0.")


class ContainerFields(TargetForm):
    """The image, what a container may take, and where the engine is."""

    base_docker_image = forms.CharField(
        label="Base image",
        max_length=300,
        initial="python:3.11-slim",
        validators=[check_image],
        help_text="baseDockerImage: what each container is made of. A project may name another one.",
    )
    shared_volumes = forms.BooleanField(
        label="Mount the run folder into the container",
        required=False,
        initial=True,
        help_text="sharedVolumes: otherwise files are copied in and out, and there is no shared folder.",
    )
    user_managed_environment = forms.BooleanField(
        label="Use the packages of the image and install nothing",
        required=False,
        initial=False,
        help_text="userManagedEnvironment: otherwise conda_dependencies.yml of the project is installed beside it.",
    )
    python_location = forms.CharField(
        label="Python of the image",
        required=False,
        max_length=500,
        initial="python3",
        empty_value="python3",
        validators=[check_python_of_image],
        help_text="pythonLocation: a path, or a command in the image's PATH. Prepared environments bring their own.",
    )
    cpus = forms.FloatField(
        label="CPUs", required=False, validators=[MinValueValidator(0.01), MaxValueValidator(10_000)],
        help_text="Such as 4 or 1.5.",
    )  # fmt: skip
    memory_bytes = SizeField(label="Memory", required=False, smallest=6 * 2**20, help_text="Such as 8 GiB.")
    shm_bytes = SizeField(
        label="Shared memory",
        required=False,
        smallest=2**16,
        help_text="Such as 2 GiB: the data loaders of PyTorch need it.",
    )
    most_processes = forms.IntegerField(
        label="Most processes", required=False, validators=[MinValueValidator(20), MaxValueValidator(4_000_000)],
        help_text="Processes and threads at once, such as 4096.",
    )  # fmt: skip
    gpus = forms.CharField(
        label="GPUs",
        required=False,
        max_length=100,
        validators=[check_gpus],
        help_text="nvidiaDocker: all, how many, device=1 for that one, or several such as 0,2. Empty for none.",
    )
    network = forms.ChoiceField(label="Network", choices=NETWORKS, initial=Network.DEFAULT.value)
    container_user = forms.CharField(
        label="User in the container",
        required=False,
        max_length=30,
        validators=[check_container_user],
        help_text="uid:gid. Empty for the owner of the run folder.",
    )
    docker_socket = forms.CharField(
        label="Docker socket", max_length=300, initial="/var/run/docker.sock", validators=[check_folder],
        help_text="On the host that Docker runs on.",
    )  # fmt: skip
    registry_username = forms.CharField(
        label="User at the image registry", required=False, max_length=200, widget=NotRemembered(),
        help_text="For private images only.",
    )  # fmt: skip
    registry_password = forms.CharField(
        label="Password at the image registry",
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Stored sealed and never shown. Leave empty to keep what is stored.",
    )

    def clean(self) -> dict[str, Any]:
        """A password needs a user."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("registry_password") and not cleaned.get("registry_username"):
            self.add_error("registry_username", ValidationError("Whose password is it? Write the user, too."))
        return cleaned

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return replace(super().wishes(), registry_password=self.wanted_registry_password())

    def wanted_registry_password(self) -> str | None:
        """Return the password that was given, "" where the login was removed, None to keep what is stored."""
        if not self.cleaned_data["registry_username"]:
            return "" if "registry_username" in self.changed_data else None
        return self.cleaned_data["registry_password"] or None
