"""What is done on a head node before a run becomes spark-submit."""

import json
import os
import sys

from .modules import write_modules
from .packing import PackingFailed, ensure_pack
from .watching import begin_watching

NOT_READY = 126
NOT_PACKED = "The environment could not be packed for the cluster: "


def make_ready() -> int:
    """Pack the environment and start to watch. Returns an exit code where that fails, after a word in the log."""
    folder = os.environ["AMLWEB_RUN_FOLDER"]
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        spec = json.load(file)
    part = spec["cluster"]
    try:
        if part["pack"]:
            ensure_pack(part["prefix"], part["pack"], part["packer"])
        if part["modules"]:
            write_modules(spec["working_folder"], part["modules"])
    except (PackingFailed, OSError) as error:
        sys.stderr.write("%s%s\n" % (NOT_PACKED, error))
        return NOT_READY
    begin_watching(folder, spec)
    return 0
