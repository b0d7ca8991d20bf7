"""The driver program as one file: a zip that Python runs, whatever its name ends with, and Spark takes for a script."""

import hashlib
import io
import zipfile
from functools import lru_cache
from pathlib import Path

import computes

MAIN = """import sys
from amlweb.spark_driver.command import main
sys.exit(main(sys.argv[1:], sys.argv[0]))
"""
FOLDER, NAME, USED = "program", "driver.py", "used"
USED_AGAIN_SECONDS = 7 * 86_400.0  # after so long it is noted again beside a program that it is used
FORGOTTEN_SECONDS = 60 * 86_400.0  # a program without such a note for so long is used by nobody
EARLIEST = (1980, 1, 1, 0, 0, 0)


@lru_cache
def program_file() -> tuple[str, bytes]:
    """Return the program's name in the storage, which holds its hash, and its content, the same each time."""
    root = Path(computes.__file__).parent
    files = {"__main__.py": MAIN.encode(), "amlweb/__init__.py": b""}
    for folder, inside in (
        ("spark_driver", "amlweb/spark_driver"),
        ("supervisor", "amlweb/supervisor"),
        ("in_run", "amlweb/in_run"),
    ):
        for path in sorted((root / folder).rglob("*.py")):
            files[f"{inside}/{path.relative_to(root / folder).as_posix()}"] = path.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    data = content.getvalue()
    return f"{FOLDER}/{hashlib.sha256(data).hexdigest()[:16]}/{NAME}", data
