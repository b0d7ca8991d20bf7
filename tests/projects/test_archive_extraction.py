"""Hostile archives are refused by name and leave nothing outside their folder; honest ones are unpacked."""

import gzip
import io
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from projects.archives import extract_archive
from projects.errors import SourceRefused
from projects.size_limits import SizeLimits
from tests.projects.archive_making import changed, pax_records, tar_gz_of, tar_header, tar_of, zip_of

LIMITS = SizeLimits(files=1000, file_bytes=30 * 1024**2, total_bytes=100 * 1024**2)
LINK = 0o120777
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
ONE = zip_of(("a.py", b"print(1)\n" * 20))


def overlapping() -> bytes:
    """Two entries in the list, both at the first one's bytes."""
    two = zip_of(("a.py", b"x" * 100), ("b.py", b"x" * 100))
    place = two.rindex(CENTRAL) + 42
    return two[:place] + struct.pack("<I", 0) + two[place + 4 :]


def many_entries() -> bytes:
    """A ZIP64 end that promises 1,000,001 entries, after a list of one million and one headers of 47 bytes."""
    header = struct.pack("<4sBBHHHHHIIIHHHHHII", CENTRAL, 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    listed = header * 1_000_001
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1_000_001, 1_000_001, len(listed), 31)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 31 + len(listed), 1)
    end = struct.pack("<4sHHHHIIH", END, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return LOCAL + b"\0" * 27 + listed + end64 + locator + end


def false_zip64() -> bytes:
    """An entry whose ZIP64 field says 2^62 bytes."""
    extra = struct.pack("<HHQQ", 1, 16, 2**62, 2**62)
    name = b"a.py"
    local = struct.pack("<4sHHHHHIIIHH", LOCAL, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 4, 0) + name + b"x"
    fields = (CENTRAL, 45, 3, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 4, len(extra), 0, 0, 0, 0, 0)
    listed = struct.pack("<4sBBHHHHHIIIHHHHHII", *fields) + name + extra
    return local + listed + struct.pack("<4sHHHHIIH", END, 0, 0, 1, 1, len(listed), len(local), 0)


def file_in_tar(name: str, content: bytes = b"x", size: int | None = None) -> bytes:
    return tar_header(name, size=len(content) if size is None else size) + content + b"\0" * (-len(content) % 512)


def long_name(length: int) -> bytes:
    return tar_header("././@LongLink", tarfile.GNUTYPE_LONGNAME, length) + b"a" * length + b"\0" * (-length % 512)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "01 parent folder": (lambda: zip_of(("../x", b"")), "'../x'.*leads out"),
    "02 parent in the middle": (lambda: zip_of(("a/../../x", b"")), "leads out"),
    "03 absolute": (lambda: zip_of(("/abs", b"")), "'/abs'.*absolute"),
    "04 drive": (lambda: zip_of(("C:/x", b"")), "absolute"),
    "04 drive with backslash": (lambda: zip_of(("C:\\x", b"")), "backslash"),
    "05 backslash parent": (lambda: zip_of(("..\\x", b"")), "backslash"),
    "06 backslashes": (lambda: zip_of(("a\\..\\..\\x", b"")), "backslash"),
    "07 link entry": (lambda: zip_of(("p", b"/etc/passwd"), mode=LINK), "'p' is a link"),
    "08 file through a linked folder": (lambda: zip_of(("d", b"/tmp"), ("d/x", b""), mode=LINK), "'d' is a link"),
    "09 NUL in name": (lambda: zip_of(("a\0.py", b"")), "control characters"),
    "10 newline in name": (lambda: zip_of(("a\n.py", b"")), "control characters"),
    "11 right-to-left mark": (lambda: zip_of(("a\u202egpj.py", b"")), "control characters"),
    "13 long component": (lambda: zip_of(("a" * 300, b"")), "255 bytes"),
    "13 long path": (lambda: zip_of(("/".join(["a" * 200] * 6), b"")), "1000 bytes"),
    "14 deep": (lambda: zip_of(("d/" * 300 + "x", b"")), "200 folders"),
    "15 twins": (lambda: zip_of(("a", b"1"), ("a", b"2")), "'a' is in the archive twice"),
    "15 twins after normalising": (lambda: zip_of(("a", b"1"), ("./a", b"2")), "twice"),
    "16 file, then folder": (lambda: zip_of(("a", b""), ("a/b", b"")), "both a file and a folder"),
    "16 folder, then file": (lambda: zip_of(("a/b", b""), ("a", b"")), "both a file and a folder"),
    "17 case twins": (lambda: zip_of(("a.py", b""), ("A.py", b"")), "upper and lower case"),
    "17 case twins of folders": (lambda: zip_of(("d/a", b""), ("D/b", b"")), "upper and lower case"),
    "18 NFC and NFD twins": (lambda: zip_of(("\u00e9", b""), ("e\u0301", b"")), "twice"),
    "19 many zeros": (lambda: zip_of(("zeros", bytes(25 * 1024**2))), "'zeros' unpacks to more than 200 times"),
    "20 overlapping": (overlapping, "overlaps"),
    "22 a million entries": (many_entries, "1,000,001 entries"),
    "22 a lying count": (lambda: changed(zip_of(("a", b""), ("b", b"")), END, 10, "<H", 1), "damaged"),
    "23 declared size too small": (
        lambda: changed(ONE, CENTRAL, 24, "<I", 5),
        "'a.py' is larger than the archive says",
    ),
    "23 wrong checksum": (lambda: changed(ONE, CENTRAL, 16, "<I", 5), "'a.py' is damaged"),
    "24 encrypted": (lambda: changed(ONE, CENTRAL, 8, "<H", 1), "'a.py' is encrypted"),
    "25 zip64 with false sizes": (false_zip64, "'a.py' reaches beyond"),
    "26 truncated": (lambda: ONE[:-30], "cut off"),
    "26 truncated tar": (lambda: tar_of(file_in_tar("a", b"x" * 5000))[:3000], "cut off"),
    "26 tar without its end": (lambda: file_in_tar("a"), "cut off"),
    "26 truncated gzip": (lambda: tar_gz_of(file_in_tar("a", os.urandom(5000)))[:-900], "cut off"),
    "26 damaged gzip": (lambda: tar_gz_of(file_in_tar("a"))[:-8] + b"\0" * 8, "damaged"),
    "27 garbage before": (lambda: b"PK\x03\x04garbage" + ONE, "before"),
    "27 only garbage": (lambda: b"garbage" * 100, "no .zip"),
    "28 empty zip": (zip_of, "no files"),
    "28 empty tar": (tar_of, "no files"),
    "28 nothing": (lambda: b"", "no .zip"),
    "28 only a folder": (lambda: zip_of(("d/", b"")), "no files"),
    "30 tar parent": (lambda: tar_of(file_in_tar("../x")), "leads out"),
    "31 tar absolute": (lambda: tar_of(file_in_tar("/abs")), "absolute"),
    "32 tar link": (lambda: tar_of(tar_header("l", tarfile.SYMTYPE, linkname="/etc/passwd")), "'l' is a link"),
    "33 tar hard link": (lambda: tar_of(tar_header("l", tarfile.LNKTYPE, linkname="/etc/passwd")), "hard link"),
    "34 hard link to a link": (
        lambda: tar_of(tar_header("s", tarfile.SYMTYPE, linkname="/"), tar_header("l", tarfile.LNKTYPE, linkname="s")),
        "'s' is a link",
    ),
    "35 pipe": (lambda: tar_of(tar_header("p", tarfile.FIFOTYPE)), "'p' is a pipe"),
    "36 device": (lambda: tar_gz_of(tar_header("d", tarfile.CHRTYPE)), "'d' is a device"),
    "37 sparse": (lambda: tar_of(tar_header("s", tarfile.GNUTYPE_SPARSE)), "sparse"),
    "37 pax sparse of 8 TB": (
        lambda: tar_of(pax_records([("GNU.sparse.realsize", str(8 * 1024**4))]), file_in_tar("s")),
        "sparse",
    ),
    "37 a file of 8 GB that is not there": (lambda: tar_of(tar_header("s", size=8 * 1024**3 - 1)), "cut off"),
    "38 pax path": (lambda: tar_of(pax_records([("path", "../x")]), file_in_tar("good.py")), "'../x'.*leads out"),
    "38 pax size": (lambda: tar_of(pax_records([("size", "-1")]), file_in_tar("good.py")), "how large"),
    "38 damaged pax": (lambda: tar_of(tar_header("p", tarfile.XHDTYPE, 5) + b"9 a=b"), "damaged"),
    "39 name of 10 MB": (lambda: tar_of(long_name(10_000_000), file_in_tar("x")), "10,000,000 bytes"),
    "39 GNU name of 2000 bytes": (lambda: tar_of(long_name(2000), file_in_tar("x")), "255 bytes"),
    "another packer": (lambda: b"BZh91AY" + b"x" * 600, "bzip2"),
    "another method": (lambda: zip_of(("a", b"x" * 99), packing=zipfile.ZIP_BZIP2), "not read"),
    "name that is not UTF-8": (lambda: tar_of(tar_header("\udcff")), "not UTF-8"),
    "too many files": (lambda: zip_of(*((f"{number}", b"") for number in range(1001))), "more than 1,000 files"),
    "a file over the limit": (
        lambda: zip_of(("big", os.urandom(31 * 1024**2)), packing=0),
        "'big' is larger than 30.0 MiB",
    ),
    "headers without entries": (lambda: tar_gz_of(*[pax_records([("a", "b")])] * 7000), "6,000 headers"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_hostile_archive_is_refused_and_nothing_leaves_its_folder(tmp_path: Path, case: str) -> None:
    make, said = REFUSED[case]
    folder = tmp_path / "outer" / "fresh"
    folder.mkdir(parents=True)
    with pytest.raises(SourceRefused, match=rf"(?s){said}") as refused:
        extract_archive(io.BytesIO(make()), folder, LIMITS)
    assert refused.value.field == "archive"
    assert refused.value.remedy
    assert [path.name for path in tmp_path.rglob("*") if folder not in path.parents and path != folder] == ["outer"]
    assert not [path for path in folder.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


ALLOWED: dict[str, tuple[Callable[[], bytes], dict[str, bytes]]] = {
    "12 cp437 name": (lambda: ONE.replace(b"a.py", b"\x81.py"), {"ü.py": b"print(1)\n" * 20}),
    "18 NFD name": (lambda: zip_of(("e\u0301", b"1"), ("b", b"")), {"é": b"1", "b": b""}),
    "21 zip in zip": (lambda: zip_of(("inner.zip", ONE), ("a", b"")), {"inner.zip": ONE, "a": b""}),
    "29 setuid": (lambda: zip_of(("run.sh", b"x"), mode=0o106755), {"run.sh": b"x"}),
    "40 git hooks and ssh": (
        lambda: tar_gz_of(file_in_tar(".git/hooks/pre-commit"), file_in_tar(".ssh/authorized_keys")),
        {".git/hooks/pre-commit": b"x", ".ssh/authorized_keys": b"x"},
    ),
    "stored": (lambda: zip_of(("a", b"1" * 99), packing=zipfile.ZIP_STORED), {"a": b"1" * 99}),
    "with a comment": (lambda: changed(ONE, END, 20, "<H", 5) + b"hello", {"a.py": b"print(1)\n" * 20}),
    "pax name and size": (
        lambda: tar_of(pax_records([("path", "lib/" + "é" * 100), ("size", "1")]), tar_header("x", size=0) + b"y"),
        {"é" * 100: b"y"},
    ),
    "one top folder": (lambda: zip_of(("iris/", b""), ("iris/a.py", b"1"), ("__MACOSX/._a", b"")), {"a.py": b"1"}),
    "only aml_config": (lambda: zip_of(("aml_config/x.compute", b"1")), {"aml_config/x.compute": b"1"}),
    "two folders": (lambda: zip_of(("a/x", b"1"), ("b/y", b"2")), {"a/x": b"1", "b/y": b"2"}),
    "a folder twice": (lambda: tar_of(*[tar_header("d", tarfile.DIRTYPE)] * 2, file_in_tar("d/x")), {"x": b"x"}),
}


@pytest.mark.parametrize("case", sorted(ALLOWED))
def test_an_honest_or_harmless_archive_is_unpacked(tmp_path: Path, case: str) -> None:
    make, expected = ALLOWED[case]
    assert contents(extract_archive(io.BytesIO(make()), tmp_path, LIMITS)) == expected
    modes = {path.stat().st_mode & 0o7777 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes <= {0o644, 0o755}


@pytest.mark.parametrize(
    "command",
    [
        ["zip", "-qr", "packed", "code"],
        ["tar", "-czf", "packed", "code"],
        ["tar", "--format=pax", "-cf", "packed", "-C", "code", "."],
        ["tar", "--format=gnu", "-czf", "packed", "code"],
        [sys.executable, "-m", "zipfile", "-c", "packed", "code"],
    ],
)
def test_what_ordinary_packers_make_is_read_back(tmp_path: Path, command: list[str]) -> None:
    code = tmp_path / "code"
    (code / "lib").mkdir(parents=True)
    (code / "run.sh").write_text("true\n")
    (code / "run.sh").chmod(0o755)
    (code / ("lib/" + "é" * 100 + ".py")).write_text("1\n" * 100_000)
    subprocess.run(command, cwd=tmp_path, check=True)
    packed = tmp_path / ("packed.zip" if command[0] == "zip" else "packed")
    (tmp_path / "out").mkdir()
    with packed.open("rb") as file:
        project = extract_archive(file, tmp_path / "out", LIMITS)
    assert contents(project) == contents(code)
    assert (project / "run.sh").stat().st_mode & 0o777 == 0o755


def test_memory_stays_flat_for_a_large_archive(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "large.tar.gz", "wb", compresslevel=1) as packed:
        block = os.urandom(1024 * 1024)
        for number in range(3):
            packed.write(tar_header(f"data{number}.bin", size=100 * len(block)))
            for _ in range(100):
                packed.write(block)
        packed.write(bytes(1024))
    program = (
        "import resource, sys; from pathlib import Path; from projects.archives import extract_archive\n"
        "from projects.size_limits import SizeLimits; from projects.blob_store import BlobStore\n"
        "from projects.snapshots.stored_tree import store_tree\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "limits, folder = SizeLimits(100, 2**30, 2**30), Path(sys.argv[2])\n"
        "folder.mkdir(); extract_archive(open(sys.argv[1], 'rb'), folder, limits)\n"
        "assert len(store_tree(BlobStore(folder.parent / 'blobs'), folder, limits, 'archive').manifest) == 3\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    setup = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'amlweb.settings'; import django; django.setup()\n"
    arguments = [sys.executable, "-c", setup + program, str(tmp_path / "large.tar.gz"), str(tmp_path / "out")]
    grown = subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=120).stdout
    assert int(grown) < 30 * 1024, "kilobytes"
