"""What a prefix is made of, to compare it bit for bit, and to look for words in it."""

import hashlib
import stat
from pathlib import Path


def tree_of(folder: Path) -> dict[str, tuple[str, str]]:
    """Return mode and content, or the target of a link, of everything below a folder and of itself."""
    return {path.relative_to(folder).as_posix(): look(path) for path in [folder, *folder.rglob("*")]}


def look(path: Path) -> tuple[str, str]:
    """Return mode and content of one thing."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "link", str(path.readlink())
    if stat.S_ISDIR(mode):
        return oct(mode), ""
    return oct(mode), hashlib.sha256(path.read_bytes()).hexdigest()


def files_with(folder: Path, *words: str) -> list[Path]:
    """Return the files that hold one of some words."""
    wanted = [word.encode() for word in words]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(word in path.read_bytes() for word in wanted)]
