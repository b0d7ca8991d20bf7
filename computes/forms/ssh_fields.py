"""The fields of a target that is reached over SSH: where it is, and how the way there goes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.forms.credential_fields import NotRemembered
from computes.forms.sections import Section
from computes.forms.ssh_address_fields import JumpHostsField, SshAddressField
from computes.ssh_address import SshAddress, is_username

CONNECTION = Section(
    "connection",
    "Connection",
    (("address", "username"), ("jump_hosts", "keep_alive_seconds")),
    "Nothing is sent to the host before an administrator has approved its host key on the next page.",
)


def check_username(name: str) -> None:
    """The account is one word."""
    if not is_username(name):
        raise ValidationError("This is not the name of an account. Write the name alone.")


class SshFields(forms.Form):
    """Address, account and the hosts on the way."""

    address = SshAddressField(
        label="Address",
        max_length=262,
        help_text="address: name or IP address of the host, with :port if it is not 22.",
    )
    username = forms.CharField(
        label="User",
        max_length=100,
        validators=[check_username],
        widget=NotRemembered(),
        help_text="username: the account there. Every run of this target is executed as this account.",
    )
    jump_hosts = JumpHostsField(
        label="Jump hosts",
        required=False,
        help_text="One user@host:port a line, the first one first. They take the same key.",
    )
    keep_alive_seconds = forms.IntegerField(
        label="Keep-alive",
        initial=15,
        validators=[MinValueValidator(5), MaxValueValidator(3600)],
        help_text="Seconds between signs of life on the connection; fewer where a firewall forgets soon.",
    )

    def facts_of_address(self) -> dict[str, Any]:
        """Return the stored fields of the address."""
        address: SshAddress = self.cleaned_data["address"]
        return {"address": address.host, "port": address.port}
