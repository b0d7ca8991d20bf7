"""Whether a fetched package may be linked: it comes from anybody, and linking reads and writes as the server's account.

rattler believes `info/paths.json`. So nothing may be named there that is not the package's own, or that is behind a
link; and links may lead nowhere out of the prefix, because what another package has behind them is written there.
"""

import json
import os
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SOFT_LINK = "softlink"


class Untrusted(Exception):
    """A package that must not be linked, in words."""


class Packages:
    """The packages of one prefix, each looked at before it is linked. A link in a folder that is a link of another one
    would lead elsewhere than it says, so that is refused, too.

    The record of the prefix's Python, empty without one, decides where packages for any Python go: raises Untrusted
    where that is not in the prefix.
    """

    def __init__(self, python: Mapping[str, Any]) -> None:
        minor = ".".join(str(python.get("version", "")).split(".")[:2])
        said = python.get("python_site_packages_path") or f"lib/python{minor}/site-packages"
        if not is_plain(str(said)):
            raise Untrusted(f"The package python names a folder that is not in the environment: {str(said)[:200]!r}.")
        self.site_packages = f"{said}/"
        self.links: set[str] = set()
        self.folders_of_links: set[str] = set()

    def require_harmless(self, folder: Path) -> None:
        """Raise Untrusted for a package, in its folder of the cache, that leads out of that or of the prefix."""
        there = dict(links_below(folder))
        if any(path == "info" or posixpath.dirname(path) == "info" for path in there):
            raise Untrusted(f"The package {folder.name} has links in place of what it says about itself.")
        named: set[str] = set()
        for path, kind in entries_of(folder):
            plain = posixpath.normpath(path) if there else path
            is_own = is_plain(path) and (not there or there.keys().isdisjoint(folders_of(path)))
            if not is_own or (plain in there and kind != SOFT_LINK):
                raise Untrusted(f"The package {folder.name} names a file that is not its own: {path[:200]!r}.")
            named.add(plain)
        linked = {path: target for path, target in there.items() if path in named}
        for path, target in linked.items():
            if not stays_inside(path, target):
                what = f"{path[:200]!r} to {target[:200]!r}"
                raise Untrusted(f"The package {folder.name} holds a link that leads out of the environment: {what}.")
        places = {place for path in linked for place in (path, self.place_of(path))}
        folders = {parent for place in places for parent in folders_of(place)}
        self.links |= places
        self.folders_of_links |= folders
        if behind := self.links & self.folders_of_links:
            raise Untrusted(f"The package {folder.name} and others have links behind a link: {min(behind)[:200]!r}.")

    def place_of(self, path: str) -> str:
        """Return where a file of a package for any Python comes to lie."""
        if path.startswith("site-packages/"):
            return self.site_packages + path.removeprefix("site-packages/")
        return f"bin/{path.removeprefix('python-scripts/')}" if path.startswith("python-scripts/") else path


def entries_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield path and kind of each file that a package names; old ones have no more than a list. Raises Untrusted."""
    try:
        for entry in json.loads((folder / "info/paths.json").read_bytes())["paths"]:
            yield str(entry["_path"]), str(entry.get("path_type"))
    except FileNotFoundError:
        for path in (folder / "info/files").read_text().splitlines():
            yield path, SOFT_LINK
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Untrusted(f"The package {folder.name} does not say which files it has.") from error


def links_below(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the symbolic links in a package and where they lead."""
    pending = [""]
    while pending:
        inside = pending.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                if entry.is_symlink():
                    yield inside + entry.name, str(Path(entry.path).readlink())
                elif entry.is_dir():
                    pending.append(f"{inside}{entry.name}/")


def is_plain(path: str) -> bool:
    """Return whether a path leads straight down."""
    return bool(path) and not path.startswith("/") and "\0" not in path and ".." not in path.split("/")


def folders_of(path: str) -> list[str]:
    """Return the folders that a path goes through."""
    parts = posixpath.normpath(path).split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def stays_inside(path: str, target: str) -> bool:
    """Return whether a link stays in its package: it goes up as far as there are folders, then straight down."""
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    return not target.startswith("/") and ".." not in parts[ups:] and ups <= len(folders_of(path))
