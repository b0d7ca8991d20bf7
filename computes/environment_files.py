"""Which file of a project says what its environment needs, and what it says."""

from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from computes.environment_asking import Asked
from computes.environments.file_text import LARGEST_BYTES, text_of
from computes.environments.pip_setup import index_options
from computes.environments.python_choice import PYTHON_VERSION_FILE, PythonChoice, python_chosen_in, python_spec
from computes.environments.requirements_reading import spec_from_pyproject, spec_from_requirements
from computes.environments.spec_reading import CONDA_FILE, ReadSpec, spec_from_conda
from computes.errors import PreparationFailed
from computes.models import EnvironmentLock
from projects.blob_store import BlobStore
from projects.configuration import aml_config_of
from projects.errors import FileNotInSnapshot
from projects.models import Snapshot
from projects.snapshots import manifest_of_snapshot, read_file

REQUIREMENTS = "requirements.txt"
PYPROJECT = "pyproject.toml"


def environment_file_of(paths: Collection[str], named: str = "") -> str:
    """Return the file that says what a project needs: the conda file that its run configuration names or the usual
    one, else requirements.txt, else pyproject.toml; empty where the project has none of them."""
    return next((path for path in (named or CONDA_FILE, CONDA_FILE, REQUIREMENTS, PYPROJECT) if path in paths), "")


def asked_by(snapshot: Snapshot, path: str) -> Asked:
    """Return what a file of a project asks for; without a file, a Python and nothing else.

    Raises PreparationFailed with the file and, where it is known, the line.
    """
    digests = {entry.path: entry.sha256 for entry in manifest_of_snapshot(snapshot)}
    if not path:
        source = PYTHON_VERSION_FILE if PYTHON_VERSION_FILE in digests else "no file of the project"
        return Asked(conda=(python_spec(python_of(snapshot, digests), source),), source=source)
    store = BlobStore(Path(settings.BLOB_DIR))
    read = read_spec(snapshot, path, {name: store.path_of(digest) for name, digest in digests.items()})
    return Asked(
        channels=read.spec.channels,
        conda=read.spec.conda,
        pip=read.spec.pip,
        source=read.spec.source,
        lines=read.spec.lines,
        wheels={name: digests[name] for name in read.spec.wheels},
        credentials=read.credentials,
    )


def asked_by_lock(snapshot: Snapshot, lock: EnvironmentLock, path: str) -> Asked:
    """Return an ask for the very packages of a lock, some of which may be wheels of the project. No lock holds logins,
    and older ones no indexes: those of the project's file are taken. Nothing else counts there, so one that cannot be
    read does no harm."""
    wheels = {entry.path: entry.sha256 for entry in manifest_of_snapshot(snapshot) if entry.path.endswith(".whl")}
    try:
        file = asked_by(snapshot, path)
    except PreparationFailed:
        file = Asked()
    indexes = tuple(index_options(file.pip))
    return Asked(pip=indexes, source=f"the lock {lock}", wheels=wheels, from_lock=lock, credentials=file.credentials)


def read_spec(snapshot: Snapshot, path: str, files: dict[str, Path]) -> ReadSpec:
    """Read a file by the rules of its kind."""
    try:
        text = text_of(read_file(snapshot, path, LARGEST_BYTES + 1), path)
    except FileNotInSnapshot as error:
        raise PreparationFailed(f"The project has no file {path}.", "Add it, or correct its path.") from error
    if path == REQUIREMENTS:
        return spec_from_requirements(text, python=python_of(snapshot, files), source=path, files=files)
    if path == PYPROJECT:
        return spec_from_pyproject(text, python=python_of(snapshot, files), source=path, files=files)
    config = aml_config_of(snapshot)
    if path not in config.conda:
        problems = [problem for problem in config.problems if problem.file == path and problem.severity == "error"]
        lines = [f"Line {each.line}: " if each.line else "" for each in problems]
        texts = " ".join(f"{line}{each.text} {each.remedy}" for line, each in zip(lines, problems, strict=True))
        raise PreparationFailed(f"{path} cannot be read. {texts}".strip(), "Correct the file.")
    return spec_from_conda(config.conda[path], text=text, source=path, files=files)


def python_of(snapshot: Snapshot, paths: Collection[str]) -> PythonChoice:
    """Return the Python that a project without a conda file runs on: its own choice, else the installation's."""
    if PYTHON_VERSION_FILE not in paths:
        return PythonChoice(settings.ENVIRONMENT_PYTHON)
    return python_chosen_in(text_of(read_file(snapshot, PYTHON_VERSION_FILE, LARGEST_BYTES + 1), PYTHON_VERSION_FILE))
