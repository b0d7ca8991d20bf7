"""The fields of a target whose environments we make: where packages come from there."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.attaching import TargetWishes
from computes.environments.address_secrets import BadAddress, without_secrets, without_secrets_for_pip
from computes.forms.sections import Section
from computes.forms.source_fields import (
    LARGEST_BUNDLE,
    LONGEST_ADDRESS,
    AddressLines,
    CertificatesField,
    ChannelMapField,
    check_web,
)
from computes.forms.target_form import TargetForm
from computes.package_logins import NewLogins
from computes.refusals import TargetRefused

PACKAGES = Section(
    "packages",
    "Package sources",
    (
        ("channel_alias", "channel_map"),
        ("pip_index", "pip_extra_indexes"),
        ("proxy",),
        ("ca_bundle",),
        ("forget_package_logins",),
    ),
    "For builds on this target, instead of those of the installation. A login that is typed with an address "
    "(https://user:password@host/) is sealed and never shown again.",
    folds="Other than those of the installation",
)
WITH_ADDRESSES = ("channel_alias", "channel_map", "pip_index", "pip_extra_indexes", "proxy")
OF_PIP = ("pip_index", "pip_extra_indexes")

MAY_BE_LOGINS = ("@", "/t/")  # in what is no address nobody can tell where a login begins


class PackageFields(TargetForm):
    """Channels, indexes, certificates and proxy. Empty means what the installation says."""

    channel_alias = forms.CharField(
        label="Conda channels are below",
        required=False,
        max_length=LONGEST_ADDRESS,
        validators=[check_web],
        help_text="The address before channels that are only a name, such as a mirror.",
    )
    channel_map = ChannelMapField(
        label="Channels that stand for others",
        required=False,
        help_text="One name = channel, channel a line, such as defaults = conda-forge.",
    )
    pip_index = forms.CharField(
        label="Index of Python packages",
        required=False,
        max_length=LONGEST_ADDRESS,
        validators=[check_web],
        help_text="What pip calls the index URL.",
    )
    pip_extra_indexes = AddressLines(label="Further indexes", required=False, help_text="One address a line.")
    proxy = forms.CharField(
        label="Proxy", required=False, max_length=LONGEST_ADDRESS, validators=[check_web],
        help_text="Such as http://proxy.lab.example:3128.",
    )  # fmt: skip
    ca_bundle = CertificatesField(
        label="Certificates of a company's own authority",
        required=False,
        max_length=LARGEST_BUNDLE,
        help_text="In PEM. They replace the usual ones, here and for pip on the target.",
    )
    forget_package_logins = forms.BooleanField(
        label="Forget the stored logins of these addresses", required=False, initial=False
    )

    def full_clean(self) -> None:
        """Where the form comes back to whoever sent it, it does so without the logins, and says that."""
        self.package_logins: dict[str, tuple[str, str]] = {}
        self.with_login: list[str] = []
        super().full_clean()
        if self.is_bound and self.errors:
            self.hide_logins()

    def take_refusal(self, refusal: TargetRefused) -> None:
        """Put a refusal beside its field. The form comes back with it, and so without the logins."""
        super().take_refusal(refusal)
        self.hide_logins()

    def hide_logins(self) -> None:
        """Take the logins out of what is shown again, and say beside each address that it is not whole."""
        sent: Any = self.data
        data = sent.copy()
        for name in dict.fromkeys(self.with_login):
            data[name] = self.fields[name].prepare_value(self.shown[name])
            self.add_error(name, "Type this address with its login again; it is not shown.")
        self.data = data

    def clean(self) -> dict[str, Any]:
        """Take the logins out of the addresses."""
        cleaned = super().clean() or self.cleaned_data
        self.shown: dict[str, Any] = {}
        for name in (name for name in WITH_ADDRESSES if name in cleaned):
            before = dict(self.package_logins)
            try:
                self.shown[name] = cleaned[name] = self.without_logins(cleaned[name], name in OF_PIP)
            except BadAddress as error:
                self.shown[name] = ""
                self.with_login.append(name)
                self.add_error(name, ValidationError(str(error)))
            if self.package_logins != before:
                self.with_login.append(name)
        for name in (name for name in WITH_ADDRESSES if name not in self.shown):
            typed = str(self.data.get(name) or "")
            if any(mark in typed for mark in MAY_BE_LOGINS):
                self.shown[name] = ""
                self.with_login.append(name)
        return cleaned

    def without_logins(self, value: Any, is_of_pip: bool) -> Any:
        """Return addresses without their logins, and note the logins. Raises BadAddress."""
        if isinstance(value, dict):
            return {name: self.without_logins(channels, is_of_pip) for name, channels in value.items()}
        if isinstance(value, list):
            return [self.without_logins(address, is_of_pip) for address in value]
        text, found = without_secrets_for_pip(value) if is_of_pip else without_secrets(value)
        self.package_logins.update(found)
        return text

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return replace(super().wishes(), package_logins=self.new_logins())

    def new_logins(self) -> NewLogins:
        """Return the logins that were typed, and whether the stored ones are to go."""
        return NewLogins(self.package_logins, bool(self.cleaned_data.get("forget_package_logins")))
