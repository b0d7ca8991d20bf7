"""Which Python an environment gets that no conda file asks for: `.python-version`, `requires-python`, the usual one."""

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from computes.environments.refusal import refuse, shown

PYTHON_VERSION_FILE = ".python-version"

_PYTHON = re.compile(r"3\.[0-9]{1,2}(\.[0-9]{1,2})?")
_CLAUSE = re.compile(r"(?P<operator>>=|<=|==|!=|~=|>|<)\s*(?P<version>[0-9]+(\.[0-9]+)*(\.\*)?)")
LONGEST_REQUIRED_PYTHON = 200
_MINORS, _PATCHES = range(60), range(60)


@dataclass(frozen=True, slots=True)
class PythonChoice:
    """A version like 3.11 or 3.11.7, and where it was chosen: the file of the project, empty for the installation's."""

    version: str
    file: str = ""


def python_chosen_in(text: str) -> PythonChoice:
    """Return the version in the first line of a `.python-version` file. Raises PreparationFailed."""
    lines = [(line.strip(), number) for number, line in enumerate(text.splitlines(), 1)]
    said, number = next(((line, number) for line, number in lines if line and not line.startswith("#")), ("", 1))
    if not _PYTHON.fullmatch(said):
        what = f"{shown(said)} is no version of Python that can be had." if said else "It names no version of Python."
        raise refuse(PYTHON_VERSION_FILE, number, what, "Write a version like 3.11 or 3.11.7, or remove the file.")
    return PythonChoice(said, PYTHON_VERSION_FILE)


def python_spec(choice: PythonChoice, source: str) -> str:
    """Return conda's spec of a version. Raises PreparationFailed."""
    version = choice.version
    if not _PYTHON.fullmatch(version):
        raise refuse(source, None, "The version of Python is not like 3.11 or 3.11.7.", "Choose one of these.")
    return f"python {version}.*" if version.count(".") == 1 else f"python {version}"


def python_spec_within(requires: str, choice: PythonChoice, source: str, line: int | None) -> str:
    """Return conda's spec of a version that meets `requires-python`. What the project chose must meet it; where the
    installation's Python does not, any Python that does is taken. Raises PreparationFailed."""
    spec = python_spec(choice, source)
    constraint = ",".join(_clauses(requires, source, line))
    if not constraint:
        return spec
    wanted = SpecifierSet(requires)
    candidates = [choice.version] if choice.version.count(".") == 2 else [f"{choice.version}.{n}" for n in _PATCHES]
    meeting = list(wanted.filter(candidates))
    if len(meeting) == len(candidates):
        return spec
    if meeting:
        return f"{spec},{constraint}"
    if choice.file:
        what = f"`requires-python` is {shown(requires)}, and {choice.file} says {choice.version}."
        raise refuse(source, line, what, "Correct one of the two.")
    if not any(True for _ in wanted.filter(f"3.{minor}.{patch}" for minor in _MINORS for patch in _PATCHES)):
        what = f"`requires-python` is {shown(requires)}, which no Python 3 meets."
        raise refuse(source, line, what, "Ask for a Python 3, for example >=3.11.")
    return f"python {constraint}"


def _clauses(requires: str, source: str, line: int | None) -> list[str]:
    """Return the clauses of `requires-python` as conda has them."""
    remedy = "Write it like >=3.10,<3.13."
    if len(requires) > LONGEST_REQUIRED_PYTHON:
        raise refuse(source, line, f"`requires-python` has more than {LONGEST_REQUIRED_PYTHON} characters.", remedy)
    try:
        SpecifierSet(requires)
    except InvalidSpecifier as error:
        raise refuse(source, line, f"`requires-python` is {shown(requires)}, which is no version.", remedy) from error
    clauses = []
    for clause in filter(None, map(str.strip, requires.split(","))):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise refuse(source, line, f"`requires-python` has {shown(clause)}, which is not understood.", remedy)
        operator, version = found["operator"], found["version"]
        if operator == "~=":
            clauses += [f">={version}", f"{version.rpartition('.')[0]}.*"]
        elif operator == "==" and version.endswith(".*"):
            clauses.append(version)
        else:
            clauses.append(f"{operator}{version}")
    return clauses
