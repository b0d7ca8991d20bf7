"""What a Spark application takes: executors, their cores and memory, the driver's memory. Plain Python, no Django.

Each has a property of Spark; what is asked for in fields and in a project's properties is held against each other here.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from computes.cluster_contract import SparkResources
from computes.sizes import size_for
from computes.spark_master import is_standalone

MIB = 2**20
PROPERTIES: Mapping[str, str] = {
    "executors": "spark.executor.instances",
    "executor_cores": "spark.executor.cores",
    "executor_memory_bytes": "spark.executor.memory",
    "driver_memory_bytes": "spark.driver.memory",
}
MOST_EXECUTORS = "spark.dynamicAllocation.maxExecutors"
MOST_CORES = "spark.cores.max"
_MEMORY = re.compile(r"([0-9]{1,12})([kmgtp]?)b?", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,9}")
_UNITS = {"k": 2**10, "": MIB, "m": MIB, "g": 2**30, "t": 2**40, "p": 2**50}


@dataclass(frozen=True, slots=True)
class Resources:
    """What an application takes; None is as much as the cluster gives by itself."""

    executors: int | None = None
    executor_cores: int | None = None
    executor_memory_bytes: int | None = None
    driver_memory_bytes: int | None = None

    def given(self) -> dict[str, int]:
        """Return what is said, by the name of the field."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def words(self) -> str:
        """Return what is said in a line; empty for nothing."""
        parts = [
            f"{self.executors:,} executor{'s' if self.executors != 1 else ''}" if self.executors is not None else "",
            f"{self.executor_cores} core{'s' if self.executor_cores != 1 else ''} each" if self.executor_cores else "",
            f"{size_for(self.executor_memory_bytes)} each" if self.executor_memory_bytes else "",
            f"driver {size_for(self.driver_memory_bytes)}" if self.driver_memory_bytes else "",
        ]
        return ", ".join(part for part in parts if part)

    def for_spark(self) -> SparkResources:
        """Return the same as executors are given it."""
        return SparkResources(
            executors=self.executors,
            executor_cores=self.executor_cores,
            executor_memory=memory_for(self.executor_memory_bytes) if self.executor_memory_bytes else "",
            driver_memory=memory_for(self.driver_memory_bytes) if self.driver_memory_bytes else "",
        )

    def over(self, others: "Resources") -> "Resources":
        """Return these, and where they say nothing, others."""
        return Resources(**{**others.given(), **self.given()})


NAMES = tuple(field.name for field in fields(Resources))


def memory_in(text: str) -> int:
    """Return the bytes of a size as Spark reads it: "4g", "512m", a number alone are MiB. Raises ValueError."""
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2].lower()]


def memory_for(size: int) -> str:
    """Return a size as Spark reads it, in whole MiB or GiB; less than a MiB is one."""
    mebibytes = max(size // MIB, 1)
    return f"{mebibytes // 1024}g" if mebibytes % 1024 == 0 else f"{mebibytes}m"


def value_in(name: str, text: str) -> int:
    """Return what a property says, for the name of its field. Raises ValueError."""
    if name.endswith("_bytes"):
        return memory_in(text)
    if not _COUNT.fullmatch(text.strip()):
        raise ValueError(text)
    return int(text)


def said_in(configuration: Mapping[str, str]) -> Resources:
    """Return what properties say. One that Spark could not read says nothing."""
    said: dict[str, Any] = {}
    for name, prop in PROPERTIES.items():
        try:
            said[name] = value_in(name, configuration[prop])
        except (KeyError, ValueError):
            continue
    return Resources(**said)


def properties_for(
    resources: Resources, master: str, configuration: Mapping[str, str], most_executors: int | None = None
) -> dict[str, str]:
    """Return the properties of Spark that give an application its resources, to be put over a project's own.

    Spark's own masters know no number of executors, only the cores of all of them. Where it is not said how many
    executors there are, Spark gets no more than `most_executors`, also where it is the cluster's configuration that
    lets Spark decide on them.
    """
    said = {
        PROPERTIES[name]: memory_for(value) if name.endswith("_bytes") else str(value)
        for name, value in resources.given().items()
    }
    cores = resources.executor_cores or 1
    if is_standalone(master) and resources.executors is not None:
        said |= {PROPERTIES["executor_cores"]: str(cores), MOST_CORES: str(resources.executors * cores)}
    elif is_standalone(master) and most_executors is not None and not is_count(configuration.get(MOST_CORES, "")):
        said[MOST_CORES] = str(most_executors * cores)
    if most_executors is not None:
        wanted = configuration.get(MOST_EXECUTORS, "")
        said[MOST_EXECUTORS] = str(min(int(wanted), most_executors) if is_count(wanted) else most_executors)
    return said


def is_count(text: str) -> bool:
    """Return whether Spark reads a number in a property."""
    return bool(_COUNT.fullmatch(text.strip()))
