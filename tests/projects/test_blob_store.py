"""Content is stored once, whole, and read-only."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

from projects.blob_store import CHUNK_BYTES, BlobMissing, BlobStore, BlobTooLarge

LARGE = bytes(range(256)) * (CHUNK_BYTES // 100)


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.mark.parametrize("content", [b"", b"small", LARGE])
def test_every_way_in_leads_to_the_same_blob(store: BlobStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with (tmp_path / "file").open("rb") as file:
        blobs = [store.put_file(file), store.put_bytes(content), store.put_stream(io.BytesIO(content))]
    assert {(blob.sha256, blob.size) for blob in blobs} == {(digest, len(content))}
    assert store.path_of(digest) == store.root / digest[:2] / digest[2:]
    assert store.path_of(digest).read_bytes() == content
    assert store.path_of(digest).stat().st_mode & 0o777 == 0o400
    assert store.has(digest)


def test_a_blob_that_a_power_cut_shortened_is_written_anew(store: BlobStore) -> None:
    path = store.path_of(store.put_bytes(LARGE).sha256)
    path.chmod(0o600)
    path.write_bytes(b"")
    store.put_stream(io.BytesIO(LARGE))
    assert path.read_bytes() == LARGE


def test_storing_again_says_that_the_blob_is_wanted(store: BlobStore) -> None:
    path = store.path_of(store.put_bytes(b"x").sha256)
    inode, before = path.stat().st_ino, path.stat().st_mtime_ns - 10**12
    import os

    os.utime(path, ns=(before, before))
    store.put_bytes(b"x")
    assert path.stat().st_mtime_ns > before
    assert path.stat().st_ino == inode


def test_too_much_is_refused_and_leaves_nothing(store: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(LARGE)
    with (tmp_path / "file").open("rb") as file, pytest.raises(BlobTooLarge):
        store.put_file(file, 100)
    with pytest.raises(BlobTooLarge):
        store.put_stream(io.BytesIO(LARGE), 100)
    assert not [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_digests_name_blobs(store: BlobStore, digest: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        store.path_of(digest)


def test_missing_content_is_named(store: BlobStore) -> None:
    with pytest.raises(BlobMissing, match=r"0000.*backup"):
        store.open("0" * 64)


def test_a_killed_writer_leaves_no_half_blob(store: BlobStore) -> None:
    program = (
        "import sys; from pathlib import Path; from projects.blob_store import BlobStore\n"
        "class Endless:\n"
        "    def read(self, size):\n"
        "        print('read', flush=True); return b'x' * size\n"
        "BlobStore(Path(sys.argv[1])).put_stream(Endless())"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(store.root)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
    left = [path for path in store.root.rglob("*") if path.is_file()]
    assert {path.parent.name for path in left} <= {"incoming"}
