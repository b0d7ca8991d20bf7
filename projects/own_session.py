"""Starts `manage.py` commands in sessions of their own, so that they outlive the process that starts them.

A short-lived launcher stands between, so that nobody has to wait for their end.
"""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

_LAUNCHER = """
import subprocess, sys
with open(sys.argv[1], "ab") as log:
    subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
"""


def start_command(log_name: str, *words: str) -> None:
    """Start `manage.py WORDS` and return. What it prints is added to a file of the data folder. Raises OSError and
    subprocess.SubprocessError."""
    log = Path(settings.DATA_DIR) / log_name
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _LAUNCHER, str(log), *command],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "amlweb.settings")},
        check=True,
        timeout=30,
    )
