"""Starts the process that builds or removes an environment: a session of its own, so that it outlives the task worker.

A short-lived launcher stands between, so that nobody has to wait for the builder's end. It notes who the builder is
before the builder may do anything: a builder that nobody knows cannot be ended.
"""

import os
import subprocess
import sys

from django.conf import settings

from computes.build_folder import Attempt
from computes.environments.solver_process import KEPT_VARIABLES

DEADLINE_SECONDS = 30
OF_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_LAUNCHER = """
import json, os, subprocess, sys
note, complaints = sys.argv[1:3]
reading, writing = os.pipe()
gate = "import os, sys\\nos.read(0, 1) or sys.exit(1)\\nos.dup2(os.open(os.devnull, os.O_RDONLY), 0)\\n"
gate += "os.execv(sys.argv[1], sys.argv[1:])"
with open(complaints, "ab") as log:
    builder = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", gate, *sys.argv[3:]],
        stdin=reading, stdout=log, stderr=log, start_new_session=True,
    )
with open("/proc/%d/stat" % builder.pid, "rb") as file:
    ticks = int(file.read().rsplit(b")", 1)[1].split()[19])
with open("/proc/sys/kernel/random/boot_id") as file:
    boot = file.read().strip()
with open(note + ".new", "w") as file:
    json.dump({"pid": builder.pid, "ticks": ticks, "boot_id": boot}, file)
os.replace(note + ".new", note)
os.write(writing, b"!")
"""


def variables() -> dict[str, str]:
    """Return the environment of such a process: an allow-list, and where our own modules are."""
    kept = {name: os.environ[name] for name in (*KEPT_VARIABLES, *OF_CERTIFICATES) if name in os.environ}
    return kept | {"PYTHONPATH": str(settings.BASE_DIR)}


def start_process(attempt: Attempt, program: list[str]) -> None:
    """Start the program of an attempt whose request is written. Raises subprocess.SubprocessError or OSError."""
    subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-W",
            "ignore",
            "-c",
            _LAUNCHER,
            str(attempt.process),
            str(attempt.complaints),
            *program,
            str(attempt.request),
        ],
        stdin=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env=variables(),
        check=True,
        timeout=DEADLINE_SECONDS,
    )
