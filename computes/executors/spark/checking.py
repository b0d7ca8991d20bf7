"""What a target's check says of Spark and Java: information, because scripts in plain Python need neither."""

import time
from collections.abc import Callable, Iterator, Mapping

from computes.contract import CheckItem
from computes.errors import TargetError, TargetUnreachable

Found = Mapping[str, str]


def check_spark(ask: Callable[[], Found]) -> Iterator[CheckItem]:
    """Yield an item for Spark and one for Java. Nothing where the place cannot be asked: other items say why."""
    began = time.monotonic()
    try:
        found = ask()
    except TargetUnreachable:
        raise
    except TargetError:
        return
    milliseconds = round((time.monotonic() - began) * 1000, 1)
    yield CheckItem("Spark", True, spark_words(found), "" if found["submit"] else remedy_of(found), milliseconds)
    yield CheckItem("Java", True, java_words(found), remedy_of(found) if found["submit"] else "", 0.0)


def spark_words(found: Found) -> str:
    """Return what there is of Spark."""
    if not found["submit"]:
        return "None was found, so Framework: PySpark does not run here."
    return f"Spark {found['spark_version'] or 'of an unknown version'}: {found['submit']}"


def java_words(found: Found) -> str:
    """Return what there is of Java."""
    if not found["java"]:
        return "None was found. Only Spark needs it."
    return f"Java {found['java_version'] or 'of an unknown version'}: {found['java']}"


def remedy_of(found: Found) -> str:
    """Return what to do about what is missing."""
    return found.get("remedy", "")
