"""Databases of the tests' installations: copies of tables that are made once, and each belongs to its installation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.server import ROOT, database_of_its_own

pytestmark = pytest.mark.stack
PROGRAM = """
import django
django.setup()
from amlweb.installation import mismatch
from amlweb.models import Installation
from amlweb.preparing.database import update_database
from django.contrib.auth.models import User
print(repr(mismatch()), Installation.objects.get().pk, update_database(), User.objects.count())
User.objects.create_user("alice")
"""


def look_into(data_dir: Path) -> str:
    """Begin an installation with tables, and return what a process of it says of its database; leave a person there."""
    data_dir.mkdir(mode=0o700)
    with database_of_its_own(data_dir, has_tables=True) as database_url:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "amlweb.settings",
            "AMLWEB_DATA_DIR": str(data_dir),
            "DATABASE_URL": database_url,
        }
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_each_installation_begins_with_all_tables_and_they_are_its_own(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    said = [look_into(folder) for folder in folders]
    ids = [(folder / "installation_id").read_text() for folder in folders]
    assert said == [f"'' {id} False 0" for id in ids], "no other owner, nothing to migrate, nobody there"
    assert ids[0] != ids[1]
