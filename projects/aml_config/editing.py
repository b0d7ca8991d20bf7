"""Changes single keys of a configuration file and leaves every other character as it was.

The parser says where a key stands and only its value is written anew, so comments, order, unknown keys, quotes,
indentation and line ends stay. Each change is read back before it is returned. (Writing the whole file anew from
ruamel.yaml's round-trip tree was measured to lose the comments that follow a removed key or a replaced list, and the
indentation of lists.)
"""

from collections.abc import Mapping

from projects.aml_config.block_splicing import added_to_block, removed_from_block, replaced_in_block
from projects.aml_config.flow_splicing import added_to_flow, removed_from_flow, replaced_in_flow
from projects.aml_config.new_files import new_compute_text, new_run_configuration_text
from projects.aml_config.nodes import MapNode, plain_value_of
from projects.aml_config.problems import AmlConfigError, LineChange, Problem
from projects.aml_config.rendering import as_read
from projects.aml_config.source_text import BYTE_ORDER_MARK
from projects.aml_config.strict_yaml import parsed_text, read_document

__all__ = ["apply_line_change", "edit_text", "new_compute_text", "new_run_configuration_text"]

_FILE = "the edited file"


def edit_text(text: str, changes: Mapping[str, object]) -> str:
    """Return a YAML or JSON text with top-level keys set (a new one comes last) or, by None, removed.

    Values are texts, booleans, numbers, lists and maps of them; JSON stays JSON. Raises AmlConfigError when the text
    cannot be read or a change would alter anything else, TypeError for other values.
    """
    if not changes:
        return text
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    edited = parsed_text(_FILE, text)
    expected = _top_level(edited)
    for key, value in changes.items():
        edited = _with_change(edited, key, value)
        if value is None:
            expected.pop(key, None)
        else:
            expected[key] = as_read(value)
        if _top_level(edited) != expected:
            raise _refusal(key)
    return mark + edited


def apply_line_change(text: str, change: LineChange) -> str:
    """Return the text with the change that a problem offers. Raises AmlConfigError when the line has changed since."""
    lines = text.split("\n")
    if change.line > len(lines) or lines[change.line - 1].count(change.before) != 1:
        what = f"Line {change.line} is no longer what it was."
        raise AmlConfigError(Problem("error", _FILE, change.line, None, what, "Read the file again."))
    lines[change.line - 1] = lines[change.line - 1].replace(change.before, change.after)
    return "\n".join(lines)


def _with_change(text: str, key: str, value: object) -> str:
    root = read_document(_FILE, text)
    if root is not None and not isinstance(root, MapNode):
        raise AmlConfigError(Problem("error", _FILE, 1, 1, "The file must be a map.", "Write `key: value` lines."))
    entry = root.find(key) if root else None
    changed: str | None
    if entry is None or root is None:
        if value is None:
            return text
        flow = root is not None and root.flow
        changed = added_to_flow(text, root, key, value) if root and flow else added_to_block(text, root, key, value)
    elif value is None:
        changed = removed_from_flow(text, root, entry) if root.flow else removed_from_block(text, entry)
    else:
        changed = replaced_in_flow(text, entry, value) if root.flow else replaced_in_block(text, entry, value)
    if changed is None:
        raise _refusal(key)
    return changed


def _top_level(text: str) -> dict[str, object]:
    root = read_document(_FILE, text)
    plain = plain_value_of(root) if root is not None else {}
    return dict(plain) if isinstance(plain, dict) else {}


def _refusal(key: str) -> AmlConfigError:
    text = f"`{key}` cannot be changed without touching something else, for example because an alias refers to it."
    return AmlConfigError(Problem("error", _FILE, None, None, text, "Change the file by hand."))
