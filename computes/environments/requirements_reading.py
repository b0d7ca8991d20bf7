"""`requirements.txt` and `pyproject.toml` on a Python of the user's choice, where a project has no conda file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from computes.environments.python_choice import PYTHON_VERSION_FILE, PythonChoice, python_spec, python_spec_within
from computes.environments.refusal import refuse
from computes.environments.source_lines import line_of
from computes.environments.spec_reading import ReadSpec, SpecReader


def spec_from_requirements(
    text: str, *, python: PythonChoice, source: str = "requirements.txt", files: Mapping[str, Path] | None = None
) -> ReadSpec:
    """Return what a requirements file asks for. Raises PreparationFailed."""
    reader = SpecReader(source, text, files or {})
    lines = [(line.strip(), number) for number, line in enumerate(_joined(text), 1)]
    wanted = [(line, number) for line, number in lines if line and not line.startswith("#")]
    return reader.finish((), (python_spec(python, source),), reader.pip(wanted))


def spec_from_pyproject(
    text: str, *, python: PythonChoice, source: str = "pyproject.toml", files: Mapping[str, Path] | None = None
) -> ReadSpec:
    """Return what `project.dependencies` asks for, on a Python that meets `project.requires-python`. Raises
    PreparationFailed."""
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
    if "requires-python" in project.get("dynamic", ()) and not python.file:
        what = "`project.requires-python` is not in this file."
        raise refuse(source, None, what, f"Write it here, or the version of Python into {PYTHON_VERSION_FILE}.")
    if "requires-python" not in project:
        return reader.finish((), (python_spec(python, source),), pip)
    requires, line = project["requires-python"], line_of("requires-python", text)
    if not isinstance(requires, str):
        raise refuse(source, line, "`project.requires-python` is not a text.", 'Write ">=3.10".')
    spec = python_spec_within(requires, python, source, line)
    if line is not None:
        reader.lines.setdefault(spec, line)
    return reader.finish((), (spec,), pip)


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
