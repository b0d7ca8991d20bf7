"""The project's Python modules as one file, which Spark hands to the executors."""

import os
import zipfile

MODULE = ".py"
LEFT_OUT = "outputs"
EARLIEST = (1980, 1, 1, 0, 0, 0)


def write_modules(code: str, path: str) -> None:
    """Zip every Python file below a folder, links and outputs left out. Raises OSError."""
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for parent, folders, files in os.walk(code):
            if parent == code and LEFT_OUT in folders:
                folders.remove(LEFT_OUT)
            for name in sorted(files):
                file = os.path.join(parent, name)
                if name.endswith(MODULE) and not os.path.islink(file):
                    with open(file, "rb") as content:
                        entry = zipfile.ZipInfo(os.path.relpath(file, code), EARLIEST)
                        archive.writestr(entry, content.read(), zipfile.ZIP_DEFLATED)
