"""`requirements.txt` and `pyproject.toml` on a Python of the user's choice, where a project has no conda file."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from computes.environments.python_choice import PYTHON_VERSION_FILE, PythonChoice, python_spec, python_spec_within
from computes.environments.refusal import refuse
from computes.environments.spec_reading import ReadSpec, SpecReader

WRITE_THEM = "Write `project.dependencies` here, or a file aml_config/conda_dependencies.yml."

# A key costs tomllib the square of its parts.
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")


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
    project, dynamic = _project_of(text, source)
    if "dependencies" in dynamic:
        raise refuse(source, None, "`project.dependencies` is not in this file.", WRITE_THEM)
    entries = project.get("dependencies", [])
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise refuse(source, None, "`project.dependencies` is not a list of texts.", 'Write ["name==1.0"].')
    reader = SpecReader(source, text, files or {})
    pip = reader.pip((entry, reader.source_lines.line_of(f'"{entry}"')) for entry in entries)
    if "requires-python" in dynamic and not python.file:
        what = "`project.requires-python` is not in this file."
        raise refuse(source, None, what, f"Write it here, or the version of Python into {PYTHON_VERSION_FILE}.")
    if "requires-python" not in project:
        return reader.finish((), (python_spec(python, source),), pip)
    requires, line = project["requires-python"], reader.source_lines.line_of("requires-python")
    if not isinstance(requires, str):
        raise refuse(source, line, "`project.requires-python` is not a text.", 'Write ">=3.10".')
    spec = python_spec_within(requires, python, source, line)
    if line is not None:
        reader.lines.setdefault(spec, line)
    return reader.finish((), (spec,), pip)


def _project_of(text: str, source: str) -> tuple[dict[str, Any], list[object]]:
    """Return the table `project`, empty where there is none, and which of its keys something else gives."""
    if _DEEP_KEY.search(text):
        raise refuse(source, None, "A key of the file has more than 100 parts.", "Correct it.")
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(source, None, f"The file is not valid TOML: {error}.", "Correct it.") from error
    project, tool = document.get("project", {}), document.get("tool", {})
    if not isinstance(project, dict):
        raise refuse(source, None, "`project` is not a table.", "Write a line [project] above its keys.")
    if isinstance(tool, dict) and "dependencies" not in project and _names_packages(tool.get("poetry")):
        what = "The dependencies are in `tool.poetry.dependencies`, which only Poetry reads."
        raise refuse(source, None, what, WRITE_THEM)
    dynamic = project.get("dynamic", [])
    if not isinstance(dynamic, list):
        raise refuse(source, None, "`project.dynamic` is not a list of texts.", 'Write ["version"].')
    return project, dynamic


def _names_packages(poetry: object) -> bool:
    """Return whether Poetry's table asks for more than a Python."""
    wanted = poetry.get("dependencies") if isinstance(poetry, dict) else None
    return isinstance(wanted, dict) and any(name.lower() != "python" for name in wanted)


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
