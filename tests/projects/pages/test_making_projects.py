"""Making projects and bringing new code, as a browser does it."""

import io
import zipfile
from pathlib import Path

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.html import escape
from pytest_django import Settings

from projects.models import Project, SourceImport
from projects.snapshots import read_file
from projects.views.project_list import PAGE_SIZE
from tests.projects.pages.conftest import SeenBy


def archive(**files: str) -> SimpleUploadedFile:
    """Return a zip as a browser uploads it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, text in files.items():
            file.writestr(name.replace("__", "/") + ".py", text)
    return SimpleUploadedFile("code.zip", packed.getvalue(), "application/zip")


def test_an_uploaded_archive_becomes_a_project(seen_by: SeenBy, data_dir: Path, charlie: User) -> None:
    client = seen_by(charlie)
    response = client.post("/projects/new/?from=upload", {"name": "Über Model", "archive": archive(train="print(1)")})
    project = Project.objects.get()
    assert response.headers["Location"] == project.get_absolute_url()
    assert client.get(project.get_absolute_url()).status_code == 200
    assert "Über Model" in client.get("/projects/").content.decode()
    assert "Über Model" in client.get("/projects/?q=model").content.decode()
    assert "No project has these words" in client.get("/projects/?q=zebra").content.decode()


def test_words_that_are_sought_are_the_same_on_the_next_page(seen_by: SeenBy, ada: User) -> None:
    names = [f"R&D #{number}" for number in range(PAGE_SIZE + 1)]
    Project.objects.bulk_create(Project(slug=f"rd-{place}", name=name) for place, name in enumerate(names))
    client = seen_by(ada)
    page = client.get("/projects/", {"q": "R&D #"}).content.decode()
    assert 'href="?q=R%26D%20%23&amp;page=2"' in page
    last = client.get("/projects/?q=R%26D%20%23&page=2").content.decode()
    assert len([name for name in names if f"{escape(name)}<" in last]) == 1


def test_what_is_wrong_stands_beside_its_field(seen_by: SeenBy, data_dir: Path, charlie: User) -> None:
    client = seen_by(charlie)
    broken = SimpleUploadedFile("code.zip", b"this is no archive")
    for sent in (
        {"name": "Model", "archive": broken},
        {"name": "", "archive": archive(train="1")},
        {"name": "Model"},
        {"name": "...", "archive": archive(train="1")},
    ):
        response = client.post("/projects/new/?from=upload", sent)
        assert response.status_code == 422
        assert "field-errors" in response.content.decode()
    assert not Project.objects.exists()


def test_folders_are_offered_only_where_an_administrator_allows_some(
    seen_by: SeenBy, data_dir: Path, project_folder: Path, charlie: User, settings: Settings
) -> None:
    client = seen_by(charlie)
    settings.SOURCE_ROOTS = []
    assert "Folder on the server" not in client.get("/projects/new/?from=folder").content.decode()
    settings.SOURCE_ROOTS = [project_folder.parent]
    response = client.post("/projects/new/?from=folder", {"name": "F", "folder": str(project_folder)})
    project = Project.objects.get()
    assert response.headers["Location"] == project.get_absolute_url()
    (project_folder / "hello.py").write_text("print('again')\n")
    client.post("/projects/f/source/", {"deed": "folder"})
    project.refresh_from_db()
    assert project.current_snapshot is not None
    assert read_file(project.current_snapshot, "hello.py", 100) == b"print('again')\n"
    assert client.post("/projects/new/?from=folder", {"name": "G", "folder": "/etc"}).status_code == 422


def test_only_administrators_are_told_how_to_allow_folders(
    seen_by: SeenBy, data_dir: Path, tmp_path: Path, charlie: User, ada: User, settings: Settings
) -> None:
    settings.SOURCE_ROOTS = []
    assert "AMLWEB_SOURCE_ROOTS" in seen_by(ada).get("/projects/new/").content.decode()
    assert "AMLWEB_SOURCE_ROOTS" not in seen_by(charlie).get("/projects/new/").content.decode()
    settings.SOURCE_ROOTS = [tmp_path]
    assert "AMLWEB_SOURCE_ROOTS" not in seen_by(ada).get("/projects/new/").content.decode()


def test_new_code_replaces_the_old(seen_by: SeenBy, project: Project, bob: User) -> None:
    client = seen_by(bob)
    before = project.current_snapshot
    client.post("/projects/hello/source/", {"deed": "archive", "archive": archive(fresh="1")})
    project.refresh_from_db()
    assert project.current_snapshot != before
    broken = SimpleUploadedFile("code.zip", b"no")
    assert client.post("/projects/hello/source/", {"deed": "archive", "archive": broken}).status_code == 422


def test_a_git_address_that_cannot_be_taken_is_refused_without_its_token(
    seen_by: SeenBy, data_dir: Path, charlie: User
) -> None:
    client = seen_by(charlie)
    sent = {"name": "G", "location": "https://host.example/x y", "credential": "hush-hush"}
    page = client.post("/projects/new/?from=git", sent)
    assert page.status_code == 422
    assert "hush-hush" not in page.content.decode()
    sent = {"name": "G", "location": "ssh://git@host.example/x.git", "credential": "hush-hush"}
    assert "only be sent to an https address" in client.post("/projects/new/?from=git", sent).content.decode()
    assert not Project.objects.exists()


def test_an_import_is_asked_about_only_while_it_goes_on(seen_by: SeenBy, project: Project, vera: User) -> None:
    client = seen_by(vera)
    assert client.get("/projects/hello/import/").status_code == 404
    row = SourceImport.objects.create(
        project=project, location="https://host.example/x.git", state="running", heartbeat_at=timezone.now()
    )
    assert 'hx-trigger="every 1s"' in client.get("/projects/hello/import/").content.decode()
    assert "The import is going on" in client.get("/projects/hello/").content.decode()
    row.state, row.text, row.remedy = "failed", "No such branch.", "Check its name."
    row.save()
    part = client.get("/projects/hello/import/").content.decode()
    assert "hx-trigger" not in part
    assert "No such branch. Check its name." in part
