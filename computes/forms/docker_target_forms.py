"""The forms that attach and edit targets whose runs get containers, here and on a host over SSH."""

from typing import ClassVar

from computes.forms.container_fields import CONTAINERS, ENGINE, LIMITS, ContainerFields
from computes.forms.credential_fields import CREDENTIAL
from computes.forms.host_form import HostForm
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.sections import Section
from computes.forms.ssh_fields import CONNECTION
from computes.forms.target_form import ABOUT, FOLDERS, RUNS, TargetForm


class DockerTargetForm(PackageFields, ContainerFields, TargetForm):
    """Containers of the engine on this machine."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, CONTAINERS, LIMITS, FOLDERS, ENGINE, PACKAGES, RUNS)


class RemoteDockerTargetForm(HostForm, DockerTargetForm):
    """Containers of the engine on a host over SSH, which is reached with a key."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (
        ABOUT, CONNECTION, CREDENTIAL, CONTAINERS, LIMITS, FOLDERS, ENGINE, PACKAGES, RUNS,
    )  # fmt: skip
