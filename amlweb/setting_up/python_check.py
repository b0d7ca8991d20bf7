"""Says in a sentence why a Python cannot be used. Written so that an old Python can read it: no modern syntax here."""

import sys

OLDEST = (3, 11)
NEEDED_MODULES = ("venv", "ensurepip", "sqlite3", "ssl")


def missing_modules():
    # type: () -> list[str]
    """Return the names of the needed parts of the standard library that this Python lacks."""
    missing = []
    for name in NEEDED_MODULES:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    return missing


def problem():
    # type: () -> str
    """Return what is wrong with this Python and what to do, or an empty text."""
    version = "%d.%d" % sys.version_info[:2]  # noqa: UP031 (an old Python reads this)
    if sys.version_info[:2] < OLDEST:
        return (
            "amlweb needs Python 3.11 or newer, and " + sys.executable + " is Python " + version + ".\n"
            "Install a newer one and name it: make run PYTHON=python3.12"
        )
    missing = missing_modules()
    if missing:
        return (
            sys.executable + " (Python " + version + ") comes without: " + ", ".join(missing) + ".\n"
            "On Debian and Ubuntu install it with: apt-get install python" + version + "-venv\n"
            "or name another Python: make run PYTHON=/path/to/python3"
        )
    return ""


if __name__ == "__main__":
    sys.exit(problem() or 0)
