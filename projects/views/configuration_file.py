"""One file of aml_config as the editor sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from projects.aml_config.compute_keys import COMPUTE_KEYS, KIND_OF_TYPE
from projects.aml_config.keys import KeyTable
from projects.aml_config.nodes import MapNode, Plain, plain_value_of
from projects.aml_config.problems import AmlConfigError, Problem
from projects.aml_config.run_configuration_keys import RUN_CONFIGURATION_KEYS
from projects.aml_config.source_text import MAXIMUM_BYTES
from projects.aml_config.strict_yaml import read_document
from projects.configuration import aml_config_of
from projects.errors import FileNotInSnapshot
from projects.models import Project
from projects.snapshots import read_file


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A file of aml_config. `table` lists the keys of its form, None where only text can be edited.

    `refusal` says why the file cannot be read at all.
    """

    path: str
    text: str
    table: KeyTable | None
    given: Mapping[str, Plain]
    problems: tuple[Problem, ...]
    refusal: str


def configuration_file(project: Project, path: str) -> ConfigurationFile:
    """Return a file of the current snapshot. Raises FileNotInSnapshot and BlobMissing."""
    snapshot = project.current_snapshot
    if snapshot is None:
        raise FileNotInSnapshot(path)
    source = read_file(snapshot, path, MAXIMUM_BYTES + 1)
    problems = tuple(problem for problem in aml_config_of(snapshot).problems if problem.file == path)
    given: Mapping[str, Plain] = {}
    refusal = ""
    try:
        root = read_document(path, source)
        if isinstance(root, MapNode):
            plain = plain_value_of(root)
            given = plain if isinstance(plain, dict) else {}
    except AmlConfigError as error:
        refusal = f"{error.problem.text} {error.problem.remedy}"
    return ConfigurationFile(path, source.decode(errors="replace"), table_for(path, given), given, problems, refusal)


def table_for(path: str, given: Mapping[str, Plain]) -> KeyTable | None:
    """Return the keys that a form of this file offers: of a target those that its type can use, and those given."""
    if path.endswith(".runconfig"):
        return RUN_CONFIGURATION_KEYS
    if not path.endswith(".compute"):
        return None
    kind = KIND_OF_TYPE.get(str(given.get("type", "")))
    return {name: key for name, key in COMPUTE_KEYS.items() if kind in key.applies_to or name in given or kind is None}
