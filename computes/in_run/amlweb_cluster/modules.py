"""The project's Python modules as one file, which Spark hands to the executors."""

import os
import zipfile

MODULE = ".py"
LEFT_OUT = "outputs"
EARLIEST = (1980, 1, 1, 0, 0, 0)


def write_modules(code: str, path: str, script: str) -> None:
    """Zip every Python file below a folder, links and outputs left out. Raises OSError.

    Those below the script's folder are there a second time, named from that folder: the script finds them so, and
    before all others.
    """
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    beside = os.path.dirname(os.path.normpath(script))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, found in sorted(names_for(python_files(code), beside).items()):
            with open(os.path.join(code, found), "rb") as content:
                archive.writestr(zipfile.ZipInfo(name, EARLIEST), content.read(), zipfile.ZIP_DEFLATED)


def python_files(code: str) -> "list[str]":
    """Return the Python files below a folder, relative to it."""
    found = []
    for parent, folders, files in os.walk(code):
        if parent == code and LEFT_OUT in folders:
            folders.remove(LEFT_OUT)
        paths = [os.path.join(parent, name) for name in files if name.endswith(MODULE)]
        found += [os.path.relpath(path, code) for path in paths if not os.path.islink(path)]
    return found


def names_for(paths: "list[str]", beside: str) -> "dict[str, str]":
    """Return the files by their names in the archive. `beside` is the script's folder, empty for the topmost."""
    named = {path: path for path in paths}
    if beside:
        named.update({path[len(beside) + 1 :]: path for path in paths if path.startswith(beside + "/")})
    return named
