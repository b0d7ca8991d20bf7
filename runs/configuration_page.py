"""What exactly was asked for with a run, as its page shows it: secret values never."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass

from computes.contract import Framework
from computes.environments import file_text
from computes.environments.address_secrets import with_masked_secrets
from projects.aml_config.address_passwords import STARS
from projects.aml_config.spark_properties import holds_secret
from projects.errors import FileNotInSnapshot
from projects.snapshots import read_file
from runs.models import Run
from runs.run_configuration import RunConfiguration

LONGEST_FILE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable; a secret one has no value here."""

    name: str
    value: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class AskedFile:
    """A dependency file as it was in the code of the run; `text` is None when the code does not have it."""

    kind: str
    path: str
    text: str | None


def command_line(run: Run, asked: RunConfiguration) -> str:
    """Return the command as a person would type it, for reading only: nothing is ever run from it."""
    program = run.target.spark_submit_location or "spark-submit"
    if asked.framework == Framework.PYTHON:
        program = run.interpreter or run.target.python_location
    return shlex.join([program, asked.script, *asked.arguments])


def variables_of(asked: RunConfiguration) -> list[Variable]:
    """Return the run's own environment variables by name, secret ones without value."""
    plain = [Variable(name, value, False) for name, value in asked.environment_variables.items()]
    return sorted(plain + [Variable(name, "", True) for name in asked.secret_names], key=lambda item: item.name)


def asked_files(run: Run, asked: RunConfiguration) -> list[AskedFile]:
    """Return the dependency files that the run configuration names."""
    named = [("Conda", asked.conda_dependencies_file), ("Spark", asked.spark_dependencies_file)]
    if asked.environment_file not in (asked.conda_dependencies_file, ""):
        named.insert(0, ("Packages", asked.environment_file))
    properties = asked.spark_settings.configuration
    secrets = [value for name, value in properties.items() if value and holds_secret(name, value)]
    return [AskedFile(kind, path, text_of(run, path, secrets)) for kind, path in named if path]


def text_of(run: Run, path: str, secrets: Collection[str]) -> str | None:
    """Return the beginning of a file of the run's code, without the logins of its addresses and these secrets; None
    when it is not there. A line that is cut is left out: what is secret in it could not be told."""
    try:
        content = read_file(run.snapshot, path, LONGEST_FILE_BYTES)
    except FileNotInSnapshot:
        return None
    text = file_text.text_of(content, path)
    if len(content) == LONGEST_FILE_BYTES:
        text = text.rpartition("\n")[0]
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, STARS)
    return with_masked_secrets(text)
