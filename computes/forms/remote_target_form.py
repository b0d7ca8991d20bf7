"""The form that attaches and edits a machine over SSH whose scripts run as processes."""

from typing import Any, ClassVar

from django import forms

from computes.attaching import TargetWishes
from computes.forms.credential_fields import CREDENTIAL, CredentialFields
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.process_target_form import PYTHON, ProcessTargetForm
from computes.forms.sections import Section
from computes.forms.ssh_fields import CONNECTION, SshFields
from computes.forms.target_form import ABOUT, FOLDERS, RUNS


class RemoteTargetForm(CredentialFields, PackageFields, SshFields, ProcessTargetForm):
    """A machine over SSH with the Python that is there."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, CONNECTION, CREDENTIAL, PYTHON, FOLDERS, PACKAGES, RUNS)
    may_keep_password = True

    user_managed_environment = forms.BooleanField(
        label="Run with that Python and install nothing",
        required=False,
        initial=True,
        help_text="userManagedEnvironment: otherwise conda_dependencies.yml of the project is installed on the host.",
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        self.fields["work_folder"].help_text = "Where code and logs of runs live on the host. Empty: ~/.amlweb."
        self.prepare_credential(is_new)

    def facts(self) -> dict[str, Any]:
        """Return the fields of the target that this form changes."""
        return super().facts() | self.facts_of_address()

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return TargetWishes(self.facts(), self.new_credential(), package_logins=self.new_logins())
