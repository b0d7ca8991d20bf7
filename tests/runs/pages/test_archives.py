"""All outputs as one archive, and the code."""

import io
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from runs.models import Run
from runs.outputs_archive import ARCHIVES, stream_tar_gz, stream_zip
from tests.runs.pages.conftest import AddOutput, SeenBy

FILES = {"a.txt": b"one", "deep/er/b.bin": bytes(range(256)) * 5000, "empty": b"", "ü 漢.txt": b"three"}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_holds_every_output_byte_for_byte(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, kind: str
) -> None:
    for path, content in FILES.items():
        add_output(path, content)
    answer = seen_by(alice).get(reverse("run_outputs_archive", args=["hello", 1, kind]))
    data = io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == f'attachment; filename="hello-run-1-outputs.{kind}"'
    if kind == "zip":
        archive = zipfile.ZipFile(data)
        found = {name: archive.read(name) for name in archive.namelist()}
    else:
        with tarfile.open(fileobj=data) as packed:
            found = {member.name: packed.extractfile(member).read() for member in packed}  # type: ignore[union-attr]
    assert found == FILES


def test_other_kinds_of_archives_do_not_exist(run: Run, seen_by: SeenBy, alice: User) -> None:
    assert seen_by(alice).get(reverse("run_outputs_archive", args=["hello", 1, "rar"])).status_code == 404


@pytest.mark.parametrize("pack", [stream_zip, stream_tar_gz])
def test_memory_stays_flat_however_large_a_file_is(tmp_path: Path, pack: object) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(200 * 1024**2)
    tracemalloc.start()
    for _chunk in pack(tmp_path, ["large", "gone"]):  # type: ignore[operator]
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024**2


def test_the_code_is_sent_as_an_archive(run: Run, seen_by: SeenBy, alice: User) -> None:
    answer = seen_by(alice).get(reverse("run_code_archive", args=["hello", 1]))
    data = io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    with tarfile.open(fileobj=data) as packed:
        assert {name.partition("/")[2] for name in packed.getnames()} == {"README.md", "hello.py"}
