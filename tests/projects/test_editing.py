"""A change in the browser makes a new snapshot, and never overwrites somebody else's."""

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection

from projects.editing import delete_file, replace_file
from projects.errors import EditConflict, SourceRefused
from projects.models import Project, Snapshot
from projects.snapshots import manifest_of_snapshot, read_file, take_snapshot
from tests.projects.conftest import Laid


@pytest.fixture
def filled(project: Project, lay: Laid) -> Project:
    folder = lay({"train.py": "a\n", "windows.txt": "a\r\nb\r\n", "lib/x.py": "x\n", "run.sh": "true\n"})
    (folder / "run.sh").chmod(0o755)
    project.current_snapshot = take_snapshot(project, folder)
    project.save()
    return project


def test_a_changed_file_makes_a_new_current_snapshot(filled: Project, alice: User) -> None:
    old = filled.current_snapshot
    new = replace_file(filled, alice, "train.py", "b\r\nc\r\n")
    filled.refresh_from_db()
    assert filled.current_snapshot == new
    assert read_file(new, "train.py", 100) == b"b\nc\n"
    assert old is not None
    assert read_file(old, "train.py", 100) == b"a\n"
    assert new.files == old.files


def test_line_ends_and_mode_stay_as_they_were(filled: Project, alice: User) -> None:
    assert read_file(replace_file(filled, alice, "windows.txt", "a\nc\r\n"), "windows.txt", 99) == b"a\r\nc\r\n"
    snapshot = replace_file(filled, alice, "run.sh", "false\n")
    assert {entry.path: entry.mode for entry in manifest_of_snapshot(snapshot)}["run.sh"] == 0o755


def test_a_new_file_is_added_under_its_normal_name(filled: Project, alice: User) -> None:
    snapshot = replace_file(filled, alice, "./aml_config//e\u0301.compute", "type: local\n")
    assert "aml_config/é.compute" in [entry.path for entry in manifest_of_snapshot(snapshot)]


def test_a_file_is_deleted_from_the_next_snapshot_only(filled: Project, alice: User) -> None:
    snapshot = delete_file(filled, alice, "lib/x.py")
    assert [entry.path for entry in manifest_of_snapshot(snapshot)] == ["run.sh", "train.py", "windows.txt"]
    with pytest.raises(SourceRefused, match=r"no file 'lib/x\.py'"):
        delete_file(filled, alice, "lib/x.py")


def test_the_last_file_cannot_be_deleted(project: Project, alice: User, lay: Laid) -> None:
    project.current_snapshot = take_snapshot(project, lay({"a.py": ""}))
    project.save()
    with pytest.raises(SourceRefused, match="no file in it"):
        delete_file(project, alice, "a.py")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "empty"),
        ("../x", "leads out"),
        ("/etc/passwd", "absolute"),
        ("a\\b", "backslash"),
        (".git/config", "never part"),
        ("outputs/x", "never part"),
        ("lib", "'lib/x.py' is there already"),
        ("train.py/x", "'train.py' is there already"),
    ],
)
def test_a_path_that_cannot_be_is_refused(filled: Project, alice: User, path: str, said: str) -> None:
    with pytest.raises(SourceRefused, match=said) as refused:
        replace_file(filled, alice, path, "x")
    assert refused.value.field == "path"


@pytest.mark.parametrize("text", ["x" * 1_000_001, "\udc80"])
def test_a_text_that_cannot_be_saved_is_refused(filled: Project, alice: User, text: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        replace_file(filled, alice, "a.txt", text)
    assert refused.value.field == "text"


def test_the_second_of_two_editors_is_told(filled: Project, alice: User) -> None:
    seen = filled.current_snapshot
    replace_file(filled, alice, "train.py", "first", based_on=seen)
    snapshots = Snapshot.objects.count()
    with pytest.raises(EditConflict, match="Nothing was saved"):
        replace_file(filled, alice, "train.py", "second", based_on=seen)
    with pytest.raises(EditConflict):
        delete_file(filled, alice, "train.py", based_on=seen)
    filled.refresh_from_db()
    assert read_file(filled.current_snapshot, "train.py", 99) == b"first"  # type: ignore[arg-type]
    assert Snapshot.objects.count() == snapshots


def test_a_snapshot_of_another_project_is_no_base(filled: Project, alice: User, lay: Laid) -> None:
    other = Project.objects.create(slug="other", name="Other")
    foreign = take_snapshot(other, lay({"secret.py": ""}))
    with pytest.raises(EditConflict, match="another project"):
        replace_file(filled, alice, "train.py", "x", based_on=foreign)


@pytest.mark.django_db(transaction=True)
def test_of_editors_at_the_same_moment_one_wins(filled: Project, alice: User) -> None:
    seen, outcomes = filled.current_snapshot, []
    together = threading.Barrier(4)

    def edit(number: int) -> None:
        try:
            together.wait(10)
            replace_file(Project.objects.get(pk=filled.pk), alice, "train.py", f"{number}", based_on=seen)
            outcomes.append("saved")
        except EditConflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    editors = [threading.Thread(target=edit, args=(number,)) for number in range(4)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(30)
    assert sorted(outcomes) == ["conflict", "conflict", "conflict", "saved"]
