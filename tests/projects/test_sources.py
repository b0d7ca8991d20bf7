"""A project is made of an archive, a folder or a template; a refusal leaves none behind."""

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from pytest_django import Settings

from projects.errors import SourceRefused
from projects.models import Project, Role, Snapshot
from projects.scripts import runnable_scripts
from projects.snapshots import manifest_of_snapshot, stream_archive, take_snapshot
from projects.sources import (
    create_from_archive,
    create_from_folder,
    create_from_template,
    replace_from_archive,
    replace_from_folder,
)
from projects.templates import TEMPLATES
from tests.projects.archive_making import tar_gz_of, tar_header, zip_of
from tests.projects.conftest import Laid

CODE = zip_of(("iris/train.py", b"print(1)\n"), ("iris/.git/hooks/post-checkout", b"evil"), ("iris/outputs/old", b"x"))


def paths(project: Project) -> list[str]:
    assert project.current_snapshot is not None
    return [entry.path for entry in manifest_of_snapshot(project.current_snapshot)]


def test_an_upload_makes_a_project_that_its_maker_owns(alice: User, own_data_folder: Path) -> None:
    project = create_from_archive(alice, "  Iris  of Alice ", io.BytesIO(CODE), description="about flowers")
    project.refresh_from_db()
    assert (project.slug, project.name, project.source) == ("iris-of-alice", "Iris of Alice", "upload")
    assert paths(project) == ["train.py"]
    assert [(each.user, each.role) for each in project.memberships.all()] == [(alice, Role.OWNER)]
    assert not list((own_data_folder / "incoming").iterdir())


def test_uploads_come_as_django_hands_them_over(alice: User) -> None:
    large = TemporaryUploadedFile("code.zip", "application/zip", len(CODE), None)
    large.write(CODE)
    with large:
        first = create_from_archive(alice, "Iris", large)  # type: ignore[arg-type]
    second = create_from_archive(alice, "Iris", SimpleUploadedFile("code.zip", CODE))  # type: ignore[arg-type]
    assert (first.slug, second.slug) == ("iris", "iris-2")
    assert first.current_snapshot.digest == second.current_snapshot.digest  # type: ignore[union-attr]


def test_a_snapshots_archive_uploaded_again_is_the_same_code(alice: User) -> None:
    project = create_from_archive(alice, "Iris", io.BytesIO(CODE))
    assert project.current_snapshot is not None
    again = create_from_archive(alice, "Copy", io.BytesIO(b"".join(stream_archive(project.current_snapshot))))
    assert again.current_snapshot.digest == project.current_snapshot.digest  # type: ignore[union-attr]


def test_a_replaced_source_is_a_new_current_snapshot(alice: User) -> None:
    project = create_from_archive(alice, "Iris", io.BytesIO(CODE))
    replace_from_archive(project, alice, io.BytesIO(tar_gz_of(tar_header("other.py"))))
    project.refresh_from_db()
    assert paths(project) == ["other.py"]
    assert project.snapshots.count() == 2


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ünïcode Straße", "unicode-strae"),
        ("新しい", "project"),
        ("new", "new-2"),
        ("<b>{{7*7}}</b>", "b77b"),
        ("a" * 120, "a" * 70),
        ("..x", "x"),
        ("null", "null"),
    ],
)
def test_every_name_gives_a_slug_of_its_own(alice: User, name: str, slug: str) -> None:
    assert create_from_archive(alice, name, io.BytesIO(CODE)).slug == slug


@pytest.mark.parametrize("name", ["", "  ", "..", "\0", "a\nb", "a\u202eb", "\u200b", "x" * 121, "\udc80"])
def test_a_name_that_cannot_be_read_is_refused(alice: User, name: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        create_from_archive(alice, name, io.BytesIO(CODE))
    assert refused.value.field == "name"
    assert not Project.objects.exists()


def test_a_refused_archive_leaves_nothing(alice: User, own_data_folder: Path) -> None:
    with pytest.raises(SourceRefused):
        create_from_archive(alice, "Iris", io.BytesIO(zip_of(("good.py", b""), ("../evil.py", b""))))
    assert not Project.objects.exists()
    assert not Snapshot.objects.exists()
    assert not list((own_data_folder / "incoming").iterdir())


def test_limits_hold_for_uploads(alice: User, settings: Settings) -> None:
    settings.SNAPSHOT_MAX_FILES = 3
    with pytest.raises(SourceRefused, match="more than 3 files"):
        create_from_archive(alice, "Iris", io.BytesIO(zip_of(*((f"{number}.py", b"") for number in range(4)))))


def test_a_folder_below_an_allowed_root_is_imported_and_read_again(
    alice: User, lay: Laid, settings: Settings, tmp_path: Path
) -> None:
    folder = lay({"team/code/train.py": "1"})
    (tmp_path / "link").symlink_to(folder)
    settings.SOURCE_ROOTS = [tmp_path / "link"]
    project = create_from_folder(alice, "Iris", f" {tmp_path}/link/team/code/ ")
    assert (project.source, project.source_location) == ("folder", str(folder / "team/code"))
    (folder / "team/code/second.py").write_text("2")
    replace_from_folder(project, alice, project.source_location)
    assert paths(project) == ["second.py", "train.py"]


def test_a_folder_elsewhere_is_refused_in_the_same_words_whether_it_is_there_or_not(
    alice: User, lay: Laid, settings: Settings, tmp_path: Path
) -> None:
    root = lay({"a.py": ""})
    (root / "out").symlink_to("/etc")
    (root / "loop").symlink_to("loop")
    settings.SOURCE_ROOTS = [root]
    texts = set()
    for folder in (
        "/etc",
        "/nowhere",
        f"{root}/../..",
        f"{root}/out",
        f"{root}/loop",
        f"{root}/a.py",
        "relative",
        "",
        "\0",
    ):
        with pytest.raises(SourceRefused) as refused:
            create_from_folder(alice, "Iris", folder)
        assert refused.value.field == "folder"
        texts.add(str(refused.value))
    assert len(texts) == 1
    settings.SOURCE_ROOTS = []
    with pytest.raises(SourceRefused, match="No folder on the server"):
        create_from_folder(alice, "Iris", str(root))


def test_the_servers_own_data_is_never_imported(alice: User, settings: Settings, tmp_path: Path) -> None:
    settings.SOURCE_ROOTS = [tmp_path]
    (tmp_path / "data" / "runs").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "data", tmp_path / "data" / "runs"):
        with pytest.raises(SourceRefused, match="own data"):
            create_from_folder(alice, "Iris", str(folder))


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_template_makes_a_project_whose_first_script_is_the_first_choice(alice: User, name: str) -> None:
    project = create_from_template(alice, "Mine", name)
    assert (project.source, project.source_location) == ("template", name)
    assert project.current_snapshot is not None
    assert project.current_snapshot.git_commit == ""
    assert TEMPLATES[name].first_script in runnable_scripts(project.current_snapshot)


def test_an_unknown_template_is_refused(alice: User) -> None:
    with pytest.raises(SourceRefused, match="no template") as refused:
        create_from_template(alice, "Mine", "../../etc")
    assert refused.value.field == "template"


def test_two_projects_of_one_name_do_not_share_snapshots(alice: User, lay: Laid) -> None:
    folder = lay({"a.py": ""})
    one, two = (create_from_archive(alice, "Iris", io.BytesIO(CODE)) for _ in range(2))
    assert take_snapshot(one, folder).pk != take_snapshot(two, folder).pk
