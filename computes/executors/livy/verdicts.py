"""What is concluded of a run whose driver has left no record, as it is written into the storage.

A verdict says how the run was lost (`lost`, with a `remedy` where there is one), what that means (`loss`) and whether a
driver `has_begun`; or it is an exit record, where we have ended the run ourselves.
"""

import re
from collections.abc import Sequence
from typing import Any

from computes.contract import Loss
from computes.executors.livy.batch import Batch
from computes.executors.spark.failure_signs import sign_in
from computes.shared_storage.parts import PartsIndex

ENDS = {"success": "ended well", "dead": "failed", "error": "failed", "killed": "was killed"}
CANCELED = {"code": None, "signal": None, "ended_by": "cancel", "out_of_memory": False, "duration_seconds": 0.0}
FORGOTTEN = "Livy does not know the batch any more, and its driver has not begun."
OVER_MEMORY = re.compile(r"running (?:\d+B )?beyond (?:the )?'?(?:physical|virtual)'? memory limit", re.IGNORECASE)
MORE_MEMORY = "Ask for more memory for the driver, or set spark.driver.memoryOverhead higher."
SMALL_TALK = re.compile(r"^at \S|\bINFO\b")
MOST_WORDS = 300


def before_a_driver(batch: Batch, heard: list[str]) -> dict[str, object]:
    """Return the verdict on a batch that has ended and whose driver never began. `heard` is all that Livy heard."""
    if sign := sign_in("\n".join([*heard, *batch.lines])):
        return {"lost": sign.text, "remedy": sign.remedy, "loss": Loss.UNPREPARED}
    why = f"The batch {ENDS[batch.state]} before its driver began, so the script did not run."
    return {"lost": f"{why} {last_words(heard or batch.lines)}", "loss": Loss.NOT_STARTED}


def after_a_driver(batch: Batch | None, heard: list[str]) -> dict[str, object]:
    """Return the verdict on a batch whose driver has begun and gives no sign of life. `batch` is None where Livy knows
    it no more.

    The words on memory are those of YARN (ContainersMonitorImpl) in Hadoop 2 and 3.
    """
    end = ENDS[batch.state] if batch is not None else "is not known any more"
    why = f"The driver gives no sign of life, and the batch {end} to Livy: it was ended before it could record how."
    verdict: dict[str, object] = {"lost": why, "has_begun": True}
    if batch is None:
        return verdict
    words = last_words(heard or batch.lines)
    if OVER_MEMORY.search("\n".join([*heard, *batch.lines])):
        text = f"YARN ended the driver, which took more memory than its container has. {words}"
        return verdict | {"lost": text, "remedy": MORE_MEMORY, "loss": Loss.OUT_OF_MEMORY}
    verdict["lost"] = f"{why} {words}"
    return verdict | {"loss": Loss.KILLED} if batch.state == "killed" else verdict


def canceled(parts: PartsIndex, waited: float) -> dict[str, object]:
    """Return the record of a run that Livy has killed for us, so many seconds after the stop was asked for."""
    parts.refresh()
    return {**CANCELED, "log_bytes": parts.end_of("log"), "log_crc32": None, "steps": [["killed by Livy", waited]]}


def last_words(heard: Sequence[str]) -> str:
    """Return the last lines of what Livy heard: no headings, and neither Java's stack nor its farewell where there is
    anything else."""
    said = [line.strip() for line in heard if line.strip() and not line.rstrip().endswith(":")]
    said = [line for line in said if not SMALL_TALK.search(line)] or said
    words = ""
    for line in reversed(said):
        longer = f"{line} · {words}" if words else line[-MOST_WORDS:]
        if len(longer) > MOST_WORDS:
            break
        words = longer
    return f"Livy's last words: {words}" if words else "Livy heard nothing about it."


def loss_in(record: dict[str, Any]) -> Loss:
    """Return what a verdict says of the loss; what scripts may write there is believed for nothing but words."""
    try:
        return Loss(record["loss"])
    except (LookupError, ValueError):
        return Loss.UNPREPARED if record.get("remedy") else Loss.UNKNOWN  # as earlier versions wrote it
