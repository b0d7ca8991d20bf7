"""Makes source packages that are built by a module of their own, which may print something first."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

BACKEND = """\
import os, zipfile
{program}

def build_wheel(folder, settings=None, metadata=None):
    notes = {notes!r}
    files = {{
        {module!r}: "BUILT = True\\n",
        notes + "/METADATA": {metadata!r},
        notes + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }}
    files[notes + "/RECORD"] = "".join(name + ",,\\n" for name in [*files, notes + "/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, {wheel!r}), "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return {wheel!r}
"""


def make_sdist(folder: Path, name: str, version: str, needs: Iterable[str] = (), program: str = "") -> Path:
    """Make a source package that needs others to be built, and whose build begins with a program; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    backend = BACKEND.format(
        program=program,
        notes=f"{name}-{version}.dist-info",
        module=f"{name}.py",
        metadata=metadata,
        wheel=f"{name}-{version}-py3-none-any.whl",
    )
    requires = ", ".join(repr(need) for need in needs)
    files = {
        "pyproject.toml": f'[build-system]\nrequires = [{requires}]\nbuild-backend = "own"\nbackend-path = ["."]\n',
        "own.py": backend,
        "PKG-INFO": metadata,
    }
    sdist = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return sdist
