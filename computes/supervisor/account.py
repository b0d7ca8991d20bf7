"""The account that programs run under: its variables, its home and its programs."""

import os
import pwd
import shutil

ALLOWED_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR")
USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"


def account_environment() -> "dict[str, str]":
    """Return an allow-list of this process's variables; never the rest, which may hold secrets."""
    account = pwd.getpwuid(os.geteuid())
    found = {"PATH": USUAL_PATH, "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name}
    for name, value in os.environ.items():
        if name in ALLOWED_VARIABLES or name.startswith("LC_"):
            found[name] = value
    if not any(name == "LANG" or name.startswith("LC_") for name in found):
        found["LANG"] = "C.UTF-8"
    return found


def expand(path: str) -> str:
    """Return a path with `~` replaced by the account's home; relative paths are left as they are."""
    return os.path.expanduser(path)


def find_program(location: str) -> "str | None":
    """Return a program's path: a name is looked up in PATH; a path must be absolute or begin with `~`."""
    location = expand(location)
    if "/" not in location:
        return shutil.which(location, path=account_environment()["PATH"])
    return location if location.startswith("/") and os.path.exists(location) else None
