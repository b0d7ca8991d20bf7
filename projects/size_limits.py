"""How much a project may hold, and the sentence that says by how much it is too large."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.errors import SourceRefused
from projects.path_rules import shown

NAMED_FILES = 10


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """At most so many files, bytes in one file, and bytes in all."""

    files: int
    file_bytes: int
    total_bytes: int


def refuse_if_too_large(field: str, sizes: Sequence[tuple[str, int]], limits: SizeLimits) -> None:
    """Raise SourceRefused when these (path, bytes) are over a limit; the ten largest are named."""
    total = sum(size for _, size in sizes)
    if len(sizes) > limits.files:
        text = f"The project has {len(sizes):,} files; at most {limits.files:,} are taken."
    elif any(size > limits.file_bytes for _, size in sizes):
        text = f"A file is larger than {in_words(limits.file_bytes)}, the most that one file may have."
    elif total > limits.total_bytes:
        text = f"The project has {in_words(total)}; at most {in_words(limits.total_bytes)} are taken."
    else:
        return
    largest = sorted(sizes, key=lambda each: (-each[1], each[0]))[:NAMED_FILES]
    named = ", ".join(f"{shown(path)} ({in_words(size)})" for path, size in largest)
    remedy = (
        f"The largest files are: {named}. Name what a run does not need in .amlignore, "
        "and keep data in the target's share folder."
    )
    raise SourceRefused(field, text, remedy)


def in_words(size: int) -> str:
    """Return a number of bytes as people say it, in powers of 1024."""
    if size < 1024:
        return f"{size} B"
    power = min((size.bit_length() - 1) // 10, 4)
    return f"{size / 1024**power:.1f} {' KMGT'[power]}iB"
