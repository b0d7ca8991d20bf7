"""Which names a file of a project may have: relative POSIX paths in Unicode form NFC that mean the same everywhere.

Limits: 200 components, 255 bytes a component, 1,000 bytes in all (a target puts its own work folder in front).
"""

import re
import unicodedata

MAXIMUM_COMPONENTS = 200
MAXIMUM_COMPONENT_BYTES = 255
MAXIMUM_BYTES = 1000

_DRIVE = re.compile(r"[A-Za-z]:")
# Controls, lone surrogates, line separators, and the marks that reverse the reading direction of what follows.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BROKEN = re.compile("[\ud800-\udfff]")
_REPACK = "Rename it and try again."


class PathRefused(ValueError):
    """A name that no file of a project may have. `text` continues "The name …", `remedy` says what to do."""

    def __init__(self, text: str, remedy: str = _REPACK) -> None:
        super().__init__(f"The name {text}. {remedy}")
        self.text = text
        self.remedy = remedy


def checked_path(raw: str) -> str:
    """Return a path in its one written form: NFC, no `.` components, no doubled or closing slashes.

    Raises PathRefused; for a path that names nothing too.
    """
    if _BROKEN.search(raw):
        raise PathRefused("is not UTF-8")
    if _UNPRINTABLE.search(raw):
        raise PathRefused("holds control characters")
    if "\\" in raw:
        raise PathRefused("holds a backslash", "Pack the folder again with / between folders.")
    if raw.startswith("/") or _DRIVE.match(raw):
        raise PathRefused("is absolute", "Pack the folder with names relative to it.")
    parts = [part for part in unicodedata.normalize("NFC", raw).split("/") if part not in ("", ".")]
    if ".." in parts:
        raise PathRefused("leads out of the project (..)", "Pack the folder with names relative to it.")
    if len(parts) > MAXIMUM_COMPONENTS:
        raise PathRefused(f"is more than {MAXIMUM_COMPONENTS} folders deep", "Flatten the folders.")
    if any(len(part.encode()) > MAXIMUM_COMPONENT_BYTES for part in parts):
        raise PathRefused(f"has a part of more than {MAXIMUM_COMPONENT_BYTES} bytes")
    path = "/".join(parts)
    if len(path.encode()) > MAXIMUM_BYTES:
        raise PathRefused(f"is longer than {MAXIMUM_BYTES} bytes", "Shorten or flatten the folders.")
    if not path:
        raise PathRefused("is empty")
    return path


def shown(raw: str) -> str:
    """Return a name as it may be put into a message: at most 120 characters, nothing unprintable."""
    printable = _UNPRINTABLE.sub("�", raw)
    return printable if len(printable) <= 120 else f"{printable[:100]}…{printable[-19:]}"
