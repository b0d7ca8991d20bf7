"""The code of a run: its files, one of them, and what changed since the run before."""

from dataclasses import dataclass

from projects.models import Snapshot
from projects.snapshots import FileDifference, entry_of, read_file
from runs.models import Run

MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file as numbered lines; `lines` is None for what is no text, `is_cut` says that it goes on."""

    path: str
    size_bytes: int
    lines: list[str] | None
    is_cut: bool


def code_file(snapshot: Snapshot, path: str) -> CodeFile:
    """Return a file of a snapshot for reading. Raises FileNotInSnapshot."""
    size = entry_of(snapshot, path).size
    data = read_file(snapshot, path, MOST_BYTES)
    is_cut = size > len(data)
    try:
        text = data.decode("utf-8", "ignore" if is_cut else "strict")
    except UnicodeDecodeError:
        return CodeFile(path, size, None, is_cut)
    return CodeFile(path, size, None if "\0" in text else text.removesuffix("\n").split("\n"), is_cut)


def run_before(run: Run) -> Run | None:
    """Return the run to compare with: the one that was repeated, else the last one of the same script before it."""
    if run.parent is not None:
        return run.parent
    earlier = Run.objects.filter(project=run.project, number__lt=run.number).select_related("snapshot")
    found: Run | None = earlier.filter(script=run.script).order_by("-number").first()
    return found


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference; `kind` is "added", "removed", "place" or "same"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that differs, its lines marked for reading."""

    difference: FileDifference
    lines: list[DiffLine]


KINDS = {"+": "added", "-": "removed", "@": "place"}


def marked(difference: FileDifference) -> ChangedFile:
    """Return a file's difference line by line, without the two lines that repeat its name."""
    text = (difference.text or "").split("\n")[2:]
    return ChangedFile(difference, [DiffLine(KINDS.get(line[:1], "same"), line) for line in text])
