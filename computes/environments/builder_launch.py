"""Starts the builder as a session of its own, so that it outlives whoever asks for it."""

import os
import subprocess
import sys
from pathlib import Path

import computes
from computes.environments.solver_process import KEPT_VARIABLES

OF_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")

_LAUNCHER = """
import subprocess, sys
with open(sys.argv[1], "ab") as log:
    subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
"""


def launch_builder(request: Path, errors: Path) -> None:
    """Start the builder of a request file and return. What it prints, nothing unless it breaks, goes to `errors`.

    A short-lived launcher stands between, so that nobody has to wait for the builder's end. It sees an allow-list of
    the server's variables.
    """
    environment = {name: os.environ[name] for name in (*KEPT_VARIABLES, *OF_CERTIFICATES) if name in os.environ}
    environment["PYTHONPATH"] = str(Path(computes.__file__).parent.parent)
    builder = [sys.executable, "-s", "-m", "computes.environments.builder", str(request)]
    subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", _LAUNCHER, str(errors), *builder],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=environment,
        check=True,
        timeout=30,
    )
