"""Which channels and specs of a conda file are taken; their exact form is the solver's to judge."""

import re

from computes.environments.address_secrets import BadAddress, without_secrets
from computes.environments.refusal import refuse, shown

_SCHEME = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*):(?=/)")
_ADDRESS_OF_PACKAGE = re.compile(r"https?://\S+\.(?:conda|tar\.bz2)(?![\w./:-])")
_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


def checked_channel(channel: str, source: str, line: int | None) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return a channel without logins, and those. Raises PreparationFailed with file, line and remedy."""
    text, credentials = _checked(channel, "A channel", source, line)
    is_name = _NAME.fullmatch(text) is not None and ".." not in text.split("/")
    if not is_name and not re.fullmatch(r"https?://\S+", text):
        what = f"{shown(text)} is not the name of a channel."
        raise refuse(source, line, what, "Write its name (conda-forge) or its address (https://...).")
    return text.rstrip("/"), credentials


def checked_spec(spec: str, source: str, line: int | None) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return a spec without logins, and those. Raises PreparationFailed with file, line and remedy."""
    text, credentials = _checked(spec, "An item of `dependencies`", source, line)
    if text.startswith(("-", "@")):
        what = f"{shown(text)} is not a package."
        raise refuse(source, line, what, "Write `package=1.2`; options belong to the settings of the installation.")
    if text.startswith(("/", ".", "~")) or "\\" in text:
        what = f"{shown(text)} is a path; conda packages come from channels."
        raise refuse(source, line, what, "Write `package=1.2`, and the channel that has it under `channels`.")
    if _ADDRESS_OF_PACKAGE.search(text):
        what = f"{shown(text)} is the address of one package, for which no list of a channel gives a checksum."
        raise refuse(source, line, what, "Write its channel and its name: `https://host/channel::package=1.2`.")
    return text, credentials


def _checked(text: str, what: str, source: str, line: int | None) -> tuple[str, dict[str, tuple[str, str]]]:
    if not text.strip() or not text.isprintable():
        raise refuse(source, line, f"{what} is blank or has a character that is not printable.", "Write `name`.")
    try:
        clean, credentials = without_secrets(text.strip())
    except BadAddress as error:
        raise refuse(source, line, str(error), "Correct the address.") from error
    for scheme in _SCHEME.findall(clean):
        if scheme.lower() not in ("http", "https"):
            said = f"{what} names files of a machine ({scheme}:)."
            raise refuse(source, line, said, "Let an administrator map the name of a channel to it, and use the name.")
    if "?" in clean and "://" in clean:
        raise refuse(source, line, f"{what} has an address with a query (?...).", "Write it without the query.")
    return clean, credentials
