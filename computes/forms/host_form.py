"""What the forms of all targets share whose host is reached over SSH."""

from dataclasses import replace
from typing import Any, ClassVar

from computes.attaching import TargetWishes
from computes.forms.credential_fields import CredentialFields
from computes.forms.ssh_fields import SshFields
from computes.forms.target_form import TargetForm


class HostForm(CredentialFields, SshFields, TargetForm):
    """The way to the host, and what lets amlweb in. `HOST` is what help texts call it."""

    HOST: ClassVar[str] = "host"

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        help_text = f"Where code and logs of runs live on the {self.HOST}. Empty: ~/.amlweb."
        self.fields["work_folder"].help_text = help_text
        self.prepare_credential(is_new)

    def facts(self) -> dict[str, Any]:
        """Return the fields of the target that this form changes."""
        return super().facts() | self.facts_of_address()

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return replace(super().wishes(), credential=self.new_credential())
