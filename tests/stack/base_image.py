"""Small images out of this machine's own files: a bare one, and one with this Python in it. No network is needed."""

import io
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from docker import APIClient

BARE_IMAGE = "amlweb-test/bare:1"
PYTHON_IMAGE = "amlweb-test/python:1"
PROGRAMS = (
    "sh",
    "bash",
    "cat",
    "ls",
    "env",
    "id",
    "sleep",
    "mkdir",
    "rm",
    "cp",
    "tar",
    "uname",
    "ldd",
    "getconf",
    "stat",
)
FOLDERS = ("tmp", "proc", "sys", "dev", "run", "root", "home", "opt", "mnt", "etc", "var/tmp", "usr/bin", "usr/lib")
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/bin"}
LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "site-packages"}
LEFT_OUT |= {"dist-packages"}
LIBC = ("libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2", "libgcc_s.so.1")


def libraries_of(paths: Iterable[Path]) -> set[Path]:
    """Return the shared libraries that programs and libraries need, as ldd finds them."""
    found: set[Path] = set()
    for path in paths:
        said = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False).stdout
        found.update(Path(name) for name in re.findall(r"(/\S+\.so\S*)", said))
    return found


def libraries_beside_libc(found: Iterable[Path]) -> set[Path]:
    """Return the other libraries of libc and of gcc, which every ordinary image has."""
    folder = next(path.parent for path in found if path.name == "libc.so.6")
    return {folder / name for name in LIBC if (folder / name).exists()}


def image_tar(with_python: bool) -> bytes:
    """Return the tar of an image's files. Libraries keep their usual places, so that the loader finds them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in (*FOLDERS, "usr/lib64"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder.endswith("tmp") else 0o755
            tar.addfile(entry)
        for name, target in LINKS.items():
            add_link(tar, name, target)
        programs = [Path(path).resolve() for name in PROGRAMS if (path := shutil.which(name))]
        needed = libraries_of(programs)
        needed |= libraries_beside_libc(needed)
        for name in PROGRAMS:
            if path := shutil.which(name):
                tar.add(Path(path).resolve(), f"usr/bin/{name}")
        if with_python:
            needed |= add_python(tar)
        for library in needed:
            tar.add(library.resolve(), place_of(library))
        for text_name, text in ETC.items():
            entry = tarfile.TarInfo(f"etc/{text_name}")
            entry.size, entry.mode = len(text), 0o644
            tar.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


ETC = {
    "passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/sh\n",
    "group": b"root:x:0:\nnogroup:x:65534:\n",
    "hosts": b"127.0.0.1 localhost\n",
}


def place_of(library: Path) -> str:
    """Return where a library goes: the loader to its fixed place, all others where the loader looks by itself."""
    if library.name.startswith("ld-linux"):
        return f"usr/{library.parent.name}/{library.name}"
    return f"usr/lib/{library.name}"


def add_link(tar: tarfile.TarFile, name: str, target: str) -> None:
    """Add a symbolic link."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)


def add_python(tar: tarfile.TarFile) -> set[Path]:
    """Add this Python below /usr/local, with a small package that can be seen; return the libraries that it needs."""
    program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    tar.add(program, f"usr/local/bin/{version}")
    for name in ("python3", "python"):
        add_link(tar, f"usr/local/bin/{name}", version)

    def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        parts = entry.name.split("/")
        return None if LEFT_OUT & set(parts) or parts[-1].endswith(".a") else entry

    tar.add(standard, f"usr/local/lib/{version}", filter=wanted)
    metadata = b"Metadata-Version: 2.1\nName: amlweb-test-package\nVersion: 1.2\n"
    entry = tarfile.TarInfo(f"usr/local/lib/{version}/site-packages/amlweb_test_package-1.2.dist-info/METADATA")
    entry.size, entry.mode = len(metadata), 0o644
    tar.addfile(entry, io.BytesIO(metadata))
    modules = [path for path in standard.rglob("*.so") if not LEFT_OUT & set(path.parts)]
    return libraries_of([program, *modules])


def import_image(socket: str, name: str, with_python: bool) -> str:
    """Make an image in an engine and return its name."""
    client = APIClient(base_url=f"unix://{socket}", version="auto", timeout=60)
    repository, tag = name.rsplit(":", 1)
    with tempfile.NamedTemporaryFile(prefix="amlweb-image-", suffix=".tar") as file:
        file.write(image_tar(with_python))
        file.flush()
        try:
            changes = "ENV PATH=/usr/local/bin:/usr/bin:/bin"
            client.import_image_from_file(file.name, repository, tag, changes)
            assert client.inspect_image(name)["Os"] == "linux"  # type: ignore[no-untyped-call]
        finally:
            client.close()
    return name
