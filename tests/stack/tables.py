"""Tables that are made once in a test run: databases of further installations begin as copies of them.

Making all tables takes seconds of processor time. Tests of a first start have a server make its own.
"""

import atexit
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from amlweb.kept_secrets import kept_text, new_installation_id

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = "amlweb.sqlite3"
PROGRAM = """
import django
django.setup()
from django.db import connections
from amlweb.preparing.database import update_database
update_database()
connections.close_all()
"""
OWNER = "UPDATE amlweb_installation SET id = {}"


def new_database(server: str, template: str = "") -> str:
    """Make a database on a server of PostgreSQL, empty or as a copy of another there, and return its address."""
    name = f"amlweb_{secrets.token_hex(6)}"
    copied = f' TEMPLATE "{name_in(template)}"' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{copied}')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def drop_database(server: str, address: str) -> None:
    """Remove a database, whoever is connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name_in(address)}" WITH (FORCE)')


def name_in(address: str) -> str:
    """Return the name of the database in an address."""
    return urlsplit(address).path.removeprefix("/")


def make_tables(data_dir: Path, database_url: str) -> None:
    """Make all tables in a database, as the first start of an installation does."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "amlweb.settings",
        "AMLWEB_DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
    }
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, cwd=ROOT, check=True)


@cache
def file_with_tables() -> Path:
    """Return a file of SQLite with all tables, which is made when it is first asked for and goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="amlweb-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_tables(folder, "")
    return folder / FILE


@cache
def database_with_tables(server: str) -> str:
    """Return the address of a database with all tables on a server of PostgreSQL; it goes with this process."""
    address = new_database(server)
    atexit.register(drop_database, server, address)
    with tempfile.TemporaryDirectory(prefix="amlweb-tables-") as folder:
        make_tables(Path(folder), address)
    return address


def copy_file_with_tables(data_dir: Path) -> None:
    """Let an installation on SQLite begin with tables that are its own."""
    shutil.copyfile(file_with_tables(), data_dir / FILE)
    with sqlite3.connect(data_dir / FILE) as connection:
        connection.execute(OWNER.format("?"), [kept_text(data_dir / "installation_id", new_installation_id)])
    connection.close()


def copy_database_with_tables(server: str, data_dir: Path) -> str:
    """Make a database with tables that are an installation's own, and return its address."""
    address = new_database(server, database_with_tables(server))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(OWNER.format("%s"), [kept_text(data_dir / "installation_id", new_installation_id)])
    return address
