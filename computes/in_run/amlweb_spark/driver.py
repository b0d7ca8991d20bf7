"""What spark-submit runs in the driver: it becomes the script, with its literal arguments and the run's own log.

The log is opened anew, because what spark-submit gives a Python program is a pipe through Java.
"""

import json
import os
import sys


def become_the_script() -> None:
    """Replace this program by the script. Raises OSError where that is not possible."""
    folder = os.environ["AMLWEB_RUN_FOLDER"]
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        spec = json.load(file)
    log = os.open(os.path.join(folder, "log"), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    os.chdir(spec["working_folder"])
    os.dup2(log, 1)
    os.dup2(log, 2)
    argv = [sys.executable] + spec["spark"]["script"]
    encoded = [argument.encode("utf-8", "surrogateescape") for argument in argv]
    os.execv(sys.executable, encoded)  # noqa: S606 - an argv list is the point


if __name__ == "__main__":
    become_the_script()
