"""Every file of a folder that belongs to a project, found and opened without following a single link.

Plain Python. Folders are opened one below the other with O_NOFOLLOW, so a link that is swapped in meanwhile leads
nowhere. Links, devices, sockets and pipes are left out with a note.
"""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

from projects.errors import SourceRefused
from projects.ignore_rules import AMLIGNORE, GITIGNORE, MAXIMUM_RULES_BYTES, IgnoreRules
from projects.path_rules import PathRefused, checked_path, shown

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file: its path in the project, its name on the disk, its mode (0o644 or 0o755) and its bytes."""

    path: str
    name_on_disk: str
    mode: int
    size: int


@dataclass(slots=True)
class FolderWalk:
    """What was found, sorted by path, and a sentence for each thing that was left out though no rule says so."""

    files: list[FoundFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def open_folder(folder: Path) -> int:
    """Return a descriptor of an absolute folder, no part of whose path is a link. Raises OSError."""
    descriptor = os.open("/", _FOLDER)
    try:
        for part in folder.parts[1:]:
            deeper = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def open_beneath(folder: int, name: str) -> IO[bytes]:
    """Open a regular file below an open folder; no part of its name may be a link. Raises OSError."""
    *parents, last = PurePosixPath(name).parts
    descriptor = os.dup(folder)
    try:
        for part in parents:
            deeper = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        opened = os.open(last, _FILE, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise OSError(f"{name} is not a regular file")
    return os.fdopen(opened, "rb")


def walk_folder(folder: int, form_field: str, most_files: int, left_out: Mapping[str, str] | None = None) -> FolderWalk:
    """Return what belongs to the project in an open folder; stops early beyond `most_files`. Raises SourceRefused.

    `left_out` names paths that the caller knows not to be files of the project, each with its note.
    """
    rules, found = IgnoreRules(form_field), FolderWalk()
    for place, folders, names, descriptor in os.fwalk(".", dir_fd=folder, onerror=_raise(form_field)):
        if len(found.files) > most_files:
            break
        here = "" if place == "." else place.removeprefix("./")
        _add_rules(rules, here, names, descriptor)
        kept = []
        for name in sorted(folders):
            on_disk = f"{here}/{name}".lstrip("/")
            path = _path_of(form_field, on_disk, rules, is_folder=True)
            if path is None:
                continue
            if left_out and path in left_out:
                found.notes.append(left_out[path])
            elif stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode):
                kept.append(name)
            else:
                found.notes.append(f"{shown(path)} is a link to a folder and was left out.")
        folders[:] = kept
        for name in sorted(names):
            on_disk = f"{here}/{name}".lstrip("/")
            path = _path_of(form_field, on_disk, rules, is_folder=False)
            if path is not None:
                _add_file(found, path, on_disk, os.stat(name, dir_fd=descriptor, follow_symlinks=False), left_out or {})
    found.files.sort(key=lambda each: each.path.encode())
    _refuse_twins(form_field, found.files)
    return found


def _add_rules(rules: IgnoreRules, here: str, names: list[str], descriptor: int) -> None:
    for name in (AMLIGNORE, GITIGNORE):
        if name not in names or (name == AMLIGNORE and here):
            continue
        try:
            with open_beneath(descriptor, name) as file:
                text = file.read(MAXIMUM_RULES_BYTES + 1)
        except OSError:  # a link or a pipe: not a rule file; it is noted where the files are looked at
            continue
        if name == AMLIGNORE:
            rules.add_amlignore(text)
        else:
            rules.add_gitignore(here, text)


def _path_of(form_field: str, on_disk: str, rules: IgnoreRules, *, is_folder: bool) -> str | None:
    """Return the path in the project, None when a rule leaves it out."""
    try:
        left_out = rules.leave_out(on_disk, is_folder)
    except UnicodeEncodeError:
        left_out = False
    if left_out:
        return None
    try:
        return checked_path(on_disk)
    except PathRefused as error:
        raise SourceRefused(form_field, f"The name of {shown(on_disk)!r} {error.text}.", error.remedy) from error


def _add_file(found: FolderWalk, path: str, on_disk: str, facts: os.stat_result, left_out: Mapping[str, str]) -> None:
    if path in left_out:
        found.notes.append(left_out[path])
    elif stat.S_ISREG(facts.st_mode):
        mode = 0o755 if facts.st_mode & 0o100 else 0o644
        found.files.append(FoundFile(path, on_disk, mode, facts.st_size))
    else:
        kind = "a link" if stat.S_ISLNK(facts.st_mode) else "neither a file nor a folder"
        found.notes.append(f"{shown(path)} is {kind} and was left out.")


def _refuse_twins(form_field: str, files: list[FoundFile]) -> None:
    for one, other in pairwise(files):
        if one.path == other.path:
            text = f"Two files differ only in how {shown(one.path)!r} is written in Unicode."
            raise SourceRefused(form_field, text, "Rename one of them.")


def _raise(form_field: str) -> Callable[[OSError], NoReturn]:
    def refuse(error: OSError) -> NoReturn:
        text = f"The folder {shown(str(error.filename))!r} cannot be read: {error.strerror}."
        raise SourceRefused(form_field, text, "Let the server's user read it, or name it in .amlignore.") from error

    return refuse
