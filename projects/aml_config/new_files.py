"""Writes a fresh configuration file in which every key that can be used is explained."""

from collections.abc import Mapping

from projects.aml_config.compute_keys import COMPUTE_KEYS, KIND_OF_TYPE
from projects.aml_config.keys import Key, Kind
from projects.aml_config.rendering import entry_lines
from projects.aml_config.run_configuration_keys import RUN_CONFIGURATION_KEYS

_NOT_OFFERED = frozenset({"password", "privateKey", "TimeLimitSeconds"})


def new_compute_text(type: str, values: Mapping[str, object] | None = None) -> str:
    """Return a new `.compute` file of a type ("local", "localdocker", …) with the given keys set.

    Keys that the type can use and that are not given stand there as comments. Raises KeyError for an unknown type.
    """
    kind = KIND_OF_TYPE[type]
    usable = [key for key in COMPUTE_KEYS.values() if kind in key.applies_to]
    return _text_of("A compute target: where runs are executed.", usable, {"type": type, **(values or {})}, kind)


def new_run_configuration_text(target: str, values: Mapping[str, object] | None = None) -> str:
    """Return a new `.runconfig` file for a target with the given keys set; the framework is always written."""
    keys = list(RUN_CONFIGURATION_KEYS.values())
    chosen = {"ArgumentVector": ["$file"], "Target": target, "Framework": "Python", **(values or {})}
    return _text_of("A run configuration: what is run, where and how.", keys, chosen, None)


def _text_of(title: str, keys: list[Key], values: Mapping[str, object], kind: Kind | None) -> str:
    lines = [f"# {title}"]
    for key in keys:
        value = values.get(key.name)
        if value is None and key.name in _NOT_OFFERED:
            continue
        choices = f" One of: {', '.join(key.choices)}." if key.choices else ""
        lines += ["", f"# {key.meaning}{choices}"]
        if value is None:
            lines.append(f"# {key.name}: {key.default_for(kind)}".rstrip())
        else:
            lines += entry_lines(key.name, value)
    shown = {key.name for key in keys}
    for name, value in values.items():
        if name not in shown and value is not None:
            lines += ["", *entry_lines(name, value)]
    return "\n".join(lines) + "\n"
