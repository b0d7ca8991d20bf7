"""The forms that attach and edit targets whose runs get containers, here and on a host over SSH."""

from typing import Any, ClassVar

from computes.attaching import TargetWishes
from computes.forms.container_fields import CONTAINERS, ENGINE, LIMITS, ContainerFields
from computes.forms.credential_fields import CREDENTIAL, CredentialFields
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.sections import Section
from computes.forms.ssh_fields import CONNECTION, SshFields
from computes.forms.target_form import ABOUT, FOLDERS, RUNS, TargetForm


class DockerTargetForm(PackageFields, ContainerFields, TargetForm):
    """Containers of the engine on this machine."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, CONTAINERS, LIMITS, FOLDERS, ENGINE, PACKAGES, RUNS)

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return TargetWishes(
            self.facts(), registry_password=self.wanted_registry_password(), package_logins=self.new_logins()
        )


class RemoteDockerTargetForm(CredentialFields, SshFields, DockerTargetForm):
    """Containers of the engine on a host over SSH, which is reached with a key."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (
        ABOUT, CONNECTION, CREDENTIAL, CONTAINERS, LIMITS, FOLDERS, ENGINE, PACKAGES, RUNS,
    )  # fmt: skip

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        self.fields["work_folder"].help_text = "Where code and logs of runs live on the host. Empty: ~/.amlweb."
        self.prepare_credential(is_new)

    def facts(self) -> dict[str, Any]:
        """Return the fields of the target that this form changes."""
        return super().facts() | self.facts_of_address()

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return TargetWishes(self.facts(), self.new_credential(), self.wanted_registry_password(), self.new_logins())
