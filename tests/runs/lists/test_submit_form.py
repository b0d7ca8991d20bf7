"""The submit form: what it fills in, what it refuses and where, and that nothing typed is lost but secrets."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.models import ComputeTarget
from computes.registry import REGISTRY
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.forms.submission import SubmissionForm
from runs.forms.variables import PREFIX, VariableRows
from runs.models import Run
from runs.secrets import secrets_of
from tests.runs.lists.conftest import MakeRun

ADDRESS = "/projects/hello/submit/"
SECRET = "a-very-secret-value"


@pytest.fixture
def ready(project: Project, local_target: ComputeTarget, bob: User, client: Client) -> Client:
    """Bob, signed in, with a project and a target to run it on."""
    client.force_login(bob)
    return client


def form(*variables: tuple[str, str, bool], **fields: Any) -> dict[str, Any]:
    """Return what a browser sends."""
    sent = {"script": "hello.py", "target": "local", "idempotency_key": "k1"} | fields
    sent |= {"variables-TOTAL_FORMS": len(variables), "variables-INITIAL_FORMS": 0}
    for row, (name, value, is_secret) in enumerate(variables):
        sent |= {f"variables-{row}-name": name, f"variables-{row}-value": value}
        sent |= {f"variables-{row}-secret": "on"} if is_secret else {}
    return sent


def test_a_run_is_queued_with_all_that_was_typed(ready: Client) -> None:
    sent = form(
        ("SIZE", " 3 ", False),
        ("TOKEN", SECRET, True),
        ("", "", False),
        arguments="--name 'my run' \"\" --rate=0.1",
        time_limit="1h 30m",
        tags="b, a,b",
        description="Why?",
    )
    response = ready.post(ADDRESS, sent)
    run = Run.objects.get()
    assert response.headers["Location"] == "/projects/hello/runs/1/"
    assert run.arguments == ["--name", "my run", "", "--rate=0.1"]
    assert run.configuration["environment_variables"] == {"SIZE": " 3 "}
    assert run.configuration["secret_names"] == ["TOKEN"]
    assert secrets_of(run) == {"TOKEN": SECRET}
    assert run.time_limit_seconds == 5400
    assert [tag.name for tag in run.tags.all()] == ["a", "b"]
    assert run.description == "Why?"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("arguments", "--name 'open", "The quote &#x27; at character 8 is not closed"),
        ("arguments", "end\\", "ends with a backslash"),
        ("time_limit", "soon", "Write a time like 90s"),
        ("time_limit", "900d", "between 1 second and 366 days"),
        ("script", "nope.py", "The project has no script nope.py"),
        ("script", "", "Choose the script to run"),
        ("target", "", "Choose where to run"),
        ("target", "moon", "There is no target"),
        ("tags", "x" * 60, "cannot be a tag"),
    ],
)
def test_bad_input_comes_back_on_its_field_and_nothing_is_lost(
    ready: Client, field: str, typed: str, words: str
) -> None:
    sent = form(("SIZE", "3", False), **({"description": "Kept words", "tags": "kept-tag"} | {field: typed}))
    response = ready.post(ADDRESS, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "Kept words" in page
    assert 'value="SIZE"' in page
    assert 'value="3"' in page
    assert not Run.objects.exists()


def test_a_secret_value_never_comes_back(ready: Client) -> None:
    page = ready.post(ADDRESS, form(("TOKEN", SECRET, True), time_limit="soon")).content.decode()
    assert SECRET not in page
    assert "type it again" in page
    page = ready.post(ADDRESS, form(("TOKEN", SECRET, True), part="variables")).content.decode()
    assert SECRET not in page
    assert not Run.objects.exists()


def test_a_secret_without_a_value_and_a_value_without_a_name_are_refused(ready: Client) -> None:
    page = ready.post(ADDRESS, form(("TOKEN", "", True), ("", "lost", False), ("A", "1", False), ("A", "2", False)))
    words = page.content.decode()
    assert "Type the value again" in words
    assert "Give the variable a name" in words
    assert "given above already" in words


def test_what_the_server_refuses_about_variables_stands_beside_them(ready: Client) -> None:
    page = ready.post(ADDRESS, form(("AMLWEB_X", "1", False), ("TOKEN", "abc", True))).content.decode()
    assert "is set by amlweb itself" in page
    assert "fewer than 4 characters" in page


def test_more_rows_are_added_without_javascript(ready: Client) -> None:
    response = ready.post(ADDRESS, form(("SIZE", "3", False), part="variables", description="Kept words"))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="variables-3-name"' in page
    assert 'value="SIZE"' in page
    assert "Kept words" in page


def test_a_double_click_makes_one_run_and_going_back_to_change_it_makes_another(ready: Client) -> None:
    first = ready.post(ADDRESS, form(("TOKEN", SECRET, True), arguments="--rate 1"))
    again = ready.post(ADDRESS, form(("TOKEN", SECRET, True), arguments="--rate 1"))
    assert first.headers["Location"] == again.headers["Location"]
    ready.post(ADDRESS, form(("TOKEN", SECRET, True), arguments="--rate 2"))
    ready.post(ADDRESS, form(("TOKEN", f"{SECRET}2", True), arguments="--rate 2"))
    assert Run.objects.count() == 3
    assert not any(SECRET in (run.idempotency_key or "") for run in Run.objects.all())


@pytest.mark.parametrize("changed", [{"framework": "Python"}, {"executors": "2"}, {"driver_memory_bytes": "2 GiB"}])
def test_whatever_is_changed_after_going_back_is_another_wish(changed: dict[str, str]) -> None:
    def key_of(**fields: str) -> str | None:
        page = SubmissionForm(form(**fields), scripts=["hello.py"])
        rows = VariableRows(form(), prefix=PREFIX)
        assert page.is_valid() & rows.is_valid()
        return page.submission_with(rows, None, None).idempotency_key

    assert key_of() == key_of()
    assert key_of() != key_of(**changed)


def test_each_fresh_form_has_a_key_of_its_own(ready: Client) -> None:
    pages = [ready.get(ADDRESS).content.decode() for _ in range(2)]
    keys = [re.findall(r'name="idempotency_key" value="([^"]+)"', page) for page in pages]
    assert keys[0] != keys[1]


def test_the_list_of_arguments_is_shown_while_one_types(ready: Client) -> None:
    sent = {"part": "arguments", "arguments": "a 'b c' '<b>'"}
    page = ready.post(ADDRESS, sent, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "The script gets 3 arguments" in page
    assert "&lt;b&gt;" in page
    sent["arguments"] = 'say "hi'
    assert "character 5" in ready.post(ADDRESS, sent, headers={"HX-Request": "true"}).content.decode()


@pytest.fixture
def configured(project: Project, project_folder: Path) -> Project:
    """The project with run configurations for a target that works and one that does not exist yet."""
    folder = project_folder / "aml_config"
    (folder / "quick.runconfig").write_text(
        "ArgumentVector: [hello.py, --rate, '0.1']\nTarget: local\nFramework: Python\nUseSampling: true\n"
        "EnvironmentVariables: {THREADS: '2'}\nMaxRunDurationSeconds: 90\n"
    )
    (folder / "box.runconfig").write_text("ArgumentVector: [hello.py]\nTarget: box\nFramework: Python\n")
    (folder / "box.compute").write_text("type: cluster\naddress: head.example\nusername: me\n")
    (folder / "old.runconfig").write_text(
        '{"ArgumentVector": ["hello.py", "7"], "Target": "local", "EnvironmentVariables": {"THREADS": "2"}}'
    )
    (folder / "torn.runconfig").write_text("Target: local\nFramework: Pythn\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    return project


def test_a_target_that_does_not_answer_is_not_the_one_that_is_ticked(
    ready: Client, project: Project, ada: User
) -> None:
    silent = ComputeTarget.objects.create(
        name="first", kind=ComputeTarget.Kind.LOCAL, slots=1, created_by=ada, contact_problem="It is asleep."
    )
    silent.grants.create(project=project)
    page = ready.get(ADDRESS).content.decode()
    assert page.index('value="local"') < page.index('value="first"')
    assert "checked" in page[page.index('value="local"') : page.index('value="first"')]


def test_a_run_configuration_fills_the_form_in(ready: Client, configured: Project) -> None:
    page = ready.get(f"{ADDRESS}?run_configuration=quick").content.decode()
    assert 'value="--rate 0.1"' in page
    assert 'value="1m30s"' in page
    assert '<option value="hello.py" selected>' in page
    assert "THREADS=2" in page
    assert "<code>UseSampling</code> in quick.runconfig" in page
    ready.post(ADDRESS, form(run_configuration="quick", arguments="--rate 0.1"))
    run = Run.objects.get()
    assert run.configuration["name"] == "quick"
    assert run.configuration["environment_variables"] == {"THREADS": "2"}


def test_a_target_that_cannot_run_a_script_is_refused_in_words_with_a_way_out(
    ready: Client, configured: Project
) -> None:
    page = ready.get(f"{ADDRESS}?run_configuration=box").content.decode()
    assert "A cluster target does not run Python scripts. Change Framework to PySpark." in page
    assert re.search(r'value="box"\s+disabled', page)
    link = re.search(r'href="(\?[^"]+)">Use local instead', page)
    assert link is not None
    page = ready.get(ADDRESS + link[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'value="local"\s+checked', page)
    assert ready.post(ADDRESS, form(run_configuration="box", target="box")).status_code == 422


def test_a_framework_that_no_target_runs_can_be_left_out_with_one_click(
    ready: Client, configured: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("local", "docker", "remote", "remotedocker"):
        monkeypatch.delitem(REGISTRY, (kind, "PySpark"))
    page = ready.get(f"{ADDRESS}?run_configuration=old").content.decode()
    assert "A local target does not run PySpark scripts" in page
    link = re.search(r'href="(\?[^"]+)">Run it as plain Python on local', page)
    assert link is not None
    page = ready.get(ADDRESS + link[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'value="local"\s+checked', page)
    assert '<option value="hello.py" selected>' in page
    for kept in ('value="7"', 'value="THREADS"', 'value="2"'):
        assert kept in page
    assert ready.post(ADDRESS, form(run_configuration="", arguments="7")).status_code == 302


def test_a_run_configuration_that_cannot_be_read_leads_to_its_file(ready: Client, configured: Project) -> None:
    page = ready.get(ADDRESS).content.decode()
    assert re.search(r'href="/projects/hello/aml_config/torn\.runconfig"[^>]+is none of its values', page)
    assert "?run_configuration=torn" not in page


@pytest.mark.parametrize("asked", ["run_configuration=torn", "run_configuration=torn.runconfig", "values_of=torn"])
def test_an_address_that_asks_for_a_broken_run_configuration_says_what_is_wrong(
    ready: Client, configured: Project, asked: str
) -> None:
    page = ready.get(f"{ADDRESS}?{asked}").content.decode()
    assert "The run configuration torn could not be used" in page
    assert re.search(r"Line 2: .*which is none of its values", page)
    assert re.search(r'href="/projects/hello/aml_config/torn\.runconfig">Open aml_config/torn', page)


def test_an_address_that_asks_for_an_unknown_run_configuration_says_so(ready: Client, configured: Project) -> None:
    page = ready.get(f"{ADDRESS}?run_configuration=<b>gone").content.decode()
    assert "The run configuration &lt;b&gt;gone could not be used" in page
    assert "The project has no such file" in page
    for usable in ("", "?run_configuration=", "?run_configuration=quick", "?values_of=quick"):
        assert "could not be used" not in ready.get(ADDRESS + usable).content.decode()


def test_many_scripts_are_grouped_and_none_is_left_out(
    ready: Client, configured: Project, project_folder: Path
) -> None:
    assert "<optgroup" not in ready.get(ADDRESS).content.decode()
    package = project_folder / "lib"
    package.mkdir()
    for number in range(30):
        (package / f"part{number}.py").write_text("SIZE = 1\n")
    (package / "part7.py").write_text("if __name__ == '__main__':\n    print(7)\n")
    (project_folder / "aml_config" / "quick.runconfig").write_text("ArgumentVector: [lib/part9.py]\nTarget: local\n")
    configured.current_snapshot = take_snapshot(configured, project_folder)
    configured.save()
    page = ready.get(ADDRESS).content.decode()
    first, others = (
        re.findall(r'<option value="([^"]+)"', re.split(f'<optgroup label="{label}">', page)[1].split("</optgroup>")[0])
        for label in ("Scripts", "Other Python files")
    )
    assert {"hello.py", "lib/part7.py", "lib/part9.py"} <= set(first)
    assert set(others) == {f"lib/part{number}.py" for number in range(30)} - {"lib/part7.py", "lib/part9.py"}
    assert ready.post(ADDRESS, form(script="lib/part3.py")).status_code == 302


def test_whoever_has_no_target_is_told_whom_to_ask(ready: Client, local_target: ComputeTarget) -> None:
    local_target.grants.all().delete()
    page = ready.get(ADDRESS).content.decode()
    assert "There is nowhere to run this yet" in page
    assert "Ask an administrator to grant a target" in page


def test_an_edited_rerun_starts_with_what_the_run_had(
    ready: Client, make_run: MakeRun, project: Project, project_folder: Path
) -> None:
    parent = make_run(
        arguments=("--name", "two words"), variables={"SIZE": "3"}, secret_names=("TOKEN",), description="The first"
    )
    (project_folder / "hello.py").write_text("print('new')\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    page = ready.get(f"{ADDRESS}?parent=1").content.decode()
    for expected in ("--name &#x27;two words&#x27;", 'value="SIZE"', 'value="TOKEN"', "type it again", "The first"):
        assert expected in page
    ready.post(ADDRESS, form(parent="1", code="parent"))
    ready.post(ADDRESS, form(parent="1", code="current"))
    same, current = Run.objects.filter(parent=parent).order_by("number")
    assert same.snapshot == parent.snapshot
    assert current.snapshot == project.current_snapshot != parent.snapshot
    assert ready.get(f"{ADDRESS}?parent=99").status_code == 404
    assert ready.get(f"{ADDRESS}?parent=x").status_code == 404


def test_only_people_who_may_run_find_the_form(
    client: Client, project: Project, vera: User, charlie: User, alice: User
) -> None:
    for person, status in ((vera, 404), (charlie, 404), (alice, 200)):
        client.force_login(person)
        assert client.get(ADDRESS).status_code == status
        assert client.put(ADDRESS).status_code == 405
        if status == 404:
            assert client.post(ADDRESS, form()).status_code == 404
    assert not Run.objects.exists()
