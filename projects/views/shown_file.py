"""One file of a project as a page can show it: text with numbered lines, or a sentence why not."""

from dataclasses import dataclass

from projects.errors import FileNotInSnapshot
from projects.models import Project
from projects.snapshots import entry_of, read_file

MOST_SHOWN_BYTES = 300_000
MOST_SHOWN_LINES = 5_000


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file. `lines` are empty where `remark` says why it is not shown; `is_cut` says that there is more of it."""

    path: str
    size: int
    is_executable: bool
    lines: list[str]
    remark: str
    is_cut: bool

    @property
    def can_be_edited(self) -> bool:
        """Return whether the file is a text that a browser can edit whole."""
        return not self.remark and not self.is_cut

    @property
    def is_configuration(self) -> bool:
        """Return whether the file has a form of its own."""
        return self.path.startswith("aml_config/") and self.path.endswith((".compute", ".runconfig"))


def shown_file(project: Project, path: str) -> ShownFile:
    """Return a file of the current snapshot. Raises FileNotInSnapshot and BlobMissing."""
    if project.current_snapshot is None:
        raise FileNotInSnapshot(path)
    entry = entry_of(project.current_snapshot, path)
    content = read_file(project.current_snapshot, path, MOST_SHOWN_BYTES)
    lines: list[str] = []
    remark = ""
    if b"\0" in content:
        remark = "This is a binary file, so it is not shown as text."
    else:
        try:
            lines = content.decode().replace("\r\n", "\n").removesuffix("\n").split("\n")
        except UnicodeDecodeError as error:
            is_cut_character = entry.size > len(content) and error.start > len(content) - 4
            lines = content[: error.start].decode().split("\n") if is_cut_character else []
            remark = "" if is_cut_character else "This file is not UTF-8 text, so it is not shown."
    is_cut = entry.size > len(content) or len(lines) > MOST_SHOWN_LINES
    return ShownFile(path, entry.size, entry.mode == 0o755, lines[:MOST_SHOWN_LINES], remark, is_cut)
