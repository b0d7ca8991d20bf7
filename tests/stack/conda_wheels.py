"""Packs wheels for any Python as conda packages (`noarch: python`)."""

import configparser
import email
import re
import tempfile
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from tests.stack.conda_packages import write_package


def pack_wheel(channel: Path, wheel: Path) -> Path:
    """Pack a wheel and return the package."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        archive.extractall(stage / "site-packages")
        notes = next(name.split("/")[0] for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        inner = stage / "site-packages" / notes
        metadata = email.message_from_bytes((inner / "METADATA").read_bytes())
        (inner / "INSTALLER").write_text("conda")
        (inner / "RECORD").unlink()
        index = {
            "name": normal(str(metadata["Name"])),
            "version": str(metadata["Version"]).replace("-", "_"),
            "build": "py_0",
            "noarch": "python",
            "depends": [*requirements(metadata.get_all("Requires-Dist") or []), python_for(metadata)],
        }
        link = {"noarch": {"type": "python", "entry_points": commands(inner)}, "package_metadata_version": 1}
        return write_package(channel, stage, index, link)


def normal(name: str) -> str:
    """Return a name as conda writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(lines: list[str]) -> list[str]:
    """Return what a wheel needs as conda's specs."""
    found = []
    for line in lines:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            found.append(f"{normal(needed.name)} {needed.specifier}".strip())
    return found


def python_for(metadata: "email.message.Message[str, str]") -> str:
    """Return the spec of the Python that a wheel needs."""
    wanted = str(metadata["Requires-Python"] or "").replace(" ", "")
    return f"python {wanted}".strip()


def commands(notes: Path) -> list[str]:
    """Return the entry points that become programs."""
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    if (notes / "entry_points.txt").exists():
        parser.read(notes / "entry_points.txt")
    section = parser["console_scripts"] if parser.has_section("console_scripts") else {}
    return [f"{name} = {target.split('[')[0].strip()}" for name, target in section.items()]
