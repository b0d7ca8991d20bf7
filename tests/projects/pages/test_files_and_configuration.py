"""Reading and editing files and the configuration folder in the browser."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from projects.models import Project
from projects.snapshots import read_file, take_snapshot
from tests.projects.pages.conftest import SeenBy

RUNCONFIG = "# my comment\nArgumentVector:\n- hello.py   # the script\nTarget: local\nFramework: Python\nOwnKey: kept\n"


def text_of(project: Project, path: str) -> str:
    """Return a file as it is now."""
    project.refresh_from_db()
    assert project.current_snapshot is not None
    return read_file(project.current_snapshot, path, 10_000).decode()


@pytest.fixture
def configured(project: Project, project_folder: Path) -> Project:
    """The project with a run configuration and a problem that offers its change."""
    folder = project_folder / "aml_config"
    (folder / "quick.runconfig").write_text(RUNCONFIG)
    (folder / "local.compute").write_text("type: local\npythonLocation: python3\n")
    (folder / "conda_dependencies.yml").write_text("dependencies:\n- python=3.5.2\n")
    (project_folder / "data.bin").write_bytes(b"\0\1")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    return project


def test_folders_and_files_are_shown_as_text(seen_by: SeenBy, configured: Project, vera: User) -> None:
    client = seen_by(vera)
    assert "hello.py" in client.get("/projects/hello/files/").content.decode()
    assert "quick.runconfig" in client.get("/projects/hello/files/?folder=aml_config").content.decode()
    assert client.get("/projects/hello/files/?folder=nowhere").status_code == 404
    assert 'id="L1"' in client.get("/projects/hello/files/hello.py").content.decode()
    assert "binary file" in client.get("/projects/hello/files/data.bin").content.decode()
    for path in ("nope.py", "../etc/passwd", "aml_config"):
        assert client.get(f"/projects/hello/files/{path}").status_code == 404


def test_an_edited_file_is_what_the_next_run_uses(seen_by: SeenBy, project: Project, bob: User) -> None:
    client = seen_by(bob)
    page = client.get("/projects/hello/files/hello.py?edit=1").content.decode()
    based_on = re.search(r'name="based_on" value="(\d+)"', page)
    assert based_on is not None
    sent = {"text": "print(2)\r\n", "based_on": based_on[1]}
    assert client.post("/projects/hello/files/hello.py", sent).status_code == 302
    assert text_of(project, "hello.py") == "print(2)\n"


def test_a_conflict_is_said_and_the_typed_text_is_kept(
    seen_by: SeenBy, project: Project, alice: User, bob: User
) -> None:
    assert project.current_snapshot is not None
    seen = project.current_snapshot.pk
    seen_by(alice).post("/projects/hello/files/hello.py", {"text": "alice\n", "based_on": seen})
    response = seen_by(bob).post("/projects/hello/files/hello.py", {"text": "bob's words\n", "based_on": seen})
    assert response.status_code == 409
    assert "bob&#x27;s words" in response.content.decode()
    assert text_of(project, "hello.py") == "alice\n"


def test_files_are_made_and_taken_out(seen_by: SeenBy, project: Project, bob: User) -> None:
    client = seen_by(bob)
    client.post("/projects/hello/files/", {"path": "new/deep.py", "text": "x = 1\n"})
    assert text_of(project, "new/deep.py") == "x = 1\n"
    assert client.post("/projects/hello/files/", {"path": "new/deep.py", "text": "y"}).status_code == 422
    assert client.post("/projects/hello/files/", {"path": "../x.py", "text": "y"}).status_code == 422
    client.post("/projects/hello/files/new/deep.py", {"deed": "delete"})
    assert client.get("/projects/hello/files/new/deep.py").status_code == 404


def test_the_form_changes_one_key_and_leaves_all_else(seen_by: SeenBy, configured: Project, bob: User) -> None:
    client = seen_by(bob)
    address = "/projects/hello/aml_config/quick.runconfig"
    page = client.get(address).content.decode()
    assert "Keep the run in the history" in page
    sent = {"ArgumentVector": "hello.py", "Target": "bigger", "Framework": "Python"}
    assert client.post(address, sent).status_code == 302
    assert text_of(configured, "aml_config/quick.runconfig") == RUNCONFIG.replace("local", "bigger")


def test_what_a_browser_sends_back_unchanged_stays_as_it_is_written(
    seen_by: SeenBy, configured: Project, bob: User
) -> None:
    client = seen_by(bob)
    text = (
        "ArgumentVector:\n- hello.py   # the script\n- --rate   # learning\n- '0.10'\nTarget: local\n"
        "MaxRunDurationSeconds: 60 # a minute\nEnvironmentVariables: {A: '1', B: \"2\"} # both\n"
        "SparkDependenciesFile: x.yml\n"
    )
    client.post("/projects/hello/files/aml_config/quick.runconfig", {"text": text})
    address = "/projects/hello/aml_config/quick.runconfig"
    form = client.get(address).context["form"]
    sent = {name: (form[name].value() or "").replace("\n", "\r\n") for name in form.fields}
    assert "Nothing was changed." in client.post(address, sent, follow=True).content.decode()
    assert text_of(configured, "aml_config/quick.runconfig") == text
    client.post(address, {**sent, "Target": "bigger"})
    assert text_of(configured, "aml_config/quick.runconfig") == text.replace("local", "bigger")


def test_what_a_line_cannot_hold_is_left_to_the_text(seen_by: SeenBy, configured: Project, bob: User) -> None:
    client = seen_by(bob)
    text = "ArgumentVector: [hello.py, ' x ', '']\nTarget: local\nEnvironmentVariables: {A: ' 2', 'B:C': '1'}\n"
    client.post("/projects/hello/files/aml_config/quick.runconfig", {"text": text})
    form = client.get("/projects/hello/aml_config/quick.runconfig").context["form"]
    assert form.left_out == ["ArgumentVector", "EnvironmentVariables"]
    client.post("/projects/hello/files/aml_config/quick.runconfig", {"text": "ArgumentVector: []\nTarget: local\n"})
    form = client.get("/projects/hello/aml_config/quick.runconfig").context["form"]
    assert (form.left_out, form["ArgumentVector"].value()) == ([], "")


def test_a_change_of_somebody_else_is_not_overwritten_by_saving_twice(
    seen_by: SeenBy, configured: Project, alice: User, bob: User
) -> None:
    address = "/projects/hello/aml_config/quick.runconfig"
    page = seen_by(alice).get(address).content.decode()
    based_on = re.search(r'name="based_on" value="(\d+)"', page)
    assert based_on is not None
    sent = {"ArgumentVector": "hello.py", "Framework": "Python"}
    seen_by(bob).post(address, {**sent, "Target": "bobs", "based_on": based_on[1]})
    for _ in range(2):
        answer = seen_by(alice).post(
            address, {**sent, "Target": "local", "Framework": "PySpark", "based_on": based_on[1]}
        )
        assert answer.status_code == 422
        assert "Somebody else changed" in answer.content.decode()
        assert f'name="based_on" value="{based_on[1]}"' in answer.content.decode()
    assert "Target: bobs" in text_of(configured, "aml_config/quick.runconfig")
    assert seen_by(bob).post(address, {**sent, "Target": "b", "based_on": "x"}).status_code == 302


def test_lists_and_maps_are_lines_of_the_form(seen_by: SeenBy, configured: Project, bob: User) -> None:
    client = seen_by(bob)
    address = "/projects/hello/aml_config/quick.runconfig"
    sent = {"ArgumentVector": "hello.py\n--rate\n0.1", "Target": "local", "Framework": "Python"}
    assert client.post(address, sent | {"EnvironmentVariables": "no colon"}).status_code == 422
    assert client.post(address, sent | {"EnvironmentVariables": "THREADS: 2\nURL: http://x:1"}).status_code == 302
    page = client.get(address).content.decode()
    assert "hello.py\n--rate\n0.1" in page
    assert "THREADS: 2\nURL: http://x:1" in page
    assert "# my comment" in text_of(configured, "aml_config/quick.runconfig")


@pytest.mark.parametrize(
    ("stored", "shown", "typed", "saved"),
    [
        ("true", "true", "2", "2"),
        ("2", "2", "true", "true"),
        ("[0, 2]", "0,2", "device=1", "device=1"),
        ("[1]", "device=1", "0,2", '"0,2"'),
    ],
)
def test_gpus_are_a_number_or_a_list_in_the_form(
    seen_by: SeenBy, project: Project, project_folder: Path, bob: User, stored: str, shown: str, typed: str, saved: str
) -> None:
    path = "aml_config/box.compute"
    (project_folder / path).write_text(f"type: docker\nnvidiaDocker: {stored}\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    client = seen_by(bob)
    form = client.get(f"/projects/hello/{path}").context["form"]
    assert form["nvidiaDocker"].value() == shown
    values = {name: form[name].value() for name in form.fields}
    based_on = {"based_on": str(project.current_snapshot.pk)}
    refused = client.post(f"/projects/hello/{path}", {**values, **based_on, "nvidiaDocker": "0"})
    assert "device=1" in refused.context["form"].errors["nvidiaDocker"][0]
    assert client.post(f"/projects/hello/{path}", {**values, **based_on, "nvidiaDocker": typed}).status_code == 302
    assert text_of(project, path) == f"type: docker\nnvidiaDocker: {saved}\n"


def test_a_problem_is_mended_by_one_click(seen_by: SeenBy, configured: Project, bob: User, vera: User) -> None:
    page = seen_by(vera).get("/projects/hello/aml_config/").content.decode()
    assert "line 2" in page
    assert "<code>python=3.5.2</code>" in page
    assert 'name="line"' not in page
    sent = {"file": "aml_config/conda_dependencies.yml", "line": "2"}
    seen_by(bob).post("/projects/hello/aml_config/", sent)
    assert "python=3.5.2" not in text_of(configured, "aml_config/conda_dependencies.yml")
    assert "not there any more" in seen_by(bob).post("/projects/hello/aml_config/", sent, follow=True).content.decode()


def test_configuration_files_are_added_with_every_key_explained(seen_by: SeenBy, project: Project, bob: User) -> None:
    client = seen_by(bob)
    sent = {"kind": "compute", "name": "box", "type": "localdocker"}
    assert client.post("/projects/hello/aml_config/", sent).status_code == 302
    assert "type: localdocker" in text_of(project, "aml_config/box.compute")
    assert client.get("/projects/hello/aml_config/box.compute").status_code == 200
    assert client.post("/projects/hello/aml_config/", sent).status_code == 422
    assert client.post("/projects/hello/aml_config/", sent | {"name": "box.compute"}).status_code == 422, "the same"
    assert client.post("/projects/hello/aml_config/", sent | {"name": "../x"}).status_code == 422


def test_a_file_that_is_no_yaml_has_no_form_but_a_reason(seen_by: SeenBy, project: Project, bob: User) -> None:
    client = seen_by(bob)
    client.post("/projects/hello/files/", {"path": "aml_config/bad.runconfig", "text": "a: [1\n"})
    page = client.get("/projects/hello/aml_config/bad.runconfig").content.decode()
    assert "cannot be read as YAML" in page
    assert 'name="Target"' not in page
