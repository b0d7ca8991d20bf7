"""What a key of a configuration file is: the form of the tables that reader, editor pages and documentation share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["local", "docker", "remotedocker", "remote", "cluster", "livy"]
KeyType = Literal["text", "path", "choice", "boolean", "seconds", "list", "map", "credential"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `default` is in words of the file, "" for none; `applies_to` lists the kinds where it has an effect."""

    name: str
    type: KeyType
    default: str
    meaning: str
    applies_to: tuple[Kind, ...] = ()
    required_for: tuple[Kind, ...] = ()
    choices: tuple[str, ...] = ()


KeyTable = Mapping[str, Key]


def table_of(*keys: Key) -> KeyTable:
    """Return keys by name, in the order in which they are written into a new file."""
    return {key.name: key for key in keys}
