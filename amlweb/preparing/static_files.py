"""The static files, collected with their hashes only when one of them has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from amlweb.preparing.refusal import CannotStart


def fingerprint() -> str:
    """Return a digest of all static files' paths, sizes and times of change."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{storage.path(name)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static_files() -> bool:
    """Collect the static files if needed; return whether it was. Raises CannotStart when set-up was not done."""
    if not (settings.BASE_DIR / "static_npm" / "tabler").is_dir():
        raise CannotStart("The pages' packages are not installed. Run `make setup` in the project's folder first.")
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    current = fingerprint()
    if stamp.is_file() and stamp.read_text() == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(current)
    return True
