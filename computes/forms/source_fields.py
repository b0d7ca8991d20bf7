"""Form fields for addresses of package sources. A login may be typed with an address; it is taken out by the form."""

import re
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError

CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*\Z")
LONGEST_ADDRESS = 500
LARGEST_BUNDLE = 500_000
ONE_ADDRESS = "Write one whole address, such as https://packages.lab.example/simple."


class AddressLines(forms.Field):
    """A list of addresses, one a line."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines, and what was typed as it was typed."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the addresses. Raises ValidationError with the number of each line that is none."""
        lines = [str(line).strip() for line in (value if isinstance(value, list) else str(value or "").splitlines())]
        wrong = [f"Line {number}: {ONE_ADDRESS}" for number, line in enumerate(lines, 1) if line and not is_web(line)]
        if wrong:
            raise ValidationError(wrong)
        return [line for line in lines if line]


class ChannelMapField(forms.Field):
    """Which channels a name stands for: `name = channel, channel` a line."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show a map as lines, and what was typed as it was typed."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name} = {', '.join(channels)}" for name, channels in value.items())

    def to_python(self, value: Any) -> dict[str, list[str]]:
        """Return the map of some lines, or of a map that a call of the API sends. Raises ValidationError."""
        entries = value.items() if isinstance(value, dict) else map(entry_of, str(value or "").splitlines())
        found: dict[str, list[str]] = {}
        problems = []
        for name, channels in entries:
            if not name and not channels:
                continue
            if not CHANNEL.match(name) or not channels or not all(is_channel(channel) for channel in channels):
                where = name[:80] if CHANNEL.match(name) else "A line"  # an address may hold a login
                problems.append(f"{where}: write name = channel, channel, such as defaults = conda-forge.")
            elif name in found:
                problems.append(f"{name} stands for channels twice.")
            else:
                found[name] = [str(channel) for channel in channels]
        if problems:
            raise ValidationError(problems)
        return found


class CertificatesField(forms.CharField):
    """Certificates in PEM, one behind the other."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})

    def clean(self, value: Any) -> str:
        """Return the text with line feeds. Raises ValidationError for what is no certificate, above all for a key."""
        text = str(super().clean(value) or "").replace("\r\n", "\n").strip()
        if not text:
            return ""
        if "PRIVATE KEY" in text:
            raise ValidationError("This holds a private key. Paste certificates only.")
        try:
            x509.load_pem_x509_certificates(text.encode())
        except ValueError as error:
            raise ValidationError("These are no certificates in PEM: they begin with BEGIN CERTIFICATE.") from error
        return f"{text}\n"


def entry_of(line: str) -> tuple[str, list[str]]:
    """Return the name and the channels of a line."""
    name, _, rest = line.partition("=")
    return name.strip(), [channel.strip() for channel in rest.split(",") if channel.strip()]


def is_channel(channel: Any) -> bool:
    """Return whether a channel is a name or an address."""
    return isinstance(channel, str) and (bool(CHANNEL.match(channel)) or is_web(channel))


def is_web(address: str) -> bool:
    """Return whether a text is one address of the web."""
    if len(address) > LONGEST_ADDRESS or any(character.isspace() for character in address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def check_web(address: str) -> None:
    """Refuse what is no address of the web."""
    if address and not is_web(address):
        raise ValidationError(ONE_ADDRESS)
