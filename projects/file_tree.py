"""The files of a snapshot as one folder after the other."""

from dataclasses import dataclass

from projects.manifest import Manifest


@dataclass(frozen=True, slots=True)
class FolderItem:
    """One file or folder. `size` is bytes; of a folder, those of all files below it; `files` counts them."""

    name: str
    path: str
    is_folder: bool
    size: int
    files: int


def items_of(manifest: Manifest, folder: str) -> list[FolderItem]:
    """Return what lies directly in a folder ("" is the top), folders first, each by name; nothing for no folder."""
    prefix = f"{folder}/" if folder else ""
    sizes: dict[tuple[bool, str], list[int]] = {}
    for entry in manifest:
        if entry.path.startswith(prefix):
            name, slash, _rest = entry.path[len(prefix) :].partition("/")
            sizes.setdefault((bool(slash), name), []).append(entry.size)
    items = [
        FolderItem(name, prefix + name, is_folder, sum(each), len(each)) for (is_folder, name), each in sizes.items()
    ]
    return sorted(items, key=lambda item: (not item.is_folder, item.name.casefold(), item.name))


def parents_of(path: str) -> list[tuple[str, str]]:
    """Return (name, path) of each folder above a path and of the path itself, the top first."""
    parts = [part for part in path.split("/") if part]
    return [(part, "/".join(parts[: place + 1])) for place, part in enumerate(parts)]
