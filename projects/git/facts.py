"""Which commit a folder is at, and whether its files differ from it, without trusting anything in its `.git`.

Plain Python. The commit is read from HEAD and the refs as text. For the comparison git is given a git folder of our
own that borrows the objects and a copy of the index, so no configuration, hook or filter of the folder counts.
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from projects.folder_walk import open_beneath, open_folder
from projects.git.command import git_command, git_environment
from projects.ignore_rules import FIXED_EXCLUSIONS

STATUS_SECONDS = 20
MAXIMUM_INDEX_BYTES = 64 * 1024**2
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"refs/[A-Za-z0-9._/-]{1,200}")


@dataclass(frozen=True, slots=True)
class GitFacts:
    """The commit ("" when the folder is no work tree) and whether the files may differ from it."""

    commit: str = ""
    dirty: bool = False


NO_GIT = GitFacts()


def git_facts_of(folder: Path) -> GitFacts:
    """Return what is known. A folder that git cannot compare within 20 s counts as different from its commit."""
    try:
        store = open_folder(folder / ".git")
    except OSError:
        return NO_GIT
    try:
        commit = _commit_of(store)
        if not commit:
            return NO_GIT
        return GitFacts(commit, _is_dirty(folder, store, commit))
    finally:
        os.close(store)


def _commit_of(store: int) -> str:
    head = _text(store, "HEAD").strip()
    if head.startswith("ref: ") and _REF.fullmatch(ref := head.removeprefix("ref: ").strip()) and ".." not in ref:
        lines = (line.partition(" ") for line in _text(store, "packed-refs").splitlines())
        packed = {name: commit for commit, _, name in lines}
        head = _text(store, ref).strip() or packed.get(ref, "")
    return head if _COMMIT.fullmatch(head) else ""


def _text(store: int, name: str) -> str:
    try:
        with open_beneath(store, name) as file:
            return file.read(4 * 1024**2).decode("ascii", errors="replace")
    except OSError:
        return ""


def _is_dirty(folder: Path, store: int, commit: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="amlweb-git-") as own:
        try:
            _borrow(Path(own), store, commit)
            excluded = [
                f":(exclude,glob){'' if where == 'top' else '**/'}{name}/**" for name, (where, _) in _exclusions()
            ]
            status = git_command(
                "status",
                "--porcelain",
                "-z",
                "--untracked-files=normal",
                "--ignore-submodules=all",
                "--",
                ".",
                *excluded,
            )
            places = {
                "GIT_DIR": own,
                "GIT_WORK_TREE": str(folder),
                "GIT_OBJECT_DIRECTORY": str(folder / ".git" / "objects"),
            }
            result = subprocess.run(
                status,
                cwd=folder,
                env=git_environment(more=places),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=STATUS_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return True
        return result.returncode != 0 or bool(result.stdout)


def _exclusions() -> list[tuple[str, tuple[str, str]]]:
    return [(name, what) for name, what in FIXED_EXCLUSIONS.items() if name != ".git"]


def _borrow(own: Path, store: int, commit: str) -> None:
    """Lay a git folder without any configuration of the work tree's owner."""
    (own / "refs").mkdir()
    (own / "objects").mkdir()
    (own / "HEAD").write_text(f"{commit}\n", encoding="ascii")
    version = 1 if len(commit) == 64 else 0
    extension = "[extensions]\n\tobjectFormat = sha256\n" if version else ""
    (own / "config").write_text(
        f"[core]\n\trepositoryformatversion = {version}\n\tbare = false\n{extension}", encoding="ascii"
    )
    with open_beneath(store, "index") as index, (own / "index").open("wb") as copy:
        if os.fstat(index.fileno()).st_size > MAXIMUM_INDEX_BYTES:
            raise OSError("the index is too large to be compared")
        shutil.copyfileobj(index, copy)
