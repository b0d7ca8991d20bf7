"""What a key of a configuration file is: the form of the tables that reader, editor pages and documentation share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["local", "docker", "remotedocker", "remote", "cluster", "livy"]
KeyType = Literal["text", "path", "choice", "boolean", "gpus", "seconds", "list", "map", "credential"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `default` is as the file would say it, "" for none; `other_defaults` are those of single kinds.

    `applies_to` lists the kinds of target where a key of a compute file has an effect.
    """

    name: str
    type: KeyType
    default: str
    meaning: str
    applies_to: tuple[Kind, ...] = ()
    required_for: tuple[Kind, ...] = ()
    choices: tuple[str, ...] = ()
    other_defaults: tuple[tuple[Kind, str], ...] = ()

    def default_for(self, kind: Kind | None) -> str:
        """Return what is meant when a file for a kind of target does not have the key."""
        return next((default for other, default in self.other_defaults if other == kind), self.default)


KeyTable = Mapping[str, Key]


def table_of(*keys: Key) -> KeyTable:
    """Return keys by name, in the order in which they are written into a new file."""
    return {key.name: key for key in keys}
