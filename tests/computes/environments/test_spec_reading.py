"""What a project's files ask for, with the lines that it stands in; what is refused, and in which words."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from rattler import MatchSpec

from computes.environments.file_text import LARGEST_BYTES, text_of
from computes.environments.python_choice import PythonChoice, python_chosen_in
from computes.environments.refusal import shown
from computes.environments.requirements_reading import spec_from_pyproject, spec_from_requirements
from computes.environments.spec_reading import spec_from_conda
from computes.errors import PreparationFailed
from projects.aml_config.dependency_files import CondaDependencies

CONDA_TEXT = """\
name: project_environment
channels:
  - conda-forge
  - https://alice:secret1@conda.example.org/team  # ours
dependencies:
  - python=3.10
  - "numpy >=1.26"
  - pip:
    - --extra-index-url https://bob:secret2@pip.example.org/simple
    - requests[socks]==2.32.0 ; python_version > "3"
    - wheels/hat-3.0-py3-none-any.whl
    - 'towel @ https://carol:secret3@files.example.org/towel-1.0-py3-none-any.whl'
"""
CONDA = CondaDependencies(
    channels=("conda-forge", "https://alice:secret1@conda.example.org/team"),
    dependencies=("python=3.10", "numpy >=1.26"),
    pip=(
        "--extra-index-url https://bob:secret2@pip.example.org/simple",
        'requests[socks]==2.32.0 ; python_version > "3"',
        "wheels/hat-3.0-py3-none-any.whl",
        "towel @ https://carol:secret3@files.example.org/towel-1.0-py3-none-any.whl",
    ),
)
WHEEL = {"wheels/hat-3.0-py3-none-any.whl": Path("/blobs/ab")}


def test_a_conda_file_is_read_with_its_lines_and_without_its_logins() -> None:
    read = spec_from_conda(CONDA, text=CONDA_TEXT, files=WHEEL)
    assert read.spec.channels == ("conda-forge", "https://conda.example.org/team")
    assert read.spec.conda == ("python=3.10", "numpy >=1.26")
    assert read.spec.pip == (
        "--extra-index-url=https://pip.example.org/simple",
        'requests[socks]==2.32.0 ; python_version > "3"',
        "wheels/hat-3.0-py3-none-any.whl",
        "towel @ https://files.example.org/towel-1.0-py3-none-any.whl",
    )
    assert list(read.spec.lines.values()) == [3, 4, 6, 7, 9, 10, 11, 12]
    assert read.spec.wheels == WHEEL
    assert read.credentials == {
        "https://conda.example.org/team": ("alice", "secret1"),
        "https://pip.example.org/simple": ("bob", "secret2"),
        "https://files.example.org/towel-1.0-py3-none-any.whl": ("carol", "secret3"),
    }
    assert "secret" not in repr(read)


@pytest.mark.parametrize("option", ["--index-url ", "-i", "--extra-index-url=", "--find-links "])
def test_an_index_with_a_token_in_its_path_is_refused_in_its_line(option: str) -> None:
    text = f"fish\n{option}https://pypi.example.org/t/tk-12345678/team/simple\n"
    with pytest.raises(PreparationFailed, match=r"requirements.txt, line 2: .*token in its path") as refused:
        spec_from_requirements(text, python=PythonChoice("3.11"))
    assert "https://user:TOKEN@host/" in refused.value.text
    assert "12345678" not in refused.value.text + refused.value.remedy


def test_the_address_of_a_package_keeps_its_folder_t() -> None:
    lines = (
        "towel @ https://files.example.org/t/x/towel-1.0-py3-none-any.whl",
        "https://files.example.org/t/x/fish.zip",
    )
    read = spec_from_requirements("\n".join(lines), python=PythonChoice("3.11"))
    assert read.spec.pip == lines
    assert read.credentials == {}


def test_a_requirements_file_is_read_on_a_chosen_python() -> None:
    text = (
        "# ours\n-i https://pip.example.org/simple\n\nfish==1.5 \\\n  --hash=sha256:" + "a" * 64 + "\nguide  # deep\n"
    )
    spec = spec_from_requirements(text, python=PythonChoice("3.11")).spec
    assert spec.conda == ("python 3.11.*",)
    assert spec.pip == (
        "--index-url=https://pip.example.org/simple",
        f"fish==1.5   --hash=sha256:{'a' * 64}",
        "guide",
    )
    assert [spec.lines[line] for line in spec.pip] == [2, 4, 6]


def test_the_dependencies_of_a_pyproject_file_are_read() -> None:
    text = '[project]\nname = "x"\ndependencies = [\n  "fish>=1",\n  "guide",\n]\n'
    spec = spec_from_pyproject(text, python=PythonChoice("3.11.7")).spec
    assert (spec.conda, spec.pip) == (("python 3.11.7",), ("fish>=1", "guide"))
    assert spec.lines == {"fish>=1": 4, "guide": 5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[project]\ndynamic = ['dependencies']\n", "not in this file"),
        ("[project\n", "not valid TOML"),
        ("[project]\ndependencies = 'fish'\n", "not a list"),
        ("[project]\ndynamic = 5\n", "`project.dynamic` is not a list"),
        ("project = 'fish'\n", "`project` is not a table"),
        (f"a = {'[' * 5000}", "not valid TOML"),
        (f"a = {'9' * 5000}", "not valid TOML"),
        (f"{'a.' * 200_000}b = 1", "more than 100 parts"),
        (f"[project]\nrequires-python = '>=3.{'9' * 5000}'\n", "more than 200 characters"),
        ("[tool.poetry.dependencies]\npython = '^3.11'\nfish = '^1'\n", "which only Poetry reads"),
    ],
)
def test_a_pyproject_file_that_does_not_say_is_refused(text: str, words: str) -> None:
    with pytest.raises(PreparationFailed, match=words):
        spec_from_pyproject(text, python=PythonChoice("3.11"))


@pytest.mark.parametrize("python", ["", "2.7", "3", "3.11; rm", "3.11\n", ">=3"])
def test_a_python_that_is_no_version_is_refused(python: str) -> None:
    with pytest.raises(PreparationFailed, match="Python"):
        spec_from_requirements("fish\n", python=PythonChoice(python))


USUAL = PythonChoice("3.11")


@pytest.mark.parametrize(
    ("requires", "python", "spec"),
    [
        (">=3.9", USUAL, "python 3.11.*"),
        ("", USUAL, "python 3.11.*"),
        (">=3.11.4", USUAL, "python 3.11.*,>=3.11.4"),
        (">=3.12, <3.14", USUAL, "python >=3.12,<3.14"),
        ("~=3.12.1", USUAL, "python >=3.12.1,3.12.*"),
        ("==3.10.*", USUAL, "python 3.10.*"),
        (">3.11,!=3.12.*,<4", PythonChoice("3.11.0"), "python >3.11,!=3.12.*,<4"),
        (">=3.9", PythonChoice("3.12.1", ".python-version"), "python 3.12.1"),
    ],
)
def test_a_python_is_taken_that_meets_what_the_project_requires(requires: str, python: PythonChoice, spec: str) -> None:
    text = f'[project]\nname = "x"\nrequires-python = "{requires}"\ndependencies = ["fish"]\n'
    read = spec_from_pyproject(text, python=python).spec
    assert read.conda == (spec,)
    assert read.lines[spec] == 3
    assert MatchSpec(spec).version is not None


@pytest.mark.parametrize(
    ("line", "python", "words"),
    [
        (
            'requires-python = "soon"',
            USUAL,
            "pyproject.toml, line 2: `requires-python` is `soon`, which is no",
        ),
        ('requires-python = "===3.11"', USUAL, "`===3.11`, which is not understood"),
        ('requires-python = ">=3.12rc1"', USUAL, "`>=3.12rc1`, which is not understood"),
        ('requires-python = ">=4"', USUAL, "which no Python 3 meets"),
        ('requires-python = ">=3.12,<3.10"', USUAL, "which no Python 3 meets"),
        ("requires-python = 3.11", USUAL, "is not a text"),
        ('dynamic = ["requires-python"]', USUAL, "not in this file"),
        ('requires-python = ">=3.12"', PythonChoice("3.11", ".python-version"), "and .python-version says 3.11."),
    ],
)
def test_a_required_python_that_cannot_be_read_or_met_is_refused(line: str, python: PythonChoice, words: str) -> None:
    with pytest.raises(PreparationFailed, match=re.escape(words)):
        spec_from_pyproject(f"[project]\n{line}\n", python=python)


def test_the_first_version_of_a_python_version_file_is_the_projects_choice() -> None:
    assert python_chosen_in("# ours\n\n 3.12 \r\n3.10\n") == PythonChoice("3.12", ".python-version")
    for text, words in (("", "line 1: It names no"), ("#\nsystem\n", "line 2: `system` is no"), (">=3.9", "`>=3.9`")):
        with pytest.raises(PreparationFailed, match=rf"^\.python-version, .*{words}"):
            python_chosen_in(text)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-e /etc", "`-e` is not taken"),
        ("--editable=.", "`--editable` is not taken"),
        ("-r other.txt", "`-r` is not taken"),
        ("-rother.txt", "`-r` is not taken"),
        ("--requirement=/etc/passwd", "`--requirement` is not taken"),
        ("-c limits.txt", "`-c` is not taken"),
        ("--config-settings=--build-option=x", "`--config-settings` is not taken"),
        ("fish --config-settings=x=y", "Options after a requirement"),
        ("fish --global-option=x", "Options after a requirement"),
        ("fish -e /etc", "Options after a requirement"),
        ("--trusted-host example.org", "`--trusted-host` is not taken"),
        ("--python=/bin/sh", "`--python` is not taken"),
        ("--target /etc", "`--target` is not taken"),
        ("git+file:///etc", "version control"),
        ("fish @ git+https://example.org/fish", "version control"),
        ("git+https://carol:secret3@example.org/fish@main#egg=fish", "version control"),
        (f"fish ; {'(' * 3000}", "nested too deep"),
        ("file:///etc/fish.whl", "not an address of the web"),
        ("fish @ file:///etc/fish.whl", "not an address of the web"),
        ("--index-url file:///etc", "not an address of the web"),
        ("--find-links /etc", "not an address of the web"),
        ("--index-url https://example.org/simple --pre", "not an address of the web"),
        ("--extra-index-url ftp://example.org", "not an address of the web"),
        ("https://example.org/x.whl?sig=abc", "query"),
        ("/etc/fish.whl", "is a path"),
        ("../fish.whl", "is a path"),
        ("./fish", "is a path"),
        ("~/fish.whl", "is not in the project"),
        ("C:\\fish.whl", "not an address of the web"),
        ("wheels/none-1.0-py3-none-any.whl", "is not in the project"),
        ("wheels/hat-3.0-py3-none-any.whl[brim]", "without extras and markers"),
        ("wheels/hat-3.0-py3-none-any.whl ; python_version > '3'", "without extras and markers"),
        ("fish\0", "not printable"),
        ("fish\n--index-url https://evil.example.org", "not printable"),
        ("fish\u2028x", "not printable"),
        ("fish==1 \\", "backslash"),
        ("fish ==", "not a requirement"),
        ("$(reboot)", "not a requirement"),
    ],
)
def test_a_hostile_line_for_pip_is_refused_in_words(line: str, words: str) -> None:
    with pytest.raises(PreparationFailed) as refused:
        spec_from_conda(CondaDependencies(pip=(line,)), text=f"dependencies:\n- pip:\n  - {line}\n")
    assert words in refused.value.text
    assert refused.value.text.startswith("aml_config/conda_dependencies.yml")
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("/etc/x.conda", "is a path"),
        ("./x.conda", "is a path"),
        ("--override-channels", "is not a package"),
        ("@file", "is not a package"),
        ("file:///etc/x.conda", "names files of a machine"),
        ("x[url=file:///etc/x.conda]", "names files of a machine"),
        ("file:///srv/channel::x", "names files of a machine"),
        ("x\0", "not printable"),
        ("x\ny", "not printable"),
        ("  ", "blank"),
        ("https://example.org/linux-64/x.conda?token=1", "query"),
        ("https://example.org/team/linux-64/x-1-0.conda", "the address of one package"),
        ("x[url=https://example.org/team/noarch/x-1-0.tar.bz2, md5=00]", "the address of one package"),
    ],
)
def test_a_hostile_conda_spec_is_refused_in_words(spec: str, words: str) -> None:
    with pytest.raises(PreparationFailed) as refused:
        spec_from_conda(CondaDependencies(dependencies=(spec,)))
    assert words in refused.value.text


@pytest.mark.parametrize(
    "channel", ["/srv/channel", "file:///srv/channel", "../x", "a b", "x\0", "", "s3://x/y", "~/x"]
)
def test_a_channel_that_names_files_is_refused(channel: str) -> None:
    with pytest.raises(PreparationFailed):
        spec_from_conda(CondaDependencies(channels=(channel,)))


def test_a_comment_may_hold_what_a_requirement_may_not() -> None:
    text = "fish==1.0\t# of\u00a0the\tsea\nhat\t>=2\n"
    assert spec_from_requirements(text, python=PythonChoice("3.11")).spec.pip == ("fish==1.0", "hat >=2")


def test_a_character_that_nobody_sees_is_named() -> None:
    with pytest.raises(PreparationFailed, match=r"requirements.txt, line 2: .*not printable \(U\+200B\)"):
        spec_from_requirements("hat\nfish\u200b==1.0\n", python=PythonChoice("3.11"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_a_file_is_read_by_its_byte_order_mark(encoding: str) -> None:
    assert text_of("fish==1.0 # für\r\n".encode(encoding), "requirements.txt") == "fish==1.0 # für\r\n"


def test_of_a_file_that_is_too_large_nothing_is_read() -> None:
    assert text_of(b"a" * LARGEST_BYTES, "requirements.txt")
    with pytest.raises(PreparationFailed, match=r"^requirements.txt: The file is larger than 1,000,000 bytes"):
        text_of(b"a" * (LARGEST_BYTES + 1), "requirements.txt")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n".join(f"fish-{number}" for number in range(50_000)), id="many lines"),
        pytest.param("fish" * 200_000, id="one long name"),
        pytest.param(f"/{'a:' * 400_000}", id="what may be a login"),
        pytest.param(f"fish{' ' * 900_000}hat", id="blanks"),
    ],
)
def test_a_large_file_is_read_or_refused_in_bounded_time(text: str) -> None:
    """Were the time that of its square, these would take hours."""
    pip = ("fish",) if " " in text or "/" in text else tuple(text.split("\n"))
    entries = CondaDependencies(pip=(text,) if pip == ("fish",) else pip)
    with suppress(PreparationFailed):
        assert spec_from_conda(entries, text=f"dependencies: [pip: [{text}]]").spec.pip == pip


def test_a_refusal_shows_no_password() -> None:
    for channel in (
        "//alice:hunter2@example.org/x",
        "https://alice:hunter2@exa mple.org",
        "https://alice:12/hunter2@x.org",
    ):
        with pytest.raises(PreparationFailed) as refused:
            spec_from_conda(CondaDependencies(channels=(channel,)))
        assert "hunter2" not in refused.value.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see/alice:hunter2@x and b:hunter2@y/z", "`see/****@x and ****@y/z`"),
        ("a/alice:hun@ter2@x", "`a/****@x`"),
        ("alice@x:1", "`alice@x:1`"),
        (":alice@x", "`:alice@x`"),
    ],
)
def test_what_may_be_a_login_is_not_shown(text: str, words: str) -> None:
    assert shown(text) == words
