"""Form fields for addresses of a cluster's services, and for the links to its pages."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from computes.forbidden_addresses import is_forbidden_host
from computes.page_addresses import HOST, LONGEST, is_page_address

_PLACE = re.compile(r"\{([^{}]*)\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def checked_service_url(text: str) -> str:
    """Return the address of a web service; https where it says nothing. Raises ValidationError, which repeats no login.

    Addresses where clouds answer their own machines with credentials are refused.
    """
    text = text if _SCHEME.match(text) else f"https://{text}"
    if not text.isprintable() or any(character in text for character in ' \\"<>{}'):
        raise ValidationError("Write an address such as https://livy.lab.example:8998.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValidationError("Write an address such as https://livy.lab.example:8998.") from error
    if parts.scheme.lower() not in ("https", "http"):
        raise ValidationError("The address begins with https:// or, where there is no encryption, http://.")
    if "@" in parts.netloc:
        raise ValidationError("User and password have fields of their own; write the address without them.")
    if "?" in text or "#" in text or not HOST.fullmatch(host) or port == 0:
        raise ValidationError("Write an address such as https://livy.lab.example:8998.")
    if is_forbidden_host(host):
        raise ValidationError("Clouds answer with credentials at this address. No request of amlweb goes there.")
    return text.rstrip("/")


class ServiceUrlField(forms.CharField):
    """The address of a web service that this server calls."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the address without a slash at its end, or "" for an empty field that may be empty."""
        text: str = super().clean(value)
        return checked_service_url(text) if text else ""


class LinkTemplateField(forms.CharField):
    """A link to a page of the cluster, for browsers. `places` are the names that may stand in braces in it."""

    def __init__(self, *, places: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, required=False, **kwargs)
        self.places = places

    def clean(self, value: Any) -> str:
        """Return the link, or "" for an empty field. Raises ValidationError for what is no link of the web."""
        text: str = super().clean(value)
        if not text:
            return ""
        wanted = " or ".join(f"{{{place}}}" for place in self.places)
        named = _PLACE.findall(text)
        rest = _PLACE.sub("", text)
        if not is_page_address(rest) or not text.isprintable():
            raise ValidationError("Write a whole address that begins with https:// or http://, without a login.")
        if not named or set(named) - set(self.places):
            raise ValidationError(f"Write {wanted} where the id goes, and nothing else in braces.")
        if "{" in text.partition("://")[2].partition("/")[0]:
            raise ValidationError(f"{wanted} goes behind the name of the host, not into it.")
        return text
