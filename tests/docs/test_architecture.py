"""What the documents name exists. A name that is gone, or was never there, is found by its document and line."""

import re
from pathlib import Path

import pytest

from amlweb import settings
from tests.docs.names import ROOT, listed_names, problem_with, problem_with_words, spans_of, words_in

DOCS = ROOT / "docs"
SETTINGS_FILE = ROOT / "amlweb" / "settings.py"
LEAST_NAMES = {"architecture.md": 200, "adding-a-compute-target.md": 50, "trust.md": 12}
PLACEHOLDERS = {"WORK_FOLDER", "NAME", "HASH", "PROJECT"}
ROW = re.compile(r"^\|(.*?)\|(.*?)\|.*\|$", re.MULTILINE)
VARIABLE = re.compile(r"\b(?:AMLWEB_[A-Z_]+|DATABASE_URL|REDIS_URL)\b")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", LEAST_NAMES)
def test_every_name_in_backticks_exists(name: str) -> None:
    lines = (DOCS / name).read_text().splitlines()
    spans = spans_of("\n".join(lines))
    assert len(spans) >= LEAST_NAMES[name], "fewer names than before: were they found at all?"
    problems = {span: problem for span in spans if (problem := problem_with(span))}
    places = {span: [number for number, line in enumerate(lines, 1) if f"`{span}`" in line] for span in problems}
    assert [f"{name}:{places[span][0]}: {problem}" for span, problem in problems.items()] == []


def test_the_folders_that_are_laid_out_are_called_so() -> None:
    names = listed_names((DOCS / "architecture.md").read_text())
    assert len(names) >= 20
    words = [part for name in names for part in name.split("/") if part and part not in PLACEHOLDERS]
    assert [problem for word in words if (problem := problem_with_words(word))] == []


def test_the_table_of_settings_is_right_and_whole() -> None:
    section = (DOCS / "architecture.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [(spans_of(row[0]), spans_of(row[1])) for row in ROW.findall(section)]
    named = [name for names, _ in rows for name in names]
    variables = {variable for _, listed in rows for variable in listed}
    assert len(named) >= 30
    assert [name for name in named if not hasattr(settings, name)] == []
    assert variables == {word for word in words_in(SETTINGS_FILE) if VARIABLE.fullmatch(word)}


@pytest.mark.parametrize("path", ["README.md", "docs/deployment.md", "docs/trust.md", "CHANGELOG.md"])
def test_every_variable_that_a_document_sets_is_read_by_the_settings(path: str) -> None:
    assert set(VARIABLE.findall((ROOT / path).read_text())) <= words_in(SETTINGS_FILE)


@pytest.mark.parametrize(
    "document", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_decisions_are_numbered_without_gaps_and_built_alike() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert len(pages) >= 10
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        headings = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
        assert headings == ["Context", "Choice", "Alternatives", "Consequences"], page.name


@pytest.mark.parametrize(
    "wrong",
    [
        "runs.lifecycle.launch.lunch",
        "runs.lifecycles",
        "computes.models.ComputeTarget.Kind.KUBERNETES",
        "runs/lifecycle/lunch.py",
        "tests/docs/nothing",
        "/projects/<slug>/lunch/",
        "/ws/projects/<slug>/",
        "manage.py lunch",
        "manage.py rotatekeys --lunch",
        "make lunch",
        "AMLWEB_MODE=crowd",
        "AMLWEB_LUNCH",
        "lunch.json",
        "outputs/lunch",
        "kill -9",
    ],
)
def test_a_name_that_does_not_exist_is_found(wrong: str) -> None:
    assert problem_with(wrong)


@pytest.mark.parametrize(
    "right",
    [
        "runs.lifecycle.launch.launch",
        "computes.models.ComputeTarget.Kind.LOCAL",
        "runs/lifecycle/launch.py",
        "/projects/<slug>/runs/<number>/",
        "/ws/share/<token>/",
        "manage.py rotatekeys --forget-older",
        "make run",
        "AMLWEB_MODE=team",
        "exit.json",
        "aml_config/*.compute",
    ],
)
def test_a_name_that_exists_is_no_problem(right: str) -> None:
    assert problem_with(right) == ""
