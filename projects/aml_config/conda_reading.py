"""Makes CondaDependencies of the map in a conda environment file."""

import re

from projects.aml_config.address_passwords import holds_password, warn_of_password
from projects.aml_config.dependency_files import CondaDependencies
from projects.aml_config.dependency_keys import CONDA_KEYS
from projects.aml_config.fields import Fields
from projects.aml_config.findings import Findings
from projects.aml_config.nodes import ListNode, MapNode, Node, ScalarNode
from projects.aml_config.problems import LineChange

OFFERED_PYTHON = "3.11"
OLDEST_MAINTAINED_PYTHON = (3, 8)

_PYTHON = re.compile(r"(?:\S+::)?python(?![\w.-])\s*(.*)")
_VERSION = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,3}))?")


def conda_dependencies_from(node: MapNode, findings: Findings) -> CondaDependencies:
    """Return what a map asks conda and pip for. `python` is None when no version is named."""
    fields = Fields(findings, node, CONDA_KEYS)
    specs: list[str] = []
    pip: list[str] = []
    python: str | None = None
    for item in fields.items("dependencies") or ():
        if isinstance(item, MapNode):
            pip.extend(_pip_lines(fields, item))
            continue
        spec = fields.item_text(item, "An item of `dependencies`")
        if spec is None:
            continue
        if not spec.strip() or not spec.isprintable():
            findings.error(item, "An item of `dependencies` is blank or has a line break.", "Write `- package=1.2`.")
            continue
        warn_of_password(findings, item, spec, "An item of `dependencies`")
        specs.append(spec)
        if version := _python_version(spec):
            python = version
            _warn_of_old_python(findings, item, spec, version)
    channels = [(item, fields.item_text(item, "An item of `channels`")) for item in fields.items("channels") or ()]
    for item, channel in channels:
        warn_of_password(findings, item, channel or "", "A channel")
    return CondaDependencies(
        name=fields.text("name"),
        channels=tuple(channel for _, channel in channels if channel is not None),
        dependencies=tuple(specs),
        pip=tuple(pip),
        python=python,
        unknown=fields.unknown,
    )


def _python_version(spec: str) -> str | None:
    found = _PYTHON.fullmatch(spec.strip())
    if found is None:
        return None
    return found[1].lstrip("= ").partition("=")[0].strip() if found[1].startswith("=") else found[1].strip() or None


def _warn_of_old_python(findings: Findings, item: Node, spec: str, version: str) -> None:
    number = _VERSION.match(version)
    if number is None or (int(number[1]), int(number[2] or 99)) >= OLDEST_MAINTAINED_PYTHON:
        return
    offered = f"python={OFFERED_PYTHON}"
    text = f"Python {version} is no longer maintained and can seldom be installed."
    if holds_password(spec):
        findings.warning(item, text, f"Ask for {offered}, and check the other versions.")
        return
    findings.warning(
        item,
        text,
        f"Replace `{spec}` in line {item.place.line} by `{offered}`, and check the other versions.",
        LineChange(item.place.line, spec, offered),
    )


def _pip_lines(fields: Fields, item: MapNode) -> list[str]:
    lines: list[str] = []
    for entry in item:
        if entry.key.text != "pip":
            remedy = "Write `- name=version` for conda; only `- pip:` may be a map."
            fields.findings.error(entry.key, "An item of `dependencies` has a colon.", remedy)
        elif isinstance(entry.value, ListNode):
            for each in entry.value.items:
                if line := fields.item_text(each, "A line for pip"):
                    warn_of_password(fields.findings, each, line, "A line for pip")
                    lines.append(line)
        elif not (isinstance(entry.value, ScalarNode) and entry.value.is_null):
            fields.findings.error(entry.value, "`pip` must be a list.", "Write a line `- package` each below `- pip:`.")
    return lines
