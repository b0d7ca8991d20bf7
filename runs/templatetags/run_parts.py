"""What the templates of run pages can say: numbers of metrics, arguments, kinds of files, indentation."""

import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from django import template

register = template.Library()

ICONS = {
    "photo": {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"},
    "table": {".csv", ".tsv", ".parquet", ".xlsx"},
    "code": {".py", ".json", ".ipynb", ".sh", ".sql", ".html", ".yml", ".yaml"},
    "file-zip": {".zip", ".gz", ".tar", ".7z", ".xz"},
    "file-text": {".txt", ".log", ".md"},
}
DEEPEST = 8


@register.filter
def metric_number(value: float | None) -> str:
    """Return a number with six significant digits; a dash when there is none."""
    return "–" if value is None else f"{value:.6g}"


@register.filter
def shell_words(arguments: Sequence[str]) -> str:
    """Return arguments as one would type them: those with blanks in them, and empty ones, are quoted."""
    return shlex.join(arguments)


@register.filter
def file_icon(path: str) -> str:
    """Return the icon for a file of this name."""
    suffix = PurePosixPath(path).suffix.lower()
    return next((icon for icon, suffixes in ICONS.items() if suffix in suffixes), "file")


@register.filter
def depth_class(depth: int) -> str:
    """Return the class that indents a row of a tree."""
    return f"depth-{min(depth, DEEPEST)}"
