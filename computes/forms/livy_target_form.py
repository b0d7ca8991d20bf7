"""The form that attaches and edits a Spark cluster that is reached through Livy."""

import re
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from computes.attaching import TargetWishes
from computes.cluster_passwords import ClusterPasswords
from computes.forms.credential_fields import NotRemembered
from computes.forms.package_fields import PACKAGES, PackageFields
from computes.forms.process_target_form import check_interpreter
from computes.forms.sections import Section
from computes.forms.spark_fields import LINKS, RESOURCES, SparkFields
from computes.forms.target_form import ABOUT, RUNS, TargetForm
from computes.forms.url_fields import LinkTemplateField, ServiceUrlField, checked_service_url

SERVICE = Section(
    "livy",
    "Livy",
    (("livy_url",), ("livy_username", "livy_password"), ("livy_ca_bundle", "livy_proxy_user")),
    "Batches are sent to this service. Only administrators can say where it is.",
)
STORAGE = Section(
    "storage",
    "Storage",
    (("work_folder",), ("storage_uri",), ("storage_username", "storage_password"), ("storage_is_for_group",)),
    "Code, environments, logs and outputs of runs pass through a folder that this server and the cluster both reach.",
)
SPARK = Section(
    "spark", "Spark", (("yarn_queue", "python_location"), ("user_managed_environment",), ("spark_configuration",))
)
PASSWORDS = ("livy", "storage")
WEBHDFS = "/webhdfs/v1/"
URI = re.compile(
    r"(?:file:///|[a-z][a-z0-9+.-]*://(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9_.:-]*/)[^\s?#\"<>\\{}]*[^\s?#\"<>\\{}/]"
)  # abfs has its container before an @
ACCOUNT = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.@$-]*)?\Z")


def check_account(name: str) -> None:
    """An account of the cluster is one word."""
    if not ACCOUNT.match(name):
        raise ValidationError("This is not the name of an account.")


def check_storage_uri(text: str) -> None:
    """The cluster's own word for the folder, with its file system."""
    if not URI.fullmatch(text):
        raise ValidationError("Write it with its file system, such as hdfs:///user/amlweb or file:///mnt/amlweb.")


def password_field(purpose: str) -> forms.CharField:
    """Return a field for a password that is never shown again."""
    return forms.CharField(
        label="Password",
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=f"{purpose} Stored sealed and never shown. Leave empty to keep what is stored.",
    )


def check_file_of_server(path: str) -> None:
    """A file of this server is named the same whoever reads it."""
    if not path.startswith("/"):
        raise ValidationError("Give the whole path: it begins with /, and not with ~.")


class LivyTargetForm(PackageFields, SparkFields, TargetForm):
    """A Livy service and the storage that it reads from. There is no shared folder and no machine of ours."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, SERVICE, STORAGE, SPARK, RESOURCES, LINKS, PACKAGES, RUNS)
    native_shared_directory = None  # type: ignore[assignment]  # so Django leaves a field out

    livy_url = ServiceUrlField(
        label="Address",
        help_text="address: such as https://livy.lab.example:8998, or https://NAME.azurehdinsight.net/livy.",
    )
    livy_username = forms.CharField(
        label="User", required=False, max_length=200, validators=[check_account], widget=NotRemembered(),
        help_text="username: for basic authentication. Empty where the service asks for none.",
    )  # fmt: skip
    livy_password = password_field("For basic authentication.")
    livy_ca_bundle = forms.CharField(
        label="Certificates", required=False, max_length=500, validators=[check_file_of_server],
        help_text="A PEM file on this server. Empty for the authorities that systems know.",
    )  # fmt: skip
    livy_proxy_user = forms.CharField(
        label="Run as", required=False, max_length=200, validators=[check_account],
        help_text="proxyUser: the account of the cluster that applications run as. Empty for Livy's choice.",
    )  # fmt: skip
    work_folder = forms.CharField(
        label="Folder as this server reaches it",
        max_length=500,
        help_text="storageFolder: a mounted folder such as /mnt/amlweb, or WebHDFS: https://HOST:9871/webhdfs/v1/FOLDER.",
    )
    storage_uri = forms.CharField(
        label="The same folder as the cluster calls it",
        max_length=500,
        validators=[check_storage_uri],
        help_text="storageUri: such as hdfs:///user/amlweb, abfs://… or file:///mnt/amlweb.",
    )
    storage_username = forms.CharField(
        label="User of WebHDFS", required=False, max_length=200, validators=[check_account], widget=NotRemembered(),
        help_text="Without a password it is only named, as clusters without security want it.",
    )  # fmt: skip
    storage_password = password_field("For gateways.")
    storage_is_for_group = forms.BooleanField(
        label="Drivers run under another account of the folder's group",
        required=False,
        help_text="Then files there can be read and written by the group; otherwise by the account alone.",
    )
    python_location = forms.CharField(
        label="Python on the nodes",
        max_length=500,
        initial="python3",
        validators=[check_interpreter],
        help_text="python3 stands for what the cluster itself takes.",
    )
    user_managed_environment = forms.BooleanField(
        label="Run with that Python and install nothing",
        required=False,
        initial=True,
        help_text="userManagedEnvironment: it has what scripts need. Otherwise conda_dependencies.yml of the project "
        "is installed on this server, by its own account, packed into the storage and sent along.",
    )
    batch_url = LinkTemplateField(
        label="Livy's page of a batch",
        places=("batch",),
        help_text="Such as https://livy.lab.example:8998/ui/batch/{batch}/log.",
    )

    def clean_work_folder(self) -> str:
        """Return a path of this server, or the address of a folder behind WebHDFS."""
        text = str(self.cleaned_data["work_folder"]).rstrip("/")
        if text.startswith("/"):
            return text
        if "://" not in text:
            raise ValidationError("Write the whole path of a mounted folder, or the address of a folder of WebHDFS.")
        address = checked_service_url(text)
        if not address.partition(WEBHDFS)[2]:
            raise ValidationError(f"The address of WebHDFS ends with {WEBHDFS} and a folder.")
        return address

    def clean(self) -> dict[str, Any]:
        """A password needs a user."""
        cleaned = super().clean() or self.cleaned_data
        for name in PASSWORDS:
            if cleaned.get(f"{name}_password") and not cleaned.get(f"{name}_username"):
                self.add_error(f"{name}_username", ValidationError("Whose password is it? Write the user, too."))
        return cleaned

    def wanted_password(self, name: str) -> str | None:
        """Return the password that was given, "" where the user was removed, None to keep what is stored."""
        if not self.cleaned_data[f"{name}_username"]:
            return "" if f"{name}_username" in self.changed_data else None
        return self.cleaned_data[f"{name}_password"] or None

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        passwords = ClusterPasswords(*(self.wanted_password(name) for name in PASSWORDS))
        return replace(super().wishes(), cluster_passwords=passwords)
