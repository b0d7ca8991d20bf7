"""Makes SparkDependencies of the map in a `spark_dependencies.yml` file."""

import re

from projects.aml_config.address_passwords import warn_of_password
from projects.aml_config.dependency_files import MavenPackage, SparkDependencies
from projects.aml_config.dependency_keys import SPARK_KEYS
from projects.aml_config.fields import Fields
from projects.aml_config.findings import Findings, shortened
from projects.aml_config.nodes import MapNode, Node, ScalarNode
from projects.aml_config.spark_properties import PROPERTY, holds_secret

_REPOSITORY = re.compile(r"(?:https?|file)://?[^\s,]+")
_COORDINATE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_PARTS = ("group", "artifact", "version")
_FOR_IVY = "in a file of the target that spark.jars.ivySettings names"


def spark_dependencies_from(node: MapNode, findings: Findings) -> SparkDependencies:
    """Return Spark's properties, repositories and packages; all three may be absent."""
    fields = Fields(findings, node, SPARK_KEYS)
    packages = (_package(fields, item) for item in fields.items("packages") or ())
    return SparkDependencies(
        configuration=_configuration(fields),
        repositories=_repositories(fields),
        packages=tuple(package for package in packages if package is not None),
        unknown=fields.unknown,
    )


def _configuration(fields: Fields) -> dict[str, str]:
    configuration = fields.text_map("configuration")
    for entry in fields.map_entries("configuration"):
        if not PROPERTY.fullmatch(entry.key.text):
            text = f"{shortened(entry.key.text)} is not the name of a Spark property."
            fields.findings.error(entry.key, text, "Write for example `spark.executor.memory: 4g`.")
        elif isinstance(entry.value, ScalarNode) and "\n" in entry.value.text:
            fields.findings.error(entry.value, "The value of a Spark property has a line break.", "Write one line.")
        elif isinstance(entry.value, ScalarNode) and holds_secret(entry.key.text, entry.value.text):
            fields.findings.warning(
                entry.key,
                f"{shortened(entry.key.text)} holds a secret: whoever may see the project can read it, and Spark's own "
                "pages may show it.",
                "Put it into spark-defaults.conf of the cluster or into a Hadoop credential file, or give it to runs "
                "as a secret variable. Then change it, because the code of earlier runs keeps it.",
            )
    return configuration


def _repositories(fields: Fields) -> tuple[str, ...]:
    for item in fields.items("repositories") or ():
        if isinstance(item, ScalarNode) and not _REPOSITORY.fullmatch(item.text):
            fields.findings.error(item, "This is not the address of a Maven repository.", "Write https://host/path.")
        elif isinstance(item, ScalarNode):
            warn_of_password(fields.findings, item, item.text, "A repository", _FOR_IVY)
    return fields.texts("repositories") or ()


def _package(fields: Fields, item: Node) -> MavenPackage | None:
    """Read `{group, artifact, version}`, or the same as one text with colons between."""
    parts: list[str] = []
    if isinstance(item, MapNode):
        found = [item.find(part) for part in _PARTS]
        parts = [entry.value.text for entry in found if entry and isinstance(entry.value, ScalarNode)]
        _warn_of_more(fields, item)
    elif isinstance(item, ScalarNode):
        parts = item.text.split(":")
    if len(parts) != len(_PARTS) or not all(_COORDINATE.fullmatch(part) for part in parts):
        text = "A package needs a group, an artifact and a version, without blanks and commas."
        fields.findings.error(item, text, "Write `- {group: org.example, artifact: name_2.12, version: 1.2.0}`.")
        return None
    return MavenPackage(*parts)


def _warn_of_more(fields: Fields, package: MapNode) -> None:
    """Warn of what a package says beyond group, artifact and version: spark-submit takes no more of one package."""
    for entry in package:
        if entry.key.text not in _PARTS:
            fields.findings.warning(
                entry.key,
                f"{shortened(entry.key.text)} of a package has no effect.",
                "Remove it. What is not to be fetched with packages can be said of all at once: "
                "`spark.jars.excludes: group:artifact` in `configuration`.",
            )
