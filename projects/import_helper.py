"""Starts the process that imports from git: a session of its own, so that it outlives the web process.

A short-lived launcher stands between, so that nobody has to wait for the helper's end.
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


def launch_import(import_id: int) -> None:
    """Start `manage.py importsource <id>`. Starting it twice is harmless: the second finds nothing to do."""
    log = Path(settings.DATA_DIR) / "imports.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    helper = [sys.executable, str(settings.BASE_DIR / "manage.py"), "importsource", str(import_id)]
    subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _LAUNCHER, str(log), *helper],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "amlweb.settings")},
        check=True,
        timeout=30,
    )
