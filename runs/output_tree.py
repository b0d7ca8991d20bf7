"""Outputs as a tree: folders with their sizes, files beneath them, in one list that a page can print."""

from collections.abc import Iterable
from dataclasses import dataclass

from runs.models import Output


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One folder or file. `depth` counts the folders above it; `output` is None for a folder."""

    name: str
    path: str
    depth: int
    size_bytes: int
    output: Output | None


def tree_of(outputs: Iterable[Output]) -> list[TreeRow]:
    """Return the rows of a tree, folders before the files that they hold; sizes of folders are those of all in them."""
    files = sorted((output for output in outputs if not output.skipped), key=lambda output: output.path.split("/"))
    sizes: dict[str, int] = {}
    for output in files:
        for folder in folders_of(output.path):
            sizes[folder] = sizes.get(folder, 0) + output.size_bytes
    rows: list[TreeRow] = []
    seen: set[str] = set()
    for output in files:
        above = folders_of(output.path)
        for depth, folder in enumerate(above):
            if folder not in seen:
                seen.add(folder)
                rows.append(TreeRow(folder.rpartition("/")[2], folder, depth, sizes[folder], None))
        name = output.path.rpartition("/")[2]
        rows.append(TreeRow(name, output.path, len(above), output.size_bytes, output))
    return rows


def folders_of(path: str) -> list[str]:
    """Return the folders on the way to a path, outermost first."""
    names = path.split("/")[:-1]
    return ["/".join(names[: count + 1]) for count in range(len(names))]
