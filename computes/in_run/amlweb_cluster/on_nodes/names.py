"""Names in the storage of a run, which the driver program uses too (`computes.spark_driver.layout` explains them)."""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

LOG, SYSTEM, METRICS = "log", "system", "metrics"
SPECIFICATION, SECRETS, CODE = "spec.json", "secrets.json", "code.tar"
CANCEL, EXIT, OUTPUTS, ENVIRONMENT = "cancel", "exit.json", "outputs.json", "environment.json"
OUTPUTS_FOLDER, PARTS_FOLDER = "outputs", "parts"
PART = re.compile(r"parts/(\d{6})/(log|system|metrics)-(\d{16})-(\d{8})")
DRIVER = re.compile(r"driver-\d{1,4}\.json")


class Part:
    """A piece of one of a driver's streams, by its name."""

    def __init__(self, name: str, stream: str, offset: int, length: int) -> None:
        self.name = name
        self.stream = stream
        self.offset = offset
        self.length = length


def parts_in(names: "Iterable[str]") -> "list[Part]":
    """Return the parts among some names, those of each stream in their order."""
    matches = [(name, PART.fullmatch(name)) for name in names]
    found = [Part(name, match.group(2), int(match.group(3)), int(match.group(4))) for name, match in matches if match]
    return sorted(found, key=lambda part: part.offset)


def has_begun(names: "Iterable[str]") -> bool:
    """Whether a driver has claimed the run."""
    return any(DRIVER.fullmatch(name) for name in names)
