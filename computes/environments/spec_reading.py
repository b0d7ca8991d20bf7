"""From a project's files to what is asked for. Logins in addresses are returned beside it, never in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from computes.environments.conda_specs import checked_channel, checked_spec
from computes.environments.contract import EnvironmentSpec
from computes.environments.pip_lines import checked_pip_line
from computes.environments.refusal import refuse, shown
from computes.environments.source_lines import SourceLines
from projects.aml_config.dependency_files import CondaDependencies

CONDA_FILE = "aml_config/conda_dependencies.yml"


@dataclass(frozen=True, slots=True)
class ReadSpec:
    """What is asked for, and the logins that its file held, by address: (user, password)."""

    spec: EnvironmentSpec
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)


class SpecReader:
    """Collects the checked entries of one file."""

    def __init__(self, source: str, text: str, files: Mapping[str, Path]) -> None:
        self.source = source
        self.source_lines = SourceLines(text)
        self.files = files
        self.lines: dict[str, int] = {}
        self.wheels: dict[str, Path] = {}
        self.credentials: dict[str, tuple[str, str]] = {}

    def channels(self, entries: Iterable[str]) -> tuple[str, ...]:
        """Return channels, checked."""
        return tuple(self._conda(entry, is_channel=True) for entry in entries)

    def specs(self, entries: Iterable[str]) -> tuple[str, ...]:
        """Return conda's specs, checked."""
        return tuple(self._conda(entry, is_channel=False) for entry in entries)

    def _conda(self, entry: str, *, is_channel: bool) -> str:
        line = self.source_lines.line_of(entry)
        check = checked_channel if is_channel else checked_spec
        text, credentials = check(entry, self.source, line)
        self._note(text, line, credentials)
        return text

    def pip(self, entries: Iterable[tuple[str, int | None]]) -> tuple[str, ...]:
        """Return lines for pip, checked; each comes with its line where that is known."""
        taken = []
        for entry, known in entries:
            line = known or self.source_lines.line_of(entry)
            checked = checked_pip_line(entry, self.source, line)
            if checked.wheel:
                self._take_wheel(checked.wheel, line)
            self._note(checked.text, line, checked.credentials)
            taken.append(checked.text)
        return tuple(taken)

    def _take_wheel(self, path: str, line: int | None) -> None:
        if path not in self.files:
            what = f"{shown(path)} is not in the project."
            raise refuse(self.source, line, what, "Put the wheel there, or correct the path.")
        self.wheels[path] = self.files[path]

    def _note(self, text: str, line: int | None, credentials: Mapping[str, tuple[str, str]]) -> None:
        self.credentials.update(credentials)
        if line is not None:
            self.lines.setdefault(text, line)

    def finish(self, channels: tuple[str, ...], conda: tuple[str, ...], pip: tuple[str, ...]) -> ReadSpec:
        """Return what was read."""
        spec = EnvironmentSpec(channels, conda, pip, self.source, self.lines, self.wheels)
        return ReadSpec(spec, self.credentials)


def spec_from_conda(
    dependencies: CondaDependencies,
    *,
    text: str = "",
    source: str = CONDA_FILE,
    files: Mapping[str, Path] | None = None,
) -> ReadSpec:
    """Return what a conda file asks for; `files` are the project's, by path. Raises PreparationFailed."""
    reader = SpecReader(source, text, files or {})
    channels = reader.channels(dependencies.channels)
    conda = reader.specs(dependencies.dependencies)
    return reader.finish(channels, conda, reader.pip((line, None) for line in dependencies.pip))
