"""The text of a script action: what is taken, and the checksum that a reader and the nodes agree on."""

import hashlib

from computes.refusals import TargetRefused

LARGEST_SCRIPT_BYTES = 256 * 1024


def script_of(data: bytes | str) -> str:
    """Return a script as it will run: lines end as on Linux, the last one too.

    Raises TargetRefused for what is empty, too large, no UTF-8, or holds a NUL.
    """
    if len(data) > 2 * LARGEST_SCRIPT_BYTES:  # lines may end with two characters each
        raise too_large()
    try:
        text = data if isinstance(data, str) else data.decode()
        text.encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise _refused("The script is not text in UTF-8.", "Save it as UTF-8.") from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise _refused("The script holds a NUL character.", "Choose a shell script, not a program.")
    if not text.strip():
        raise _refused("There is no script.", "Type one or choose a file.")
    text = text if text.endswith("\n") else f"{text}\n"
    if len(text.encode()) > LARGEST_SCRIPT_BYTES:
        raise too_large()
    return text


def checksum_of(script: str) -> str:
    """Return the sha256 of a script as it lies on a node."""
    return hashlib.sha256(script.encode()).hexdigest()


def _refused(text: str, remedy: str) -> TargetRefused:
    return TargetRefused("script", text, remedy)


def too_large() -> TargetRefused:
    """Return the refusal of a script that is too long to be read before it runs."""
    return _refused(f"The script has more than {LARGEST_SCRIPT_BYTES // 1024} KiB.", "Let it fetch what is large.")
