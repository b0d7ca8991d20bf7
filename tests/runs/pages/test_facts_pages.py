"""Code, configuration, environment and events of a run."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from projects.models import Project
from projects.snapshots import take_snapshot
from runs.models import Run
from runs.run_configuration import RunConfiguration
from tests.runs.pages.conftest import SeenBy


@pytest.fixture
def next_run(run: Run, project: Project, project_folder: Path) -> Run:
    """A second run of the same script, with changed code."""
    (project_folder / "hello.py").write_text("print('<b>changed</b>')\n")
    (project_folder / "data.bin").write_bytes(b"\0\1\2")
    second: Run = Run.objects.get(pk=run.pk)
    second.pk, second.number, second._state.adding = None, 2, True
    second.id = type(run)._meta.pk.get_default()
    second.snapshot = take_snapshot(project, project_folder)
    second.save()
    return second


def page(client: object, name: str, number: int, query: str = "") -> str:
    """Return a page of a run as text."""
    answer = client.get(reverse(name, args=["hello", number]) + query)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_code_opens_with_the_script(run: Run, seen_by: SeenBy, alice: User) -> None:
    shown = page(seen_by(alice), "run_code", 1)
    assert "Hello from the project" in shown
    assert "?file=README.md" in shown
    assert "Changes since" not in shown


def test_the_code_is_literal_text_and_binary_files_say_so(next_run: Run, seen_by: SeenBy, alice: User) -> None:
    assert "&lt;b&gt;changed&lt;/b&gt;" in page(seen_by(alice), "run_code", 2)
    assert "Not text" in page(seen_by(alice), "run_code", 2, "?file=data.bin")


def test_changes_are_shown_against_the_run_before(next_run: Run, seen_by: SeenBy, alice: User) -> None:
    shown = page(seen_by(alice), "run_code", 2, "?changes")
    assert '<div class="diff-line diff-removed">-print(&quot;Hello from the project&quot;)</div>' in shown
    assert "diff-added" in shown
    assert "data.bin" in shown
    assert "binary" in shown


def test_changes_can_be_asked_for_against_any_run_of_the_project(
    run: Run, next_run: Run, seen_by: SeenBy, alice: User
) -> None:
    shown = page(seen_by(alice), "run_code", 1, "?against=2")
    assert '<div class="diff-line diff-added">+print(&quot;Hello from the project&quot;)</div>' in shown
    address = reverse("run_code", args=["hello", 1])
    assert [seen_by(alice).get(address, {"against": wrong}).status_code for wrong in ("3", "x", "²")] == [404] * 3


@pytest.mark.parametrize("path", ["missing.py", "../hello.py", "a\0b", "\udcff", "/etc/passwd"])
def test_a_file_that_the_code_does_not_have_is_not_found(run: Run, seen_by: SeenBy, alice: User, path: str) -> None:
    address = reverse("run_code", args=["hello", 1])
    assert seen_by(alice).get(address, {"file": path.encode("utf-8", "surrogateescape")}).status_code == 404


def test_the_configuration_quotes_the_command_and_hides_secrets(run: Run, seen_by: SeenBy, alice: User) -> None:
    shown = page(seen_by(alice), "run_configuration", 1)
    assert "hello.py --rate 0.1 &#x27;two words&#x27;" in shown
    assert "THREADS" in shown
    assert "API_KEY" in shown
    assert "secret</span>" in shown


def test_packages_can_be_filtered_without_javascript(run: Run, seen_by: SeenBy, alice: User) -> None:
    Run.objects.update(packages={"numpy": "2.1", "pandas": "2.2", "Pillow": "11"}, interpreter="/usr/bin/python3")
    shown = page(seen_by(alice), "run_environment", 1, "?q=P")
    assert [name in shown for name in ("numpy", "pandas", "Pillow", "/usr/bin/python3")] == [True] * 4
    shown = page(seen_by(alice), "run_environment", 1, "?q=pil")
    assert ["numpy" in shown, "Pillow" in shown] == [False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_was_asked_for_is_shown_without_logins(
    run: Run, seen_by: SeenBy, vera: User, project_folder: Path, encoding: str
) -> None:
    text = "channels: ['https://bob:hush@example.org/conda']\ndependencies: [python]\n"
    (project_folder / "env.yml").write_text(text, encoding=encoding)
    snapshot = take_snapshot(run.project, project_folder)
    configuration = RunConfiguration.from_json(run.configuration)
    named = replace(configuration, conda_dependencies_file="env.yml", environment_file="env.yml")
    Run.objects.filter(pk=run.pk).update(snapshot=snapshot, configuration=named.to_json())
    shown = page(seen_by(vera), "run_environment", 1)
    assert "https://****@example.org/conda" in shown
    assert "hush" not in shown


def test_secrets_among_the_properties_of_spark_and_cut_lines_are_not_shown(
    run: Run, seen_by: SeenBy, vera: User, project_folder: Path
) -> None:
    asked = "configuration:\n  spark.ui.enabled: false\n  spark.hadoop.x.password: 'hush'\n"
    filling = "# filling\n" * ((64 * 1024 - len(asked)) // 10)
    address = f"# {'x' * 5}https://bob:mum@example.org\n"
    (project_folder / "spark.yml").write_text((asked + filling + address * 9)[: 64 * 1024 + 200])
    snapshot = take_snapshot(run.project, project_folder)
    configuration = RunConfiguration.from_json(run.configuration)
    spark = {"configuration": {"spark.ui.enabled": "false", "spark.hadoop.x.password": "hush"}}
    named = replace(configuration, spark_dependencies_file="spark.yml", spark=spark)
    Run.objects.filter(pk=run.pk).update(snapshot=snapshot, configuration=named.to_json())
    shown = page(seen_by(vera), "run_environment", 1)
    assert "spark.hadoop.x.password: &#x27;*****&#x27;" in shown
    assert "spark.ui.enabled: false" in shown
    assert "hush" not in shown
    assert "bob" not in shown


def test_events_say_who_and_what(run: Run, seen_by: SeenBy, vera: User) -> None:
    shown = page(seen_by(vera), "run_events", 1)
    assert "submitted" in shown
    assert "alice" in shown
