"""How far the application is: stages and tasks, as Spark counts them in the driver's own Java.

They come from the store behind Spark's pages (there since Spark 2.3) and not from the pages: YARN answers those by
way of its proxy, which may want a login; their first answer takes many seconds; and they may be switched off. All of it
happens in a thread, because the log must not wait. What does not answer is no failure.
"""

import json
import threading

from ..in_run.amlweb_cluster.driver_pages import progress_of
from .java import gateway, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional

EVERY_SECONDS = 2.0
MOST_CHARACTERS = 8 * 1024**2


class Progress:
    """Knows the progress of the application whose driver this is. `latest` is None until something is known."""

    def __init__(self) -> None:
        self.latest: "Optional[Dict[str, Any]]" = None
        self.over = threading.Event()

    def begin(self) -> None:
        """Look every few seconds, until the end."""
        threading.Thread(target=self.watch, name="progress", daemon=True).start()

    def end(self) -> None:
        """Look no more."""
        self.over.set()

    def watch(self) -> None:
        """Look until the end. Without a gateway there is nothing to look at."""
        try:
            java = gateway()
        except OSError:
            return
        while not self.over.wait(EVERY_SECONDS):
            try:
                self.latest = told(lambda: progress_in(java)) or self.latest
            except (OSError, ValueError, TypeError, AttributeError):  # also where another Spark has other names
                continue


def progress_in(java: "Any") -> "Optional[Dict[str, Any]]":
    """Return stages and tasks of all jobs that Spark remembers, and whether it waits for executors; None while the
    script has no context of Spark. Raises OSError and ValueError, and what py4j raises.
    """
    contexts = getattr(getattr(java.jvm.org.apache.spark, "SparkContext$"), "MODULE$")
    active = contexts.getActive()
    if not active.isDefined():
        return None
    context = active.get()
    jackson = java.jvm.com.fasterxml.jackson
    mapper = jackson.databind.ObjectMapper().registerModule(jackson.module.scala.DefaultScalaModule())
    said = mapper.writeValueAsString(context.statusStore().jobsList(None))
    found: "Dict[str, Any]" = dict(progress_of(json.loads(said[:MOST_CHARACTERS])))
    is_busy = found.pop("is_busy")
    executors = len(context.statusTracker().getExecutorInfos())  # the driver counts as one
    found["has_no_executor"] = bool(is_busy) and not context.isLocal() and executors <= 1
    return found
