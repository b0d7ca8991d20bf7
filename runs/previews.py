"""A look into an output without downloading it: a picture, text, a table or JSON, never more than its beginning."""

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from runs.models import Run
from runs.run_folder_files import open_beneath
from runs.serving import PICTURES

MOST_BYTES = 256 * 1024
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200, 50, 500
TABLES = {".csv": ",", ".tsv": "\t"}
CODE = {
    ".txt",
    ".log",
    ".md",
    ".py",
    ".yml",
    ".yaml",
    ".toml",
    ".ini",
    ".cfg",
    ".sh",
    ".sql",
    ".jsonl",
    ".xml",
    ".html",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be shown of a file. `kind` is "picture", "text", "table" or "none"; `is_cut` says that it goes on."""

    path: str
    size_bytes: int
    kind: str
    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    is_cut: bool = False


def preview_of(run: Run, path: str) -> Preview:
    """Return a look into a collected output of a run. Raises FileNotFoundError when it is not there."""
    file = open_beneath(run.folder / "outputs", path)
    size, suffix = file.end, PurePosixPath(path).suffix.lower()
    try:
        if suffix in PICTURES:
            return Preview(path, size, "picture")
        file.end = min(size, MOST_BYTES)
        data = b"".join(file)
    finally:
        file.close()
    is_cut = size > len(data)
    text = as_text(data)
    if text is None or not (suffix in CODE or suffix in TABLES or suffix in (".json", "") or looks_like_text(text)):
        return Preview(path, size, "none")
    if suffix in TABLES:
        return table_preview(path, size, text, TABLES[suffix], is_cut)
    return Preview(path, size, "text", pretty(text) if suffix == ".json" and not is_cut else text, is_cut=is_cut)


def as_text(data: bytes) -> str | None:
    """Return text for what is UTF-8 without NUL (a half character at the end is cut off), None for anything else."""
    if b"\0" in data:
        return None
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4:
                return None
    return None


def looks_like_text(text: str) -> bool:
    """Return whether nearly all characters can be printed."""
    return sum(character.isprintable() or character in "\t\r\n" for character in text) >= 0.98 * len(text)


def pretty(text: str) -> str:
    """Return JSON indented; anything that is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def table_preview(path: str, size: int, text: str, delimiter: str, is_cut: bool) -> Preview:
    """Return the first rows of a table; a broken one is shown as text."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) > MOST_ROWS:
                break
            rows.append([cell[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]])
            is_cut = is_cut or len(row) > MOST_COLUMNS
    except csv.Error:
        return Preview(path, size, "text", text, is_cut=is_cut)
    head, *body = rows or [[]]
    return Preview(path, size, "table", head=head, rows=body[:MOST_ROWS], is_cut=is_cut or len(body) >= MOST_ROWS)
