"""Makes wheels of one small module."""

import base64
import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

LONG_AGO = (1980, 1, 1, 0, 0, 0)


def make_wheel(
    folder: Path, name: str, version: str, requires: Iterable[str] = (), script: str = "", padding: int = 0
) -> Path:
    """Make a wheel whose module says its version, with a set of words that depends on the hash seed; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    words = ", ".join(repr(f"{name}{number}") for number in range(24))
    files = {
        f"{name}/__init__.py": f"VERSION = {version!r}\n\ndef knows(word):\n    return word in {{{words}}}\n\n"
        f"def main():\n    print({name!r}, VERSION)\n" + "#" * padding,
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{notes}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if script:
        files[f"{notes}/entry_points.txt"] = f"[console_scripts]\n{script} = {name}:main\n"
    record = [f"{path},sha256={digest(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{notes}/RECORD"] = "\n".join([*record, f"{notes}/RECORD,,", ""])
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, LONG_AGO), text)
    return wheel


def digest(text: str) -> str:
    """Return a checksum as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
