"""The last piece of a system log: what Livy heard. It is written once, when the end is known."""

import time

from computes.errors import TargetError
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.spark_driver.layout import CLOSING

KILLED = "killed.log"  # what Livy heard, kept before it was told to kill and to forget
MOST_LINES = 2000
MOST_BYTES = 512 * 1024


def close(run: RunBehindLivy) -> None:
    """Write the closing piece unless it is there. Livy's silence does not stand in the way; it is then said so."""
    if run.shared.read(CLOSING, 1) is not None:
        return
    run.shared.storage.claim(f"{run.shared.folder}/{CLOSING}", run.shared.read(KILLED) or closing_of(run))


def closing_of(run: RunBehindLivy) -> bytes:
    """Return the text of the closing piece, cut from its beginning where it is too long."""
    number = run.batch_number()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if number is None:
        return f"{stamp} no batch of Livy is known of this run\n".encode()
    try:
        batch = run.batch()
        lines = run.livy.log(batch.id, MOST_LINES) if batch is not None else []
    except TargetError as error:
        return f"{stamp} what Livy heard of batch {number} could not be fetched: {error.text}\n".encode()
    if batch is None:
        return f"{stamp} Livy does not know batch {number} any more\n".encode()
    application = f", application {batch.application}" if batch.application else ""
    links = "".join(f"{link}\n" for link in (batch.driver_log, batch.spark_page) if link)
    said = "\n".join(lines).encode()[-MOST_BYTES:]
    head = f"{stamp} Livy: batch {batch.id} is {batch.state}{application}\n{links}".encode()
    return head + said + b"\n" if said else head


def heard_in(piece: str) -> list[str]:
    """Return what Livy heard, out of a closing piece: behind our own line and the pages."""
    lines = piece.splitlines()[1:]
    while lines and lines[0].startswith(("http://", "https://")):
        lines.pop(0)
    return lines
