"""The form that attaches and edits a machine over SSH whose scripts run as processes."""

from typing import ClassVar

from django import forms

from computes.forms.credential_fields import CREDENTIAL
from computes.forms.host_form import HostForm
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.process_target_form import PYTHON, ProcessTargetForm
from computes.forms.sections import Section
from computes.forms.ssh_fields import CONNECTION
from computes.forms.target_form import ABOUT, FOLDERS, RUNS


class RemoteTargetForm(HostForm, PackageFields, ProcessTargetForm):
    """A machine over SSH with the Python that is there."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, CONNECTION, CREDENTIAL, PYTHON, FOLDERS, PACKAGES, RUNS)
    may_keep_password = True

    user_managed_environment = forms.BooleanField(
        label="Run with that Python and install nothing",
        required=False,
        initial=True,
        help_text="userManagedEnvironment: otherwise conda_dependencies.yml of the project is installed on the host.",
    )
