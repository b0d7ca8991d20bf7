"""Addresses of git repositories: which ones are taken, and their credential cut off before anything is stored.

Plain Python. https, http and ssh only (`user@host:path` is ssh). What could be read as an option, a local path or a
remote helper (`ext::`, `fd::`) is refused.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from projects.errors import SourceRefused
from projects.path_rules import shown

FIELD = "location"
MAXIMUM_CHARACTERS = 1000
DEFAULT_PORTS = {"https": 443, "http": 80, "ssh": 22}
_SCP_FORM = re.compile(r"(?:(?P<user>[A-Za-z0-9._-]+)@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/:].*|/[^/].*)")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
_PATH = re.compile(r"/[A-Za-z0-9%._~/@+,=:!$&'()*-]+")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_USERINFO = re.compile(r"//[^/\s]*@")
_REFERENCE = re.compile(r"(?!.*(\.\.|//|@\{|\.lock(/|$)))[A-Za-z0-9][A-Za-z0-9._/+@#=,-]{0,199}(?<![/.])")


@dataclass(frozen=True, slots=True)
class GitLocation:
    """An address that may be fetched from. `url` holds no password; `credential` ("user:password") is never shown."""

    url: str
    scheme: str
    host: str
    port: int
    credential: str = field(default="", repr=False)


def read_location(text: str) -> GitLocation:
    """Take an address apart. Raises SourceRefused on "location", without repeating a password."""
    text = text.strip()
    if len(text) > MAXIMUM_CHARACTERS or not text.isprintable() or any(mark in text for mark in " \\?#"):
        raise _refusal(text, "holds blanks, a query or characters that no repository address has")
    scp = None if "://" in text else _SCP_FORM.fullmatch(text)
    if scp:
        user = f"{scp['user']}@" if scp["user"] else ""
        text = f"ssh://{user}{scp['host']}/{scp['path'].lstrip('/')}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refusal(text, "is not an address") from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise _refusal(text, "is neither https, http nor ssh")
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or port == 0:
        raise _refusal(text, "names no host, or no repository on it")
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port and port != DEFAULT_PORTS[scheme] else ""
    user, _, password = (unquote(part) for part in (parts.netloc.rpartition("@")[0]).partition(":"))
    if scheme == "ssh":
        if password or (user and not _USER.fullmatch(user)):
            text = "An ssh address carries no password, and its user is a plain name."
            raise SourceRefused(FIELD, text, "Use an https address with a token instead.")
        place = f"{user}@{place}" if user else place
        return GitLocation(f"ssh://{place}{parts.path}", scheme, host, port or DEFAULT_PORTS[scheme])
    if any(not part.isprintable() for part in (user, password)) or ":" in user:
        raise _refusal(text, "carries a user or password with control characters")
    credential = f"{user}:{password}" if user or password else ""
    return GitLocation(f"{scheme}://{place}{parts.path}", scheme, host, port or DEFAULT_PORTS[scheme], credential)


def checked_reference(text: str) -> str:
    """Return a branch, tag or commit as git writes it, "" for the default branch. Raises SourceRefused."""
    text = text.strip()
    if text and not _REFERENCE.fullmatch(text):
        remedy = "Write the name of a branch or tag, or a commit, or leave it empty for the default branch."
        raise SourceRefused("reference", f"{shown(text)!r} is no name that git allows.", remedy)
    return text


def without_credential(text: str) -> str:
    """Return a text in which the user and password of every address are masked."""
    return _USERINFO.sub("//***@", text)


def _refusal(text: str, what: str) -> SourceRefused:
    remedy = "Write it as https://host/path, ssh://user@host/path or user@host:path."
    return SourceRefused(FIELD, f"The address {shown(without_credential(text))!r} {what}.", remedy)
