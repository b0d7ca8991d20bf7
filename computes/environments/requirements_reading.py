"""`requirements.txt` and `pyproject.toml` on a Python of the user's choice, where a project has no conda file."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from computes.environments.refusal import refuse
from computes.environments.source_lines import line_of
from computes.environments.spec_reading import ReadSpec, SpecReader

_PYTHON = re.compile(r"3\.[0-9]{1,2}(\.[0-9]{1,2})?")


def spec_from_requirements(
    text: str, *, python: str, source: str = "requirements.txt", files: Mapping[str, Path] | None = None
) -> ReadSpec:
    """Return what a requirements file asks for. `python` is "3.11" or "3.11.7". Raises PreparationFailed."""
    reader = SpecReader(source, text, files or {})
    lines = [(line.strip(), number) for number, line in enumerate(_joined(text), 1)]
    wanted = [(line, number) for line, number in lines if line and not line.startswith("#")]
    return reader.finish((), (_python(python, source),), reader.pip(wanted))


def spec_from_pyproject(
    text: str, *, python: str, source: str = "pyproject.toml", files: Mapping[str, Path] | None = None
) -> ReadSpec:
    """Return what `project.dependencies` asks for. Raises PreparationFailed."""
    try:
        project = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise refuse(source, None, f"The file is not valid TOML: {error}.", "Correct it.") from error
    if not isinstance(project, dict) or "dependencies" in project.get("dynamic", ()):
        what = "`project.dependencies` is not in this file."
        raise refuse(source, None, what, "Write the dependencies here, or into aml_config/conda_dependencies.yml.")
    entries = project.get("dependencies", [])
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise refuse(source, None, "`project.dependencies` is not a list of texts.", 'Write ["name==1.0"].')
    reader = SpecReader(source, text, files or {})
    pip = reader.pip((entry, line_of(f'"{entry}"', text)) for entry in entries)
    return reader.finish((), (_python(python, source),), pip)


def _python(version: str, source: str) -> str:
    if not _PYTHON.fullmatch(version):
        raise refuse(source, None, "The version of Python is not like 3.11 or 3.11.7.", "Choose one of these.")
    return f"python {version}.*" if version.count(".") == 1 else f"python {version}"


def _joined(text: str) -> list[str]:
    """Return lines with those that end in a backslash joined; blank ones keep the numbers."""
    result: list[str] = []
    pending, missing = "", 0
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line.endswith("\\"):
            pending, missing = pending + line[:-1], missing + 1
            continue
        result.extend([pending + line, *[""] * missing] if missing else [line])
        pending, missing = "", 0
    return [*result, pending] if pending else result
