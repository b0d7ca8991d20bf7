"""What is done on a head node before a run becomes spark-submit."""

import json
import os

from .sending import NOT_READY, make_what_is_sent
from .watching import begin_watching


def make_ready() -> int:
    """Pack the environment and start to watch. Returns an exit code where that fails, after a word in the log."""
    folder = os.environ["AMLWEB_RUN_FOLDER"]
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        spec = json.load(file)
    if not make_what_is_sent(spec):
        return NOT_READY
    begin_watching(folder, spec)
    return 0
