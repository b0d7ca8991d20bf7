"""Paths that a configuration file names inside its project."""

import re

_DRIVE = re.compile(r"[A-Za-z]:")


def project_path_of(text: str) -> str | None:
    """Return a path from the project's root with forward slashes (files made on Windows have the others).

    None when it is absolute or leads out of the project.
    """
    path = text.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts or not parts:
        return None
    return "/".join(parts)
