"""A form field for properties of Spark, one name=value a line."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.spark_resources import PROPERTIES
from projects.aml_config.spark_properties import holds_secret, problem_of_property

MOST = 500
LONGEST_TEXT = 60_000
OWN_FIELDS = {
    "spark.master": "Master",
    "spark.submit.deployMode": "Deploy mode",
    "spark.yarn.queue": "Queue",
    "spark.kerberos.principal": "Principal",
    "spark.kerberos.keytab": "Keytab",
    **dict.fromkeys(PROPERTIES.values(), "What an application takes"),
}
SET_BY_US = frozenset({"spark.app.name", "spark.yarn.tags", "spark.pyspark.python", "spark.pyspark.driver.python"})
PORTS = frozenset({"spark.ui.port", "spark.master.ui.port", "spark.driver.port", "spark.driver.blockManager.port"})
HIGHEST_PORT = 65_535
INSTEAD = (
    "would be shown here and on Spark's own pages. Put it into spark-defaults.conf of the cluster or into a Hadoop "
    "credential file (spark.hadoop.hadoop.security.credential.provider.path names it), or let people give it to their "
    "runs as a secret variable"
)


class SparkConfigurationField(forms.Field):
    """A map of properties. Blank lines and lines that begin with # are ignored; values are literal."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show a map as lines, and what was typed as it was typed."""
        return "\n".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, str]:
        """Return the map of some lines, or of a map that a call of the API sends. Raises ValidationError with every
        property that is not right; a value that may be a secret is not repeated."""
        entries = list(value.items()) if isinstance(value, dict) else list(_entries_in(str(value or "")))
        if len(entries) > MOST or sum(len(name) + len(text) for name, text in entries) > LONGEST_TEXT:
            raise ValidationError(f"At most {MOST} properties and {LONGEST_TEXT:,} characters.")
        problems = [f"{name[:80]} {problem}." for name, text in entries if (problem := _problem_of(name, text))]
        names = [name for name, _ in entries]
        problems += [f"{name[:80]} is set twice." for name in sorted({name for name in names if names.count(name) > 1})]
        if problems:
            raise ValidationError(problems)
        return dict(entries)


def _problem_of(name: str, text: str) -> str:
    if problem := problem_of_property(name, text):
        return problem
    if holds_secret(name, text):
        return INSTEAD
    if name in OWN_FIELDS:
        return f"has a field of its own: {OWN_FIELDS[name]}"
    if name in SET_BY_US:
        return "is set by amlweb itself for each run"
    if name in PORTS and not is_port(text):
        return f"is the number of a port, at most {HIGHEST_PORT}"
    return "" if name.startswith("spark.") else "does not begin with spark. and would be ignored by Spark"


def is_port(text: str) -> bool:
    """Return whether a text is the number of a port; 0 leaves it to the system."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_PORT)) and int(text) <= HIGHEST_PORT


def _entries_in(lines: str) -> Iterator[tuple[str, str]]:
    for line in lines.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, _, text = line.partition("=")
            yield name.strip(), text.strip()
