#!/usr/bin/env python
"""The command line of the server: `manage.py up`, `manage.py createtoken USER`, and Django's own commands.

Runs under the project's own virtual environment also when it is called with another Python.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN_PYTHON = HERE / ".venv" / "bin" / "python"


def main() -> None:
    """Hand the arguments to Django. Nonsense in a setting is told in its sentence; `--traceback` shows where."""
    if find_spec("django") is None:
        if OWN_PYTHON.exists() and Path(sys.prefix) != HERE / ".venv":
            os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])  # noqa: S606 (our own interpreter, our own arguments)
        sys.exit("Django is not installed here. Run `make setup` in the project's folder first.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amlweb.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 (Django may be missing)
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"amlweb cannot start: {problem}")


if __name__ == "__main__":
    main()
