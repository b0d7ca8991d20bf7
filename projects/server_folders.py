"""Folders on the server that people may import from: below the roots that an administrator allows, and no others.

What is not below a root is refused in the same words whether it is there or not.
"""

from pathlib import Path

from django.conf import settings

from projects.errors import SourceRefused


def allowed_roots() -> list[Path]:
    """Return the roots, as the settings list them."""
    return [Path(root) for root in settings.SOURCE_ROOTS]


def checked_folder(text: str) -> Path:
    """Return a folder with all links in its path resolved. Raises SourceRefused on "folder"."""
    roots = allowed_roots()
    if not roots:
        remedy = "Upload an archive, or ask an administrator to set AMLWEB_SOURCE_ROOTS."
        raise SourceRefused("folder", "No folder on the server may be imported.", remedy)
    try:
        folder = Path(text.strip()).resolve() if Path(text.strip()).is_absolute() else None
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links, a name that is too long
        folder = None
    if folder is None or not any(folder.is_relative_to(root.resolve()) for root in roots) or not folder.is_dir():
        named = ", ".join(str(root) for root in roots)
        remedy = f"Give the full path of a folder below: {named}."
        raise SourceRefused("folder", "There is no such folder that may be imported.", remedy)
    data = Path(settings.DATA_DIR).resolve()
    if folder.is_relative_to(data) or data.is_relative_to(folder):
        text = "The folder holds, or lies in, the server's own data."
        raise SourceRefused("folder", text, "Give the folder of one project.")
    return folder
