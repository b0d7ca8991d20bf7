"""Form fields for hosts that are reached over SSH."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.ssh_address import SSH_PORT, SshAddress, address_in

MOST_JUMPS = 5


class SshAddressField(forms.CharField):
    """A host with its port; the account has a field of its own."""

    def clean(self, value: Any) -> Any:
        """Return an SshAddress, or "" for an empty field that may be empty. Raises ValidationError."""
        text = super().clean(value)
        if not text:
            return text
        try:
            address = address_in(text)
        except ValueError as error:
            raise ValidationError(f"{error} Write host or host:port, such as gpu1.lab.example:22.") from error
        if address.username:
            raise ValidationError("Write the account into the field User, and only the host here.")
        return address


class JumpHostsField(forms.Field):
    """Hosts on the way, one user@host:port a line, the first one first; as they are stored on a target."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show stored hosts as lines, and what was typed as it was typed."""
        if not isinstance(value, list):
            return value
        return "\n".join(line if isinstance(line, str) else str(_address_of(line)) for line in value)

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Return the hosts. Raises ValidationError with the number of each line that is not right."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        jumps, problems = [], []
        for number, line in enumerate(lines, start=1):
            if not line or (isinstance(line, str) and not line.strip()):
                continue
            try:
                address = _address_of(line) if isinstance(line, dict) else address_in(line)
            except ValueError as error:
                problems.append(f"Line {number}: {error} Write user@host or user@host:port.")
                continue
            jumps.append({"host": address.host, "port": address.port, "username": address.username})
        if len(jumps) > MOST_JUMPS:
            problems.append(f"At most {MOST_JUMPS} hosts may be on the way.")
        if len({(jump["host"], jump["port"]) for jump in jumps}) < len(jumps):
            problems.append("Each host may be on the way once.")
        if problems:
            raise ValidationError(problems)
        return [{**jump, "host_keys": [], "seen_host_keys": []} for jump in jumps]


def _address_of(jump: dict[str, Any]) -> SshAddress:
    return SshAddress(jump["host"], jump.get("port", SSH_PORT), jump.get("username", ""))
