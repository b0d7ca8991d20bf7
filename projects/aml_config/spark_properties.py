"""What can be a property of Spark, and which ones hold secrets that Spark would show."""

import re
from collections.abc import Mapping

from projects.aml_config.address_passwords import STARS, holds_password

PROPERTY = re.compile(r"[A-Za-z][^\s=]*")
_SECRET = re.compile(r"secret|passw|passphrase|token|access[._-]?key|account[._-]?key|private[._-]?key", re.IGNORECASE)
_HARMLESS = re.compile(r"true|false|[0-9]+[a-z]{0,3}", re.IGNORECASE)


def problem_of_property(name: str, value: str) -> str:
    """Return what is wrong with a property, in words, or nothing."""
    if not PROPERTY.fullmatch(name):
        return "is not the name of a Spark property; write for example spark.sql.shuffle.partitions"
    if "\n" in value or "\r" in value or "\0" in value:
        return "has a line break in its value; write one line"
    return ""


def holds_secret(name: str, value: str) -> bool:
    """Return whether a property looks like a password, a token or a key: by its name, and not a mere switch; or by an
    address with a password."""
    return (bool(_SECRET.search(name)) and not _HARMLESS.fullmatch(value.strip())) or holds_password(value)


def without_secrets(properties: Mapping[str, str]) -> dict[str, str]:
    """Return properties as they may be shown: of those that look like secrets the name alone."""
    return {name: STARS if holds_secret(name, value) else value for name, value in properties.items()}
