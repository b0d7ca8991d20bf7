"""Log metrics and write outputs from a script: `import amlweb_run; amlweb_run.log("accuracy", 0.9)`.

Standard library only, Python 3.6 or newer, no network: metrics are lines of JSON that the server picks up while the
script runs. A script that is run by hand works too; its metrics are then not kept.
"""

import json
import math
import os
import sys
import time
from typing import IO, Any, Dict, Mapping, Optional, Set, Union

LONGEST_NAME = 250
LONGEST_LINE_BYTES = 1024 * 1024

_notes_given: Set[str] = set()


def log(name: str, value: Any, step: Optional[int] = None) -> None:
    """Log a number (a point of a series), a list of numbers (a chart of its own) or a text under a name.

    Numbers and arrays of numpy and the like are welcome. Raises ValueError for a name or value that cannot be kept.
    """
    record = {"name": _checked_name(name)}  # type: Dict[str, Any]
    value = _plain(value)
    if isinstance(value, list):
        if all(isinstance(item, (int, float)) for item in value):
            record["values"] = [_number(item) for item in value]
        else:
            record["text"] = json.dumps(value, default=str)
    elif isinstance(value, (int, float)):
        record["value"] = _number(value)
        record["step"] = None if step is None else int(step)
    elif isinstance(value, str):
        record["text"] = value
    else:
        raise ValueError("a metric is a number, a list of numbers or a text, not %s" % type(value).__name__)
    record["time"] = time.time()
    _append(record)


def log_metrics(metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
    """Log several values of one step."""
    for name, value in metrics.items():
        log(name, value, step)


def upload(path: str, content: Union[bytes, str, IO[Any]]) -> str:
    """Write content (bytes, text or an open file) to a file of the run's outputs; return the file's path.

    Raises ValueError for a path that leads out of the outputs.
    """
    parts = str(path).replace("\\", "/").split("/")
    if "\0" in str(path) or any(part in ("", ".", "..") for part in parts):
        raise ValueError("%r is not a path inside the outputs" % (path,))
    target = os.path.join(outputs_folder(), *parts)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    data = content.read() if hasattr(content, "read") else content
    with open(target, "wb") as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else bytes(data))
    return target


def outputs_folder() -> str:
    """Return the folder whose files are kept with the run; made if it is missing. `./outputs` when run by hand."""
    folder = os.environ.get("AMLWEB_OUTPUTS") or os.path.abspath("outputs")
    os.makedirs(folder, exist_ok=True)
    return folder


def run_id() -> Optional[str]:
    """Return the id of this run, None when the script is run by hand."""
    return os.environ.get("AMLWEB_RUN_ID") or None


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise ValueError("the name of a metric is a text that is not blank, not %r" % (name,))
    if len(name) > LONGEST_NAME:
        raise ValueError("the name of a metric has at most %d characters" % LONGEST_NAME)
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise ValueError("the name of a metric has no control characters: %r" % name)
    return name


def _plain(value: Any) -> Any:
    """Turn what numpy and its relatives give into plain Python: arrays to lists, their scalars to numbers."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "item") and not isinstance(value, (list, tuple, dict)):
        value = value.item()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, (int, float, str)) and hasattr(value, "__float__"):
        return float(value)
    return value


def _number(value: Union[int, float]) -> Union[int, float, str]:
    """JSON knows no NaN and no infinity; they are written as texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _append(record: Dict[str, Any]) -> None:
    """Add a line with one write, so that lines of several processes do not mix. A full disk must not end a training."""
    path = os.environ.get("AMLWEB_METRICS")
    if not path:
        _note("this script was not started by amlweb; its metrics are not kept")
        return
    line = json.dumps(record, allow_nan=False).encode("ascii") + b"\n"
    if len(line) > LONGEST_LINE_BYTES:
        raise ValueError("the value of %r is too long: a metric takes at most 1 MiB" % record["name"])
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        _note("metrics cannot be written and are not kept: %s" % error)


def _note(text: str) -> None:
    if text not in _notes_given:
        _notes_given.add(text)
        sys.stderr.write("amlweb_run: %s\n" % text)
