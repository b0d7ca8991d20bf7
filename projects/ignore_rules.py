"""Which files of a folder belong to the project: fixed exclusions, `.gitignore` in any folder, `.amlignore` at the top.

Plain Python. Patterns mean what they mean to git; a rule of a deeper `.gitignore` counts before one further up, and
`.amlignore` counts before all of them, so `!keep.csv` there brings back what a `.gitignore` leaves out. The fixed
exclusions cannot be undone.
"""

from collections.abc import Iterator
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from projects.errors import SourceRefused

ANYWHERE, TOP = "anywhere", "top"
FIXED_EXCLUSIONS: Final = {
    # name: (where, what it is)
    ".git": (ANYWHERE, "git's own store"),
    ".hg": (ANYWHERE, "Mercurial's own store"),
    ".svn": (ANYWHERE, "Subversion's own store"),
    "outputs": (TOP, "what runs leave behind"),
    "azureml-logs": (TOP, "what runs of the Workbench left behind"),
    ".venv": (ANYWHERE, "a virtual environment"),
    "venv": (ANYWHERE, "a virtual environment"),
    "node_modules": (ANYWHERE, "installed packages"),
    "__pycache__": (ANYWHERE, "compiled Python"),
    ".ipynb_checkpoints": (ANYWHERE, "copies that notebooks make"),
    ".mypy_cache": (ANYWHERE, "a tool's cache"),
    ".pytest_cache": (ANYWHERE, "a tool's cache"),
    ".ruff_cache": (ANYWHERE, "a tool's cache"),
    ".tox": (ANYWHERE, "environments of a tool"),
    ".nox": (ANYWHERE, "environments of a tool"),
    ".DS_Store": (ANYWHERE, "a note of the macOS Finder"),
    "__MACOSX": (ANYWHERE, "notes of the macOS archiver"),
}

MAXIMUM_RULES_BYTES = 200_000
MAXIMUM_WILDCARDS = 8
AMLIGNORE = ".amlignore"
GITIGNORE = ".gitignore"


def is_fixed_exclusion(path: str) -> bool:
    """True for a path (relative, POSIX) that is never part of a project."""
    parts = path.split("/")
    return any(
        FIXED_EXCLUSIONS[part][0] == ANYWHERE or place == 0
        for place, part in enumerate(parts)
        if part in FIXED_EXCLUSIONS
    )


class IgnoreRules:
    """The rules of one folder. Add the rule files from the top downwards, then ask.

    `field` is the form field that a bad rule file is reported on.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._git: dict[str, GitIgnoreSpec] = {}
        self._aml: GitIgnoreSpec | None = None

    def add_amlignore(self, text: bytes) -> None:
        """Take the top folder's `.amlignore`. Raises SourceRefused."""
        self._aml = _spec_of(self._field, AMLIGNORE, text)

    def add_gitignore(self, folder: str, text: bytes) -> None:
        """Take the `.gitignore` of a folder ("" for the top). Raises SourceRefused."""
        self._git[folder] = _spec_of(self._field, f"{folder}/{GITIGNORE}".lstrip("/"), text)

    def leave_out(self, path: str, is_folder: bool) -> bool:
        """True when a path, whose folders are all part of the project, is not part of it itself."""
        if is_fixed_exclusion(path):
            return True
        asked = f"{path}/" if is_folder else path
        if self._aml is not None and (decision := self._aml.check_file(asked).include) is not None:
            return decision
        for folder in _folders_above(path):
            spec = self._git.get(folder)
            if spec is not None:
                decision = spec.check_file(asked[len(folder) + 1 :] if folder else asked).include
                if decision is not None:
                    return decision
        return False


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders of a path from the nearest one to the top ("")."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _spec_of(field: str, file: str, text: bytes) -> GitIgnoreSpec:
    """Read patterns. Patterns with many wildcards take a matcher exponential time, so they are refused."""
    if len(text) > MAXIMUM_RULES_BYTES:
        raise SourceRefused(field, f"{file} is larger than {MAXIMUM_RULES_BYTES:,} bytes.", "Write fewer patterns.")
    lines = text.decode("utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        if line.replace("**", "*").count("*") + line.count("?") > MAXIMUM_WILDCARDS and not line.startswith("#"):
            what = f"Line {number} of {file} has more than {MAXIMUM_WILDCARDS} wildcards."
            raise SourceRefused(field, what, "Split the pattern.")
    try:
        return GitIgnoreSpec.from_lines(lines)
    except GitIgnorePatternError as error:
        raise SourceRefused(field, f"{file} holds a pattern that git does not know: {error}.", "Correct it.") from error
