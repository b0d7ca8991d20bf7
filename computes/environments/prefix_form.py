"""The form of what is linked into a prefix, wherever that is done: the same bytes for the same packages.

Modes are 0644 or 0755, times fixed; conda's own notes can be read by everybody and say nothing of this machine. Links
that lead out of the prefix are refused.
"""

import json
import os
import posixpath
from pathlib import Path

from computes.environments.stopping import ShouldStop, ask
from computes.errors import PreparationFailed

MOMENT = 1767225600
FOLDER_MODE = 0o755
OF_THIS_MACHINE = ("extracted_package_dir", "package_tarball_full_path", "link")


def put_in_form(folder: Path, prefix: str, should_stop: ShouldStop) -> None:
    """Give a folder that was linked for a prefix path its form where it is. Raises PreparationFailed and
    PreparationStopped."""
    for parent, folders, files in os.walk(folder, topdown=False):
        ask(should_stop)
        inside = os.path.relpath(parent, folder)
        for name in [*folders, *files]:
            _put_one_in_form(Path(parent, name), posixpath.normpath(posixpath.join(inside, name)), prefix)


def _put_one_in_form(path: Path, name: str, prefix: str) -> None:
    if path.is_symlink():
        link_inside(name, str(path.readlink()), prefix)
        return
    if path.is_dir():
        path.chmod(FOLDER_MODE)
    elif path.is_file():
        if is_note(name):
            path.write_bytes(note_in_form(path))
        path.chmod(mode_of(path))
    else:  # a pipe or a device, which no tar of ours holds either
        path.unlink()
        return
    os.utime(path, (MOMENT, MOMENT))


def is_note(name: str) -> bool:
    """Return whether a path in a prefix is conda's note about a package."""
    return posixpath.dirname(name) == "conda-meta" and name.endswith(".json")


def mode_of(path: Path) -> int:
    """Return the mode that a file gets."""
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def note_in_form(path: Path) -> bytes:
    """Return what stands in one of conda's notes, without what is of this machine."""
    data = json.loads(path.read_bytes())
    for key in OF_THIS_MACHINE:
        data.pop(key, None)
    return json.dumps(data, indent=2).encode()


def link_inside(name: str, target: str, prefix: str) -> str:
    """Return where a link leads, as it stands. Raises PreparationFailed when that is outside the prefix."""
    whole = posixpath.normpath(posixpath.join(prefix, posixpath.dirname(name), target))
    if not whole.startswith(f"{posixpath.normpath(prefix)}/"):
        raise PreparationFailed(
            f"A package holds a link that leads out of the environment: {name[:200]!r} to {target[:200]!r}.",
            "Use another version of the package, and tell whoever made it.",
        )
    return target
